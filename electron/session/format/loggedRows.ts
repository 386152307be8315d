/** Complete rows of the index as stored in the commit log, so that each can be verified and restored. */
import type { RowValue } from './commitLog.ts';

/**
 * Tables whose rows the recorder writes one by one. Each has a rowid; packets, samples and counters are verified
 * differently.
 */
export const LOGGED_TABLES: ReadonlySet<string> = new Set([
  'session',
  'engine_run',
  'lifecycle',
  'clock',
  'stream',
  'declaration',
  'segment',
  'gap',
  'event',
  'marker',
  'anchor',
  'probe',
  'fit',
  'assignment',
  'process',
]);

/** A value as JSON keeps it exactly: an integer beyond 2^53 is text after `#`, and so is text that begins with `#`. */
export function toLogged(value: unknown): RowValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint')
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(value)
      : `#${value}`;
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : Number.isNaN(value) ? null : `#${value}`;
  const text = String(value);
  return text.startsWith('#') ? `#${text}` : text;
}

export function fromLogged(value: RowValue): number | bigint | string | null {
  if (typeof value !== 'string' || !value.startsWith('#')) return value;
  const rest = value.slice(1);
  if (rest.startsWith('#')) return rest;
  return rest.endsWith('Infinity') ? Number(rest) : BigInt(rest);
}

export const toLoggedRow = (row: Readonly<Record<string, unknown>>): Record<string, RowValue> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toLogged(value)]));
