/** Holds the first lines after a port is opened until their layout is known and whether the first one is complete. */
import { jsonLine, keyValueLine, teleplotLine } from './fields.ts';
import type { LinesGuess } from './guess.ts';
import { isNoise } from './noise.ts';
import { isTime, numberOf } from './numbers.ts';
import type { LinePlan } from './plan.ts';
import { fieldsOf } from './splitFields.ts';

export interface HeldLine {
  line: Uint8Array;
  text: string;
  arrivedNs: number;
  /** Perhaps only its end was received. */
  first: boolean;
}

/** The newest lines must be such rows; for a device that prints several kinds of lines in turn, some of the last ones. */
const NEWEST = 3;
const SEVERAL = 10;

/** True if the newest lines have the guessed layout: earlier ones may have been a banner. */
export function isSettled(guess: LinesGuess, texts: readonly string[], rows: number): boolean {
  if (guess.fitting.length < rows) return false;
  const fitting = new Set(guess.fitting);
  const lines = texts.flatMap((text, i) => (text === '' || isNoise(text) ? [] : [i]));
  const count = (last: number): number => lines.slice(-last).filter((i) => fitting.has(i)).length;
  if (count(Math.min(NEWEST, rows)) === Math.min(NEWEST, rows)) return true;
  return lines.length >= SEVERAL && count(NEWEST) > 0 && count(SEVERAL) * 3 >= SEVERAL;
}

/**
 * Whether the first line is complete. A line alone cannot show it: `3,20` may be the end of `123,20`. The lines after
 * it can: a first field that counts evenly, a whole date, the same first key, a closed JSON object.
 */
export function isVouched(plan: LinePlan, [first, second, third]: readonly string[]): boolean {
  if (first === undefined) return false;
  if (plan.format === 'json') return first.trim().startsWith('{') && jsonLine(first) !== null;
  if (plan.format === 'teleplot') return teleplotLine(first.trim()) !== null;
  const keys = (text: string): string[] => [...(keyValueLine(text.trim(), plan.decimal)?.fields.keys() ?? [])];
  if (plan.format === 'key-value' && plan.width === null) {
    // The kit names its keys: the end of a longer one is not among them.
    const [key] = keys(first);
    const named = plan.columns.map((column) => String(column.key ?? column.column ?? column.name));
    if (key !== undefined && named.filter((one) => one.endsWith(key)).join('\n') === key) return true;
  }
  if (second === undefined) return false;
  if (plan.format === 'key-value') {
    return keys(first).length > 0 && keys(first).join('\n') === keys(second).join('\n');
  }
  const rows = [first, second, third ?? ''].map((text) => fieldsOf(text, plan.delimiter));
  const [a, b, c] = rows.map((row) => row[0] ?? '') as [string, string, string];
  if (rows[0]?.length !== rows[1]?.length) return false;
  if (isTime(a) && /^\d{4}-\d\d-\d\d[T ]/.test(a)) return true;
  const [x, y, z] = [a, b, c].map((field) => numberOf(field, plan.decimal) ?? Number.NaN) as [number, number, number];
  return z - y !== 0 && Math.abs(y - x - (z - y)) <= 1e-9 * Math.max(1, Math.abs(z));
}

/** True for a first line of words above a line of numbers: the header is complete. */
export const isHeaderLike = (first: string, second: string | undefined): boolean =>
  !/(^|[,;\s])[-+.]?\d/.test(first) && /\p{L}/u.test(first) && second !== undefined && /\d/.test(second);
