/**
 * Known marker devices: which buttons are down, from their input reports. Source: the table of
 * /shared/sensor-protocols.md section 5. A layout returns the buttons that are down; the parser turns changes into
 * edges.
 */
import { type HidDescriptor, readField } from './descriptor.ts';

/** Buttons that are down, with their names. Events such as a turn of a knob or a vote have no release. */
export interface Reading {
  down: ReadonlyMap<number, string>;
  events: readonly { button: number; name: string; key: string }[];
}

export interface Layout {
  /** Null: the report does not belong to this device, by its length or content. */
  read(report: Uint8Array): Reading | null;
  /** A device that must be polled: the request, and how often. */
  poll?: { report: Uint8Array; everyMs: number };
}

export const DEVICES = [
  'infinity-pedal',
  'x-keys-pedal',
  'presenter',
  'keyboard',
  'sony-buzz',
  'dream-cheeky',
  'powermate',
  'iclicker',
] as const;
export type DeviceName = (typeof DEVICES)[number];

/** USB ids; `sure` is false if the id is inferred. */
export const KNOWN: readonly { vendorId: string; productId: string; device: DeviceName; sure: boolean }[] = [
  { vendorId: '05f3', productId: '00ff', device: 'infinity-pedal', sure: false },
  { vendorId: '05f3', productId: '0268', device: 'x-keys-pedal', sure: true },
  { vendorId: '0c45', productId: '7403', device: 'keyboard', sure: true },
  { vendorId: '046d', productId: 'c538', device: 'presenter', sure: true },
  { vendorId: '046d', productId: 'c52d', device: 'presenter', sure: true },
  { vendorId: '054c', productId: '1000', device: 'sony-buzz', sure: true },
  { vendorId: '054c', productId: '0002', device: 'sony-buzz', sure: false },
  { vendorId: '1d34', productId: '000d', device: 'dream-cheeky', sure: true },
  { vendorId: '077d', productId: '0410', device: 'powermate', sure: true },
  { vendorId: '1881', productId: '0150', device: 'iclicker', sure: true },
];

const none: Reading['events'] = [];
const down = (entries: readonly (readonly [number, string])[]): Reading => ({ down: new Map(entries), events: none });
const bits = (value: number, count: number, name: (index: number) => string): Reading =>
  down(
    Array.from({ length: count }, (_, i) => [i + 1, name(i)] as const).filter(
      ([button]) => ((value >>> (button - 1)) & 1) === 1,
    ),
  );

const PEDALS = ['left', 'centre', 'right'];

/** Keyboard-page usages that presenters send. */
const PRESENTER_KEYS: Record<number, string> = { 75: 'previous', 78: 'next', 62: 'start', 41: 'end', 55: 'blank' };
const keyName = (usage: number): string => `key ${usage.toString(16).padStart(2, '0')}`;

/** A boot keyboard: modifiers, 0, six usages. The button's number is the usage; E0 to E7 are the modifiers. */
function keyboard(report: Uint8Array, names: Record<number, string>): Reading | null {
  if (report.length !== 8) return null;
  const keys = [...report.subarray(2)];
  // Usage 01 in every position: more keys than the device can report. The real state is unknown, so nothing is
  // reported.
  if (keys.every((key) => key === 0x01)) return null;
  const modifiers = Array.from({ length: 8 }, (_, i) => 0xe0 + i).filter(
    (_usage, i) => (((report[0] as number) >> i) & 1) === 1,
  );
  return down(
    [...modifiers, ...keys.filter((key) => key > 0x03)].map(
      (usage) => [usage, names[usage] ?? keyName(usage)] as const,
    ),
  );
}

/** Two records of 32 bytes; `02 13` is a vote: 81 = A, three bytes of the clicker's id, a sequence number. */
function iclicker(report: Uint8Array): Reading | null {
  if (report.length !== 64) return null;
  const events: { button: number; name: string; key: string }[] = [];
  for (const at of [0, 32]) {
    const [head, kind, vote, a, b, c, sequence] = report.subarray(at, at + 7) as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    if (head !== 0x02 || kind !== 0x13 || vote < 0x81 || vote > 0x85) continue;
    // The fourth byte printed on the clicker is the XOR of the other three.
    const id = [a, b, c, a ^ b ^ c]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('')
      .toUpperCase();
    events.push({
      button: vote - 0x80,
      name: `${String.fromCharCode(0x41 + vote - 0x81)} ${id}`,
      key: `${id}/${sequence}`,
    });
  }
  return { down: new Map(), events };
}

/** Turns of the knob are events: it has no position to keep. */
function powermate(report: Uint8Array): Reading | null {
  const [button, turn] = report;
  if (button === undefined || turn === undefined) return null;
  const steps = (turn << 24) >> 24;
  const events =
    steps === 0 ? none : [{ button: steps > 0 ? 2 : 3, name: `turn ${steps > 0 ? '+' : ''}${steps}`, key: '' }];
  return { down: new Map((button & 1) === 1 ? [[1, 'button']] : []), events };
}

const u8 = (report: Uint8Array, at: number): number => report[at] ?? 0;

export const LAYOUTS: Record<DeviceName, Layout> = {
  'infinity-pedal': {
    read: (report) => (report.length === 2 ? bits(u8(report, 0), 3, (i) => PEDALS[i] as string) : null),
  },
  // The table counts bits 2 to 4 from one.
  'x-keys-pedal': {
    read: (report) =>
      report.length === 19 ? bits(u8(report, 2) >> 1, 3, (i) => ['left', 'middle', 'right'][i] as string) : null,
  },
  presenter: { read: (report) => keyboard(report, PRESENTER_KEYS) },
  keyboard: { read: (report) => keyboard(report, {}) },
  'sony-buzz': {
    read: (report) =>
      report.length === 5
        ? bits(
            u8(report, 2) | (u8(report, 3) << 8) | (u8(report, 4) << 16),
            20,
            (i) => `handset ${Math.floor(i / 5) + 1} button ${(i % 5) + 1}`,
          )
        : null,
  },
  'dream-cheeky': {
    // 15: lid closed, 17: lid open, 16: pressed, which needs an open lid.
    read: (report) => {
      const state = report[0];
      if (state === 0x15) return down([]);
      if (state === 0x17) return down([[2, 'lid']]);
      return state === 0x16
        ? down([
            [1, 'button'],
            [2, 'lid'],
          ])
        : null;
    },
    poll: { report: Uint8Array.of(0x08, 0, 0, 0, 0, 0, 0, 0x02), everyMs: 100 },
  },
  powermate: { read: powermate },
  iclicker: { read: iclicker },
};

/**
 * One button from the settings' mapping: a bit of a byte, or a value that the byte (under a mask) has while the button
 * is down.
 */
export interface ButtonMapping {
  button: number;
  name?: string | undefined;
  byte: number;
  bit?: number | undefined;
  value?: number | undefined;
  mask?: number | undefined;
  /** Only in reports that begin with this byte, which is then the report number. */
  reportId?: number | undefined;
}

/** Bits and bytes from the settings. A numbered report affects only its own buttons; others keep their state. */
export function mappedLayout(mapping: readonly ButtonMapping[]): Layout {
  let held = new Map<number, string>();
  return {
    read: (report) => {
      const ours = mapping.filter(({ reportId }) => reportId === undefined || report[0] === reportId);
      // A report with another number says nothing about these buttons.
      if (ours.length === 0) return { down: held, events: none };
      // All reports with one number have the same length, so a shorter one is not from this device.
      if (ours.some(({ byte }) => byte >= report.length)) return null;
      held = new Map(held);
      for (const { button, name, byte, bit, value, mask = 0xff } of ours) {
        const read = u8(report, byte);
        const isDown = bit === undefined ? (read & mask) === value : ((read >> bit) & 1) === 1;
        if (isDown) held.set(button, name ?? `button ${button}`);
        else held.delete(button);
      }
      return { down: held, events: none };
    },
  };
}

/** Buttons (page 09) and keys (page 07) of a report descriptor; null if it has none. */
export function descriptorLayout({ numbered, fields }: HidDescriptor): Layout | null {
  const useful = fields.filter(
    (field) => !field.isConstant && !field.isRelative && (field.usagePage === 0x09 || field.usagePage === 0x07),
  );
  if (useful.length === 0) return null;
  const nameOf = (page: number, usage: number): string => (page === 0x07 ? keyName(usage) : `button ${usage}`);
  const held = new Map<number, Map<number, string>>();
  return {
    read: (report) => {
      const id = numbered ? u8(report, 0) : 0;
      const body = numbered ? report.subarray(1) : report;
      const here = useful.filter((field) => field.reportId === id);
      if (report.length === 0) return null;
      const now = new Map<number, string>();
      for (const field of here) {
        const value = readField(body, field);
        if (value === null) return null;
        const usage = field.isArray ? field.usage + value - field.logicalMin : field.usage;
        const isDown = field.isArray ? value > field.logicalMin && usage > 0x03 : value !== 0;
        if (isDown) now.set(usage, nameOf(field.usagePage, usage));
      }
      held.set(id, now);
      return { down: new Map([...held.values()].flatMap((part) => [...part])), events: none };
    },
  };
}
