/**
 * One row a driver: all that the suite must know to try it against its emulator. A new driver adds one row here.
 * Fault names are those of the driver's emulator; a fault that a device cannot have is left out.
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
  /** What the emulator is given, as behind `emulator:NAME?`. */
  parameters?: Record<string, string>;
  /** What the device tells the system of itself; serial numbers are added. */
  device?: { vendorId: string; productId: string; manufacturer?: string; product?: string };
  /** Samples that must have come within `withinMs` of plugging in; default 20 within 5000. */
  samples?: number;
  withinMs?: number;
  faults: {
    /** Damages frames on the wire so that a checksum shows it. */
    corrupt?: Fault;
    /** Bytes that belong to no frame. */
    garbage?: Fault;
    /** Nothing comes for `argument` milliseconds: 2500 is well above the suite's silence limit of 1000. */
    silent?: Fault;
    /** The device breaks off in mid-frame and begins anew. */
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
/** The age of a request is a time of the run that no emulator can know. */
const pozyxSettings = { anchors: [...ROOM_ANCHORS], requestAge: false };
const pozyxFaults = {
  garbage: { name: 'garbage', argument: 60 },
  silent: { name: 'silent', argument: 2500 },
  restart: { name: 'restart' },
  wrongDevice: { name: 'wrong-device' },
};
const board = { vendorId: '2341', productId: '0043', manufacturer: 'Arduino' };

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
];
