/**
 * One row per driver: all that the suite needs to test it against its emulator. A new driver adds one row here.
 * Fault names are those of the driver's emulator; omit a fault that a device cannot have.
 */
import { ROOM_ANCHORS } from '../../devices/drivers/pozyx/walk.ts';
import type { SensorSource } from '../../electron/common/kit.ts';

export interface Fault {
  name: string;
  argument?: number;
}

export interface ConformanceRow {
  /** The driver's id in the registry. */
  driver: string;
  /** Distinguishes rows of one driver. */
  variant?: string;
  kind: Extract<SensorSource['kind'], 'serial' | 'hid' | 'mqtt' | 'tcp'>;
  settings: Record<string, unknown>;
  /** Emulator settings, as after `emulator:NAME?`. */
  parameters?: Record<string, string>;
  /** Device description as the system would list it; serial numbers are added. */
  device?: { vendorId: string; productId: string; manufacturer?: string; product?: string };
  /** Samples that must arrive within `withinMs` of plugging in; default 20 within 5000. */
  samples?: number;
  withinMs?: number;
  faults: {
    /** Damages frames on the wire so that the checksum is wrong. */
    corrupt?: Fault;
    /** Bytes that belong to no frame. */
    garbage?: Fault;
    /** No data for `argument` milliseconds: 2500 is well above the suite's silence limit of 1000. */
    silent?: Fault;
    /** The device stops in mid-frame and restarts. */
    restart?: Fault;
    /** Set before power-on: another device answers. */
    wrongDevice?: Fault;
  };
}

const linesColumns = [
  { name: 'count', type: 'integer', column: 1 },
  { name: 'value', unit: 'V', column: 3 },
];
const linesFaults = {
  garbage: { name: 'garbage', argument: 60 },
  silent: { name: 'silent', argument: 2500 },
  restart: { name: 'restart' },
  wrongDevice: { name: 'wrong-device' },
};
const pozyx = { vendorId: '0483', productId: '5740', manufacturer: 'Pozyx Labs' };
/** The age of a request depends on the run's timing, which the emulator cannot know. */
const pozyxSettings = { anchors: [...ROOM_ANCHORS], requestAge: false };
const pozyxFaults = {
  garbage: { name: 'garbage', argument: 60 },
  silent: { name: 'silent', argument: 2500 },
  restart: { name: 'restart' },
  wrongDevice: { name: 'wrong-device' },
};
const board = { vendorId: '2341', productId: '0043', manufacturer: 'Arduino' };

const stick = { vendorId: '0fcf', productId: '1009', product: 'ANTUSB-m' };
/** Zeros instead of a licensed key: the emulated stick accepts any key. */
const noKey = { networkKey: '0000000000000000' };
const stickFaults = {
  corrupt: { name: 'corrupt-checksum', argument: 3 },
  garbage: { name: 'garbage', argument: 3 },
  restart: { name: 'restart' },
  wrongDevice: { name: 'wrong-device' },
};

const hidFaults = {
  garbage: { name: 'garbage', argument: 3 },
  restart: { name: 'restart' },
  wrongDevice: { name: 'wrong-device' },
};

export const rows: readonly ConformanceRow[] = [
  {
    driver: 'lines',
    variant: 'csv with checksum',
    kind: 'serial',
    device: board,
    settings: {
      format: 'csv',
      checksum: 'crc8',
      columns: linesColumns,
      deviceTime: { column: 2, tickNs: 1e6 },
      counter: 1,
    },
    parameters: { rate: '100' },
    faults: { ...linesFaults, corrupt: { name: 'corrupt-checksum', argument: 3 } },
  },
  {
    driver: 'lines',
    variant: 'guessed',
    kind: 'serial',
    device: board,
    settings: {},
    parameters: { rate: '50' },
    faults: linesFaults,
  },
  {
    driver: 'lines',
    variant: 'json over tcp',
    kind: 'tcp',
    settings: {
      format: 'json',
      columns: [{ name: 'value' }, { name: 'count', type: 'integer' }],
      counter: 'count',
    },
    parameters: { rate: '50' },
    faults: linesFaults,
  },
  {
    driver: 'pozyx',
    variant: 'register firmware with covariance',
    kind: 'serial',
    device: pozyx,
    settings: { ...pozyxSettings, what: ['position', 'covariance'] },
    parameters: { positionMs: '20' },
    withinMs: 20_000,
    faults: { ...pozyxFaults, corrupt: { name: 'corrupt', argument: 2 } },
  },
  {
    driver: 'pozyx',
    variant: 'cloud firmware with sensors',
    kind: 'serial',
    device: pozyx,
    settings: { ...pozyxSettings, what: ['position', 'sensors'] },
    parameters: { positionMs: '20', firmware: '12' },
    withinMs: 20_000,
    faults: { ...pozyxFaults, corrupt: { name: 'truncate', argument: 2 } },
  },
  {
    driver: 'pozyx',
    variant: 'one tag by radio, over tcp',
    kind: 'tcp',
    settings: { requestAge: false, tags: ['0x6012', '0x6E66'] },
    parameters: { positionMs: '20' },
    withinMs: 30_000,
    faults: pozyxFaults,
  },
  {
    driver: 'pozyx-lines',
    kind: 'serial',
    device: board,
    settings: {},
    parameters: { rate: '50', tags: '0,6012' },
    faults: { ...pozyxFaults, corrupt: { name: 'bad-line', argument: 3 } },
  },
  {
    driver: 'pozyx-mqtt',
    kind: 'mqtt',
    settings: {},
    parameters: { rate: '25', tags: '27196,27197', version: '2.0' },
    faults: { ...pozyxFaults, corrupt: { name: 'bad-json', argument: 3 } },
  },
  {
    driver: 'ant-heart-rate',
    variant: 'a class in scan',
    kind: 'serial',
    device: stick,
    settings: { ...noKey, mode: 'scan' },
    parameters: { straps: '30' },
    faults: { ...stickFaults, silent: { name: 'silent', argument: 2500 } },
  },
  {
    driver: 'ant-heart-rate',
    variant: 'one paired strap',
    kind: 'serial',
    device: stick,
    settings: { ...noKey, deviceNumber: 25170 },
    // A heart rate fast enough for the suite's silence limit.
    parameters: { minRr: '330' },
    samples: 6,
    withinMs: 8_000,
    faults: stickFaults,
  },
  {
    driver: 'pulse-lines',
    variant: 'plotter',
    kind: 'serial',
    device: board,
    settings: {},
    faults: { ...linesFaults, garbage: { name: 'garbage', argument: 3 } },
  },
  {
    driver: 'pulse-lines',
    variant: 'psws',
    kind: 'serial',
    device: board,
    settings: { format: 'psws' },
    faults: {
      ...linesFaults,
      garbage: { name: 'garbage', argument: 3 },
      corrupt: { name: 'corrupt-checksum', argument: 3 },
    },
  },
  {
    driver: 'go-direct',
    kind: 'hid',
    device: { vendorId: '08f7', productId: '0010', manufacturer: 'Vernier', product: 'GDX-RB' },
    settings: { periodMs: 20 },
    faults: {
      corrupt: { name: 'corrupt-checksum', argument: 3 },
      garbage: { name: 'garbage', argument: 3 },
      silent: { name: 'silent', argument: 2500 },
      restart: { name: 'restart' },
      wrongDevice: { name: 'wrong-device' },
    },
  },
  {
    driver: 'hid-marker',
    variant: 'buzzers',
    kind: 'hid',
    device: { vendorId: '054c', productId: '1000', manufacturer: 'Sony', product: 'Buzz' },
    settings: { device: 'sony-buzz' },
    // Slow enough that the twenty buttons do not repeat while a cable is unplugged.
    parameters: { rate: '4' },
    samples: 10,
    faults: hidFaults,
  },
  {
    driver: 'hid-marker',
    variant: 'mapped in the kit',
    kind: 'hid',
    device: { vendorId: '16c0', productId: '0486', product: 'Keypad' },
    settings: { buttons: Array.from({ length: 96 }, (_, i) => ({ button: i + 1, byte: i >> 3, bit: i & 7 })) },
    parameters: { rate: '10' },
    faults: hidFaults,
  },
  {
    driver: 'hid-marker',
    variant: 'a button that is asked',
    kind: 'hid',
    device: { vendorId: '1d34', productId: '000d', product: 'Dream Cheeky' },
    settings: { device: 'dream-cheeky' },
    parameters: { rate: '2' },
    samples: 8,
    faults: { garbage: { name: 'garbage', argument: 3 } },
  },
  {
    driver: 'nmea',
    kind: 'serial',
    device: { vendorId: '1546', productId: '01a8', manufacturer: 'u-blox' },
    settings: { baudRate: 9600 },
    parameters: { rate: '10' },
    faults: {
      corrupt: { name: 'corrupt-checksum', argument: 3 },
      garbage: { name: 'garbage', argument: 3 },
      silent: { name: 'silent', argument: 2500 },
      restart: { name: 'restart' },
      wrongDevice: { name: 'wrong-device' },
    },
  },
];
