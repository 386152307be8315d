/** One line to one row, for a format that is known. */
import type { Value } from '../../driver.ts';
import { type ChecksumKind, checksum8 } from './checksum.ts';
import { booleanOf, NO_NUMBER, numberOf, readNumber } from './numbers.ts';
import type { ColumnRef, LinesColumn } from './settings.ts';

/** Everything that is needed to read a line: settings, completed by what was guessed. */
export interface LinePlan {
  format: 'delimited' | 'key-value' | 'json';
  /** For `delimited`: one character, or a blank for any run of blanks. */
  delimiter: string;
  header: boolean | 'auto';
  columns: LinesColumn[];
  deviceTime: ColumnRef | null;
  counter: ColumnRef | null;
  checksum: ChecksumKind | 'none';
}

/** Filled anew by each line. */
export interface Row {
  values: Value[];
  deviceTime: number;
  counter: number;
}

/** `note`: a comment or an empty line; `header`: the names of the columns; the last four are losses. */
export type LineVerdict = 'row' | 'header' | 'note' | 'checksum' | 'bad-line' | 'garbage' | 'no-header';

export interface RowReader {
  readonly row: Row;
  read(bytes: Uint8Array, start: number, end: number): LineVerdict;
}

const decoder = new TextDecoder();

export const makeReader = (plan: LinePlan): RowReader =>
  plan.format === 'delimited' ? new DelimitedReader(plan) : new KeyedReader(plan);

/** Control bytes or broken UTF-8 are what a wrong baud rate looks like. */
export function verdictOfBadLine(bytes: Uint8Array, start: number, end: number): 'garbage' | 'bad-line' {
  let odd = 0;
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] as number;
    if ((byte < 32 && byte !== 9) || byte === 127 || byte >= 0xf5) odd += 1;
  }
  return odd > 0 || decoder.decode(bytes.subarray(start, end)).includes('�') ? 'garbage' : 'bad-line';
}

const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 9;
const MAX_FIELDS = 256;
/** Lines of the same other width, one after the other, until it is taken as the new width. */
const RELEARN_AFTER = 5;

class DelimitedReader implements RowReader {
  readonly row: Row;
  readonly #plan: LinePlan;
  readonly #starts = new Int32Array(MAX_FIELDS + 1);
  readonly #ends = new Int32Array(MAX_FIELDS + 1);
  #count = 0;
  #width = 0;
  #otherWidth = 0;
  #otherTimes = 0;
  /** Field of each column, then of device time and counter; -1: not known before a header names it. */
  #fields: number[];
  readonly #named: boolean;
  #seenRow = false;
  /** The header that was taken: when it comes again, the device began anew. */
  #header = '';

  constructor(plan: LinePlan) {
    this.#plan = plan;
    this.row = { values: plan.columns.map(() => null), deviceTime: Number.NaN, counter: Number.NaN };
    const refs = this.#refs();
    this.#named = refs.some((ref) => typeof ref === 'string');
    this.#fields = refs.map((ref) => (typeof ref === 'number' ? ref - 1 : ref === null ? -2 : -1));
  }

  read(bytes: Uint8Array, start: number, end: number): LineVerdict {
    while (start < end && isBlank(bytes[start]) && this.#plan.delimiter !== '\t') start += 1;
    if (start >= end || bytes[start] === 35) return 'note';
    this.#split(bytes, start, end);
    let fields = this.#count;
    if (this.#plan.checksum !== 'none') {
      if (this.#isHeader(bytes)) return this.#takeHeader(bytes);
      fields -= 1;
      if (fields < 1 || !this.#checksumHolds(bytes, start))
        return verdictOfBadLine(bytes, start, end) === 'garbage' ? 'garbage' : 'checksum';
    }
    if (this.#width !== 0 && fields !== this.#width && !this.#isNewWidth(fields)) {
      return this.#isHeader(bytes) ? this.#takeHeader(bytes) : verdictOfBadLine(bytes, start, end);
    }
    if (this.#isHeader(bytes)) return this.#takeHeader(bytes);
    if (!this.#fill(bytes, fields))
      return this.#named && this.#fields.includes(-1) ? 'no-header' : verdictOfBadLine(bytes, start, end);
    this.#width = fields;
    this.#otherTimes = 0;
    this.#seenRow = true;
    return 'row';
  }

  #refs(): (ColumnRef | null)[] {
    const { columns, deviceTime, counter } = this.#plan;
    return [...columns.map((column, i): ColumnRef => column.column ?? column.key ?? i + 1), deviceTime, counter];
  }

  #split(bytes: Uint8Array, start: number, end: number): void {
    const delimiter = this.#plan.delimiter.charCodeAt(0);
    let count = 0;
    let from = start;
    if (delimiter === 32) {
      for (let i = start; i <= end && count < MAX_FIELDS; i += 1) {
        if (i < end && !isBlank(bytes[i])) continue;
        if (i > from) {
          this.#starts[count] = from;
          this.#ends[count] = i;
          count += 1;
        }
        from = i + 1;
      }
    } else {
      let quoted = false;
      for (let i = start; i <= end && count < MAX_FIELDS; i += 1) {
        const byte = bytes[i];
        if (i < end && byte === 34) quoted = !quoted;
        if (i < end && (byte !== delimiter || quoted)) continue;
        let a = from;
        let b = i;
        while (a < b && bytes[a] === 32) a += 1;
        while (b > a && bytes[b - 1] === 32) b -= 1;
        if (b - a >= 2 && bytes[a] === 34 && bytes[b - 1] === 34) {
          a += 1;
          b -= 1;
        }
        this.#starts[count] = a;
        this.#ends[count] = b;
        count += 1;
        from = i + 1;
      }
    }
    this.#count = count;
  }

  #checksumHolds(bytes: Uint8Array, start: number): boolean {
    const a = this.#starts[this.#count - 1] as number;
    const b = this.#ends[this.#count - 1] as number;
    if (b - a !== 2) return false;
    const said = Number.parseInt(String.fromCharCode(bytes[a] as number, bytes[a + 1] as number), 16);
    let before = a - 1;
    while (before > start && isBlank(bytes[before - 1]) && this.#plan.delimiter === ' ') before -= 1;
    return said === checksum8(this.#plan.checksum as ChecksumKind, bytes, start, before);
  }

  #isNewWidth(fields: number): boolean {
    this.#otherTimes = fields === this.#otherWidth ? this.#otherTimes + 1 : 1;
    this.#otherWidth = fields;
    return this.#otherTimes >= RELEARN_AFTER;
  }

  /** No field is a number and each has a letter; where names are asked for, all of them must be there. */
  #isHeader(bytes: Uint8Array): boolean {
    if (this.#plan.header === false || this.#count === 0) return false;
    for (let i = 0; i < this.#count; i += 1) {
      const byte = bytes[this.#starts[i] as number] as number;
      if ((this.#ends[i] as number) <= (this.#starts[i] as number) || (byte >= 45 && byte <= 57) || byte === 43)
        return false;
    }
    const names = this.#texts(bytes);
    const wanted = this.#refs().filter((ref) => typeof ref === 'string');
    if (wanted.length > 0) return wanted.every((name) => names.includes(name));
    if (this.#header !== '') return names.join('\n') === this.#header;
    if (this.#plan.header === true && !this.#seenRow) return true;
    const textOnly = this.#plan.columns.every((column) => column.type === 'text' || column.type === 'boolean');
    // An error message in words is no header: it has not as many words as there are columns.
    return this.#isWide() && !textOnly && names.every((name) => /\p{L}/u.test(name) && numberOf(name) === NO_NUMBER);
  }

  /** As many fields as the rows have, or before the first row at least as many as the columns ask for. */
  #isWide(): boolean {
    const count = this.#count;
    // A header may or may not name the checksum.
    if (this.#width !== 0)
      return count === this.#width || (this.#plan.checksum !== 'none' && count === this.#width + 1);
    return count >= Math.max(...this.#fields.map((field) => field + 1));
  }

  #takeHeader(bytes: Uint8Array): 'header' {
    const names = this.#texts(bytes);
    this.#fields = this.#refs().map((ref) =>
      ref === null ? -2 : typeof ref === 'number' ? ref - 1 : names.indexOf(ref),
    );
    this.#header = names.join('\n');
    this.#width = 0;
    return 'header';
  }

  #texts(bytes: Uint8Array): string[] {
    return Array.from({ length: this.#count }, (_, i) =>
      decoder.decode(bytes.subarray(this.#starts[i], this.#ends[i])),
    );
  }

  #fill(bytes: Uint8Array, fields: number): boolean {
    const { columns } = this.#plan;
    const { row } = this;
    for (let i = 0; i < columns.length; i += 1) {
      const field = this.#fields[i] as number;
      if (field < 0 || field >= fields) return false;
      const column = columns[i] as LinesColumn;
      const start = this.#starts[field] as number;
      const end = this.#ends[field] as number;
      if (column.type === 'number' || column.type === 'integer') {
        const value = readNumber(bytes, start, end);
        if (value === NO_NUMBER) return false;
        row.values[i] = column.scale === undefined ? value : value * column.scale;
        if (column.type === 'integer' && !Number.isInteger(row.values[i]) && !Number.isNaN(value)) return false;
      } else {
        const text = decoder.decode(bytes.subarray(start, end));
        const value = column.type === 'text' ? text : booleanOf(text);
        if (value === NO_NUMBER) return false;
        row.values[i] = value;
      }
    }
    row.deviceTime = this.#extra(bytes, fields, columns.length);
    row.counter = this.#extra(bytes, fields, columns.length + 1);
    return (
      (this.#plan.deviceTime === null || !Number.isNaN(row.deviceTime)) &&
      (this.#plan.counter === null || !Number.isNaN(row.counter))
    );
  }

  #extra(bytes: Uint8Array, fields: number, at: number): number {
    const field = this.#fields[at] as number;
    if (field < 0 || field >= fields) return Number.NaN;
    return readNumber(bytes, this.#starts[field] as number, this.#ends[field] as number) ?? Number.NaN;
  }
}

/** `temp: 21.5, hum=40` and `{"temp": 21.5}`. */
class KeyedReader implements RowReader {
  readonly row: Row;
  readonly #plan: LinePlan;

  constructor(plan: LinePlan) {
    this.#plan = plan;
    this.row = { values: plan.columns.map(() => null), deviceTime: Number.NaN, counter: Number.NaN };
  }

  read(bytes: Uint8Array, start: number, end: number): LineVerdict {
    let text = decoder.decode(bytes.subarray(start, end)).trim();
    if (text === '' || text.startsWith('#')) return 'note';
    if (this.#plan.checksum !== 'none') {
      const tail = /^(.*)[*,;\s]([0-9A-Fa-f]{2})$/s.exec(text);
      const body = new TextEncoder().encode(tail?.[1] ?? '');
      if (!tail || checksum8(this.#plan.checksum, body, 0, body.length) !== Number.parseInt(tail[2] as string, 16)) {
        return verdictOfBadLine(bytes, start, end) === 'garbage' ? 'garbage' : 'checksum';
      }
      text = tail[1] as string;
    }
    const pairs = this.#plan.format === 'json' ? jsonPairs(text) : keyValuePairs(text);
    return pairs && this.#fill(pairs) ? 'row' : verdictOfBadLine(bytes, start, end);
  }

  #fill(pairs: Map<string, Value>): boolean {
    const { columns, deviceTime, counter } = this.#plan;
    let found = 0;
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i] as LinesColumn;
      const raw = pairs.get(String(column.key ?? column.column ?? column.name));
      const value = raw === undefined || raw === null ? null : convert(raw, column);
      if (value === undefined) return false;
      if (raw !== undefined) found += 1;
      this.row.values[i] = value;
    }
    this.row.deviceTime = deviceTime === null ? Number.NaN : Number(pairs.get(String(deviceTime)) ?? Number.NaN);
    this.row.counter = counter === null ? Number.NaN : Number(pairs.get(String(counter)) ?? Number.NaN);
    return found > 0;
  }
}

/** Undefined: the value is not of the column's type. */
function convert(raw: Value, column: LinesColumn): Value | undefined {
  if (column.type === 'text') return String(raw);
  const value =
    typeof raw === 'number' ? raw : column.type === 'boolean' ? booleanOf(String(raw)) : numberOf(String(raw));
  if (value === NO_NUMBER) return undefined;
  const scaled = column.scale === undefined ? value : value * column.scale;
  return column.type === 'integer' && !Number.isNaN(scaled) && !Number.isInteger(scaled) ? undefined : scaled;
}

/** Keys and values of `key: value` or `key=value` pairs in their order; null when the line has none. A unit behind a number is left out. */
export function keyValuePairs(text: string): Map<string, Value> | null {
  const pairs = new Map<string, Value>();
  const pattern = /([\p{L}_][\p{L}\p{N}_ .-]{0,60}?)\s*[:=]\s*("[^"]*"|[^\s,;]+)/gu;
  for (const match of text.matchAll(pattern)) {
    const raw = (match[2] as string).replace(/^"(.*)"$/, '$1');
    const number = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?:[\p{L}%°µ/]{0,8})$/iu.exec(raw);
    pairs.set((match[1] as string).trim(), number ? Number(number[1]) : raw);
  }
  return pairs.size > 0 ? pairs : null;
}

/** A JSON object's plain values, nested ones by `a.b` and list entries by `a.0`; null when the line is no object. */
export function jsonPairs(text: string): Map<string, Value> | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null) return null;
  const pairs = new Map<string, Value>();
  const walk = (value: unknown, path: string, depth: number): void => {
    if (typeof value === 'object' && value !== null) {
      if (depth < 6)
        for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`, depth + 1);
    } else if (pairs.size < 1024) pairs.set(path, typeof value === 'boolean' ? (value ? 1 : 0) : (value as Value));
  };
  walk(json, '', 0);
  return pairs.size > 0 ? pairs : null;
}
