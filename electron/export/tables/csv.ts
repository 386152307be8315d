/** Writes a table as CSV (RFC 4180): UTF-8, commas, `.` decimals, an empty cell for no value, times exact to the nanosecond. */
import { open } from 'node:fs/promises';
import type { ColumnData, Field, Table } from './table.ts';

const CHUNK_CHARS = 256 * 1024;

export interface CsvContext {
  /** ISO wall time of session nanoseconds. */
  wallTime: (ns: number) => string;
  onRows: (done: number) => void;
}

export interface CsvStyle {
  separator: string;
  header: boolean;
  /** Content of a cell without a value. */
  missing: string;
}

export const RFC_4180: CsvStyle = { separator: ',', header: true, missing: '' };

/** @returns the number of rows written */
export async function writeCsv(path: string, table: Table, context: CsvContext, style = RFC_4180): Promise<number> {
  const file = await open(path, 'w');
  let rows = 0;
  try {
    let text = style.header ? `${table.fields.map(({ name }) => cell(name, style)).join(style.separator)}\n` : '';
    const formats = table.fields.map((field) => formatOf(field, context, style));
    for (const { count, columns } of table.batches()) {
      for (let i = 0; i < count; i += 1) {
        for (let c = 0; c < formats.length; c += 1) {
          const value = (columns[c] as ColumnData)[i];
          if (c > 0) text += style.separator;
          text +=
            value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value))
              ? style.missing
              : (formats[c] as (value: number | string) => string)(value);
        }
        text += '\n';
        if (text.length < CHUNK_CHARS) continue;
        await file.writeFile(text);
        text = '';
      }
      rows += count;
      context.onRows(rows);
    }
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  return rows;
}

function formatOf(field: Field, { wallTime }: CsvContext, style: CsvStyle): (value: number | string) => string {
  switch (field.type) {
    case 'seconds':
    case 'duration':
      return (value) => secondsText(value as number);
    case 'wall':
      return (value) => wallTime(value as number);
    case 'boolean':
      return (value) => (value ? 'true' : 'false');
    case 'string':
      return (value) => cell(String(value), style);
    default:
      return String;
  }
}

/** Formats whole nanoseconds as seconds with nine decimals. */
export function secondsText(ns: number): string {
  const whole = Math.round(ns);
  const sign = whole < 0 ? '-' : '';
  const size = Math.abs(whole);
  const seconds = Math.floor(size / 1e9);
  return `${sign}${seconds}.${String(size - seconds * 1e9).padStart(9, '0')}`;
}

/** Quotes an empty text, so that it differs from a missing value. */
function cell(text: string, { separator }: CsvStyle): string {
  if (separator === '\t') return text.replaceAll(/[\t\r\n]+/g, ' ');
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
