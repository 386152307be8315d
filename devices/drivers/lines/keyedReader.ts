/** Turns one line of named values into one row (or several, for Teleplot's points). */

import type { Value } from '../../driver.ts';
import { checksum8 } from './checksum.ts';
import { type Field, type Fields, jsonLine, keyValueLine, type TeleplotPoint, teleplotLine } from './fields.ts';
import { booleanOf, type Decimal, NO_NUMBER, quantityOf } from './numbers.ts';
import { emptyRow, type LinePlan, type LineVerdict, type Row, type RowReader, verdictOfBadLine } from './plan.ts';
import type { LinesColumn } from './settings.ts';
import { lineText } from './text.ts';

/** The value does not have the column's type. */
const ODD = undefined;

export class KeyedReader implements RowReader {
  readonly row: Row;
  readonly #plan: LinePlan;
  readonly #keys: string[];
  /** The text after the numbers of each column; a value with another unit is not accepted. */
  readonly #units: (string | undefined)[];
  #points: TeleplotPoint[] = [];
  #point = 0;
  /** Names in the last line that have no column. */
  readonly unknown: [string, Field][] = [];
  /** Text in the last line that belonged to no name. */
  rest = '';

  constructor(plan: LinePlan) {
    this.#plan = plan;
    this.row = emptyRow(plan);
    this.#keys = plan.columns.map((column) => String(column.key ?? column.column ?? column.name));
    this.#units = plan.columns.map((column) => column.printed);
  }

  /** Names that have a column. */
  get keys(): readonly string[] {
    return this.#keys;
  }

  read(bytes: Uint8Array, start: number, end: number): LineVerdict {
    let text = lineText(bytes, start, end).trim();
    this.unknown.length = 0;
    this.rest = '';
    if (text === '' || text.startsWith('#')) return 'note';
    if (this.#plan.checksum !== 'none') {
      const tail = /^(.*)[*,;\s]([0-9A-Fa-f]{2})$/s.exec(text);
      const body = new TextEncoder().encode(tail?.[1] ?? '');
      if (!tail || checksum8(this.#plan.checksum, body, 0, body.length) !== Number.parseInt(tail[2] as string, 16)) {
        return verdictOfBadLine(bytes, start, end) === 'garbage' ? 'garbage' : 'checksum';
      }
      text = tail[1] as string;
    }
    this.#points = this.#parse(text);
    this.#point = 0;
    return this.next() ? 'row' : verdictOfBadLine(bytes, start, end);
  }

  next(): boolean {
    const point = this.#points[this.#point];
    this.#point += 1;
    if (!point || !this.#fill(point.fields)) return false;
    if (this.#plan.ownTime) this.row.deviceTime = point.timeMs;
    return true;
  }

  #parse(text: string): TeleplotPoint[] {
    const { format, decimal } = this.#plan;
    if (format === 'teleplot') return teleplotLine(text) ?? [];
    const timeMs = Number.NaN;
    if (format === 'json') {
      const fields = jsonLine(text);
      return fields ? [{ timeMs, fields }] : [];
    }
    const line = keyValueLine(text, decimal);
    this.rest = line?.rest ?? '';
    return line ? [{ timeMs, fields: line.fields }] : [];
  }

  #fill(fields: Fields): boolean {
    const { columns, deviceTime, counter } = this.#plan;
    const { row } = this;
    let found = 0;
    row.odd = 0;
    for (let i = 0; i < columns.length; i += 1) {
      const field = fields.get(this.#keys[i] as string);
      let value: Value | undefined = field === undefined ? null : this.#convert(field, columns[i] as LinesColumn, i);
      if (value === ODD) {
        row.odd += 1;
        value = Number.NaN;
      } else if (field !== undefined) found += 1;
      row.values[i] = value;
    }
    row.deviceTime = deviceTime === null ? Number.NaN : numeric(fields.get(String(deviceTime)));
    row.counter = counter === null ? Number.NaN : numeric(fields.get(String(counter)));
    // If the settings name the columns, a name that is not among them was omitted on purpose.
    if (this.#plan.width !== null && fields.size > found + row.odd)
      for (const entry of fields) if (!this.#keys.includes(entry[0])) this.unknown.push(entry);
    return found > 0;
  }

  #convert(field: Field, column: LinesColumn, at: number): Value | undefined {
    if (column.type === 'text') return field.value === null ? null : field.raw;
    if (field.value === null) return null;
    if (column.type === 'boolean') {
      if (typeof field.value === 'number') return field.value;
      const on = booleanOf(field.value);
      return on === NO_NUMBER ? ODD : on;
    }
    const number = this.#number(field, at, this.#plan.decimal);
    if (number === ODD) return ODD;
    const value = column.scale === undefined ? number : number * column.scale;
    return column.type === 'integer' && !Number.isNaN(value) && !Number.isSafeInteger(value) ? ODD : value;
  }

  #number(field: Field, at: number, decimal: Decimal): number | undefined {
    let { value, unit } = field;
    if (typeof value === 'string') {
      const quantity = quantityOf(value, decimal);
      if (!quantity) return ODD;
      value = quantity.value;
      unit = quantity.unit;
    }
    if (value === null || Number.isNaN(value)) return Number.NaN;
    const known = this.#units[at];
    if (known === undefined) this.#units[at] = unit;
    else if (unit !== known && unit !== '') return ODD;
    return value;
  }
}

const numeric = (field: Field | undefined): number => {
  const value = field?.value;
  return typeof value === 'number' ? value : value ? Number(value) : Number.NaN;
};
