/**
 * HID report descriptors: the layout of an input report. Pure. Source: USB HID 1.11 section 6.2.2, as in
 * /shared/sensor-protocols.md section 5.
 */

export interface HidField {
  /** 0 if the device does not number its reports. */
  reportId: number;
  /** Bit offset in the report, without the id byte; fields fill bits from the lowest. */
  bitOffset: number;
  bitSize: number;
  usagePage: number;
  /** The usage of a variable field; for an array, the lowest usage, which corresponds to its logical minimum. */
  usage: number;
  logicalMin: number;
  logicalMax: number;
  /** Padding. */
  isConstant: boolean;
  /** Contains the usage that is pressed, like the six bytes of a keyboard, rather than the value of one usage. */
  isArray: boolean;
  isRelative: boolean;
}

export interface HidDescriptor {
  /** True: the first byte of each report is its id. */
  numbered: boolean;
  fields: HidField[];
}

/** More than any real device has; anything larger is not a valid descriptor. */
const MAX_FIELDS = 1024;
const MAX_STACK = 16;

interface Globals {
  usagePage: number;
  logicalMin: number;
  logicalMax: number;
  reportSize: number;
  reportId: number;
  reportCount: number;
}

/** Reads as far as the bytes are valid; never throws. Only input reports are returned. */
export function parseReportDescriptor(bytes: Uint8Array): HidDescriptor {
  let globals: Globals = { usagePage: 0, logicalMin: 0, logicalMax: 0, reportSize: 0, reportId: 0, reportCount: 0 };
  const stack: Globals[] = [];
  const offsets = new Map<number, number>();
  const fields: HidField[] = [];
  let usages: number[] = [];
  let range = null as { min: number; max: number } | null;
  let numbered = false;
  for (let at = 0; at < bytes.length; ) {
    const prefix = bytes[at] as number;
    // A long item: its size is in the next byte. None is defined, so it is skipped.
    if (prefix === 0xfe) {
      at += 3 + (bytes[at + 1] ?? 0);
      continue;
    }
    const size = [0, 1, 2, 4][prefix & 0x03] as number;
    if (at + 1 + size > bytes.length) break;
    const value = readValue(bytes, at + 1, size);
    at += 1 + size;
    // The lowest two bits are the size and not part of the item's tag.
    switch (prefix & 0xfc) {
      case 0x04:
        globals.usagePage = value.unsigned;
        break;
      case 0x14:
        globals.logicalMin = value.signed;
        break;
      case 0x24:
        globals.logicalMax = value.signed;
        break;
      case 0x74:
        globals.reportSize = Math.min(value.unsigned, 64);
        break;
      case 0x84:
        globals.reportId = value.unsigned & 0xff;
        numbered = true;
        break;
      case 0x94:
        globals.reportCount = value.unsigned;
        break;
      case 0xa4:
        if (stack.length < MAX_STACK) stack.push({ ...globals });
        break;
      case 0xb4:
        globals = stack.pop() ?? globals;
        break;
      case 0x08:
        if (usages.length < MAX_FIELDS) usages.push(value.unsigned);
        break;
      case 0x18:
        range = { min: value.unsigned, max: range?.max ?? value.unsigned };
        break;
      case 0x28:
        range = { min: range?.min ?? value.unsigned, max: value.unsigned };
        break;
      case 0x80:
        addInput(fields, offsets, globals, usages, range, value.unsigned);
        usages = [];
        range = null;
        break;
      case 0x90: // output
      case 0xa0: // collection
      case 0xb0: // feature
      case 0xc0: // end of collection
        usages = [];
        range = null;
    }
  }
  return { numbered, fields };
}

function addInput(
  fields: HidField[],
  offsets: Map<number, number>,
  globals: Globals,
  usages: readonly number[],
  range: { min: number; max: number } | null,
  flags: number,
): void {
  const { reportId, reportSize, reportCount, usagePage, logicalMin, logicalMax } = globals;
  const start = offsets.get(reportId) ?? 0;
  offsets.set(reportId, Math.min(start + reportSize * reportCount, 1 << 20));
  const isConstant = (flags & 0x01) !== 0;
  const isArray = (flags & 0x02) === 0;
  const count = Math.min(reportCount, MAX_FIELDS - fields.length);
  for (let i = 0; i < count; i += 1) {
    const listed = usages[Math.min(i, usages.length - 1)];
    const usage = isArray
      ? (range?.min ?? usages[0])
      : (listed ?? (range ? Math.min(range.min + i, range.max) : undefined));
    fields.push({
      reportId,
      bitOffset: start + i * reportSize,
      bitSize: reportSize,
      usagePage: (usage ?? 0) > 0xffff ? (usage as number) >>> 16 : usagePage,
      usage: (usage ?? 0) & 0xffff,
      logicalMin,
      logicalMax,
      isConstant,
      isArray,
      isRelative: (flags & 0x04) !== 0,
    });
  }
}

function readValue(bytes: Uint8Array, at: number, size: number): { unsigned: number; signed: number } {
  let unsigned = 0;
  for (let i = 0; i < size; i += 1) unsigned += (bytes[at + i] as number) * 256 ** i;
  const half = size === 0 ? 0 : 256 ** size / 2;
  return { unsigned, signed: size > 0 && unsigned >= half ? unsigned - 2 * half : unsigned };
}

/** The value of a field of up to 32 bits in a report without its id byte; null if the report is too short. */
export function readField(report: Uint8Array, field: Pick<HidField, 'bitOffset' | 'bitSize'>): number | null {
  const { bitOffset, bitSize } = field;
  if (bitSize > 32 || bitOffset + bitSize > report.length * 8) return null;
  let value = 0;
  for (let i = 0; i < bitSize; i += 1) {
    const bit = bitOffset + i;
    if ((((report[bit >> 3] as number) >> (bit & 7)) & 1) === 1) value += 2 ** i;
  }
  return value;
}
