/** Everything needed to read a line: the settings, completed by what was guessed. */
import type { Value } from '../../driver.ts';
import type { ChecksumKind } from './checksum.ts';
import type { Decimal } from './numbers.ts';
import type { ColumnRef, LinesColumn } from './settings.ts';

export interface LinePlan {
  format: 'delimited' | 'key-value' | 'json' | 'teleplot';
  /** For `delimited`: one character, a blank for any run of blanks, or a comma followed by a blank. */
  delimiter: string;
  decimal: Decimal;
  header: boolean | 'auto';
  columns: LinesColumn[];
  /** Fields of a line that was guessed to be such a row; null: the settings name the columns, and more fields may follow. */
  width: number | null;
  deviceTime: ColumnRef | null;
  counter: ColumnRef | null;
  checksum: ChecksumKind | 'none';
  /** The lines contain their own time (Teleplot). */
  ownTime: boolean;
}

/** Overwritten for each line. */
export interface Row {
  values: Value[];
  deviceTime: number;
  counter: number;
  /** Fields that did not match their column: they have no value, and the others are kept. */
  odd: number;
}

/**
 * `note`: a comment; `header`: the column names; `other-header`: different names than before; the last four are losses.
 */
export type LineVerdict =
  | 'row'
  | 'header'
  | 'other-header'
  | 'note'
  | 'checksum'
  | 'bad-line'
  | 'garbage'
  | 'no-header';

export interface RowReader {
  readonly row: Row;
  read(bytes: Uint8Array, start: number, end: number): LineVerdict;
  /** The next row from the same line, if a line has several. */
  next(): boolean;
}

export const emptyRow = (plan: LinePlan): Row => ({
  values: plan.columns.map(() => null),
  deviceTime: Number.NaN,
  counter: Number.NaN,
  odd: 0,
});

const decoder = new TextDecoder();

/** Control bytes or broken UTF-8, which indicate a wrong baud rate. */
export function verdictOfBadLine(bytes: Uint8Array, start: number, end: number): 'garbage' | 'bad-line' {
  let odd = 0;
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] as number;
    if ((byte < 32 && byte !== 9 && byte !== 27) || byte === 127 || byte >= 0xf5) odd += 1;
  }
  return odd > 0 || decoder.decode(bytes.subarray(start, end)).includes('�') ? 'garbage' : 'bad-line';
}
