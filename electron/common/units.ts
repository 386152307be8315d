/**
 * Units of time. Session time is whole nanoseconds as `bigint` since the session's zero on the engine's monotonic
 * clock. A publisher's own time is whole nanoseconds of its monotonic clock since an arbitrary zero, as a `number`
 * (exact to 2^53 ns = 104 days of one process's life).
 */

declare const sessionBrand: unique symbol;

/** Nanoseconds since the session's zero; may be negative for data captured just before Record. */
export type SessionNs = bigint & { readonly [sessionBrand]: true };

/** Whole nanoseconds on a publisher's own monotonic clock. */
export type PublisherNs = number;

export const NS_PER_US = 1_000;
export const NS_PER_MS = 1_000_000;
export const NS_PER_S = 1_000_000_000;

/** Marks a bigint as session time. */
export const sessionNs = (ns: bigint | number): SessionNs =>
  BigInt(typeof ns === 'number' ? Math.round(ns) : ns) as SessionNs;

/** Session time in seconds, for display and plots; exact to a nanosecond for sessions below 104 days. */
export const toSeconds = (ns: bigint | number): number => Number(ns) / NS_PER_S;

/** `1:02:03.4` for display; hours only if not zero. */
export function formatDuration(ns: bigint | number): string {
  const negative = ns < 0;
  const tenths = Math.round(Math.abs(Number(ns)) / 100_000_000);
  const seconds = Math.floor(tenths / 10);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const head = hours > 0 ? `${hours}:${two(minutes)}` : `${minutes}`;
  return `${negative ? '-' : ''}${head}:${two(seconds % 60)}.${tenths % 10}`;
}

/** `1.2 GB`, in powers of 1000 as disks are sold. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}
