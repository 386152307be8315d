/** Turns one line of delimited fields into one row. */
import { type ChecksumKind, checksum8 } from './checksum.ts';
import { isNoise } from './noise.ts';
import { booleanOf, isWord, NO_NUMBER, numberOf, quantityOf, readNumber } from './numbers.ts';
import { emptyRow, type LinePlan, type LineVerdict, type Row, type RowReader, verdictOfBadLine } from './plan.ts';
import type { ColumnRef, LinesColumn } from './settings.ts';
import { splitFields } from './splitFields.ts';
import { lineText } from './text.ts';

const decoder = new TextDecoder();
const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 9;
const MAX_FIELDS = 256;
/** Consecutive lines with the same different width after which it becomes the new width (only if columns were named). */
const RELEARN_AFTER = 5;

export class DelimitedReader implements RowReader {
  readonly row: Row;
  readonly #plan: LinePlan;
  readonly #starts = new Int32Array(MAX_FIELDS + 1);
  readonly #ends = new Int32Array(MAX_FIELDS + 1);
  #count = 0;
  #width: number;
  #otherWidth = 0;
  #otherTimes = 0;
  /** Field index of each column, then of device time and counter; -1: not known until a header names it. */
  #fields: number[];
  readonly #named: boolean;
  #seenRow = false;
  /** The accepted header: if it appears again, the device restarted. */
  #header = '';
  /** The text after the numbers of each column; undefined: not seen yet. */
  readonly #units: (string | undefined)[];

  /** @param header names printed before this reader was created */
  constructor(plan: LinePlan, header: readonly string[] = []) {
    this.#plan = plan;
    this.row = emptyRow(plan);
    this.#width = plan.width ?? 0;
    this.#header = header.join('\n');
    this.#units = plan.columns.map((column) => column.printed);
    const refs = this.#refs();
    this.#named = refs.some((ref) => typeof ref === 'string');
    this.#fields = refs.map((ref) => (typeof ref === 'number' ? ref - 1 : ref === null ? -2 : -1));
  }

  get header(): string {
    return this.#header;
  }

  next(): boolean {
    return false;
  }

  read(bytes: Uint8Array, start: number, end: number): LineVerdict {
    const { delimiter, width, checksum } = this.#plan;
    while (start < end && isBlank(bytes[start]) && delimiter !== '\t') start += 1;
    if (start >= end || bytes[start] === 35) return 'note';
    this.#count = splitFields(bytes, start, end, delimiter, this.#starts, this.#ends);
    let fields = this.#count;
    if (checksum !== 'none') {
      if (this.#isHeader(bytes)) return this.#takeHeader(bytes);
      fields -= 1;
      if (fields < 1 || !this.#checksumHolds(bytes, start))
        return verdictOfBadLine(bytes, start, end) === 'garbage' ? 'garbage' : 'checksum';
    }
    if (width !== null && fields !== width)
      return this.#isOtherHeader(bytes) ? 'other-header' : verdictOfBadLine(bytes, start, end);
    if (this.#width !== 0 && fields !== this.#width && !this.#isNewWidth(fields)) {
      return this.#isHeader(bytes) ? this.#takeHeader(bytes) : verdictOfBadLine(bytes, start, end);
    }
    if (this.#isHeader(bytes)) return this.#takeHeader(bytes);
    if (!this.#fill(bytes, fields)) {
      if (this.#named && this.#fields.includes(-1)) return 'no-header';
      return width !== null && this.#isOtherHeader(bytes) ? 'other-header' : verdictOfBadLine(bytes, start, end);
    }
    this.#width = fields;
    this.#otherTimes = 0;
    this.#seenRow = true;
    return 'row';
  }

  #refs(): (ColumnRef | null)[] {
    const { columns, deviceTime, counter } = this.#plan;
    return [...columns.map((column, i): ColumnRef => column.column ?? column.key ?? i + 1), deviceTime, counter];
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

  /** No field is a number and each has a letter; if the settings name columns, all of them must be present. */
  #isHeader(bytes: Uint8Array): boolean {
    if (this.#plan.header === false || !this.#beginsWithWords(bytes)) return false;
    const names = this.#texts(bytes);
    const wanted = this.#refs().filter((ref) => typeof ref === 'string');
    if (wanted.length > 0) return wanted.every((name) => names.includes(name));
    if (this.#header !== '') return names.join('\n') === this.#header;
    if (this.#plan.header === true && !this.#seenRow) return true;
    // Guessed columns are not renamed by words that arrive later; the caller decides what those are.
    if (this.#plan.width !== null) return false;
    const textOnly = this.#plan.columns.every((column) => column.type === 'text' || column.type === 'boolean');
    // An error message is not a header: it does not have as many words as there are columns.
    return this.#isWide() && !textOnly && areNames(names);
  }

  /** Column names that differ from the earlier ones: another program may have been started on the board. */
  #isOtherHeader(bytes: Uint8Array): boolean {
    if (this.#plan.header === false || this.#count < 2 || !this.#beginsWithWords(bytes)) return false;
    const names = this.#texts(bytes);
    return areNames(names) && names.every((name) => name.split(/\s+/).length <= 3 && name.length <= 40);
  }

  #beginsWithWords(bytes: Uint8Array): boolean {
    for (let i = 0; i < this.#count; i += 1) {
      const byte = bytes[this.#starts[i] as number] as number;
      if ((this.#ends[i] as number) <= (this.#starts[i] as number) || (byte >= 45 && byte <= 57) || byte === 43)
        return false;
    }
    return this.#count > 0;
  }

  /** As many fields as the rows have or, before the first row, at least as many as the columns need. */
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
    this.#width = this.#plan.width ?? 0;
    return 'header';
  }

  #texts(bytes: Uint8Array): string[] {
    return Array.from({ length: this.#count }, (_, i) =>
      decoder.decode(bytes.subarray(this.#starts[i], this.#ends[i])),
    );
  }

  #fill(bytes: Uint8Array, fields: number): boolean {
    const { columns, decimal } = this.#plan;
    const { row } = this;
    row.odd = 0;
    for (let i = 0; i < columns.length; i += 1) {
      const field = this.#fields[i] as number;
      if (field < 0 || field >= fields) return false;
      const column = columns[i] as LinesColumn;
      const start = this.#starts[field] as number;
      const end = this.#ends[field] as number;
      if (column.type === 'number' || column.type === 'integer') {
        let value = readNumber(bytes, start, end, decimal);
        if (value === NO_NUMBER) value = this.#slowNumber(bytes, start, end, i);
        else if (this.#units[i] === undefined && !Number.isNaN(value)) this.#units[i] = '';
        if (value === NO_NUMBER) return false;
        row.values[i] = column.scale === undefined ? value : value * column.scale;
        if (column.type === 'integer' && !Number.isNaN(value) && !Number.isSafeInteger(row.values[i])) return false;
      } else {
        const text = decoder.decode(bytes.subarray(start, end));
        const value = column.type === 'text' ? text : booleanOf(text);
        if (value === NO_NUMBER) return false;
        row.values[i] = value;
      }
    }
    if (row.odd * 2 >= columns.length && row.odd > 0) return false;
    row.deviceTime = this.#extra(bytes, fields, columns.length);
    row.counter = this.#extra(bytes, fields, columns.length + 1);
    return (
      (this.#plan.deviceTime === null || !Number.isNaN(row.deviceTime)) &&
      (this.#plan.counter === null || !Number.isNaN(row.counter))
    );
  }

  /** A number followed by its unit, or a word instead: that field then has no value, and the others are kept. */
  #slowNumber(bytes: Uint8Array, start: number, end: number, at: number): number | null {
    const text = lineText(bytes, start, end);
    const quantity = quantityOf(text, this.#plan.decimal);
    if (!quantity) {
      if (!isWord(text)) return NO_NUMBER;
      this.row.odd += 1;
      return Number.NaN;
    }
    const known = this.#units[at];
    if (known === undefined) this.#units[at] = quantity.unit;
    else if (known !== quantity.unit) return NO_NUMBER;
    return quantity.value;
  }

  #extra(bytes: Uint8Array, fields: number, at: number): number {
    const field = this.#fields[at] as number;
    if (field < 0 || field >= fields) return Number.NaN;
    return readNumber(bytes, this.#starts[field] as number, this.#ends[field] as number) ?? Number.NaN;
  }
}

const areNames = (names: readonly string[]): boolean =>
  new Set(names).size === names.length &&
  !isNoise(names.join(',')) &&
  names.every((name) => /\p{L}/u.test(name) && !/: |[!?;]/.test(name) && numberOf(name) === NO_NUMBER);
