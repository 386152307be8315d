/** The checksum of a packet's row in the index, so that a damaged time or place is not taken for a true one. */
import { crc32 } from 'node:zlib';

/** What it covers, in this order, each as float64 little-endian; no value: quiet NaN. */
export const CHECKED_COLUMNS = [
  'seq',
  'clock',
  'publisher_ns',
  'device_ns',
  'duration_ns',
  'key',
  'segment',
  'offset',
  'length',
  'crc32',
] as const;

const values = new Float64Array(CHECKED_COLUMNS.length);
const bytes = new Uint8Array(values.buffer);

/** CRC-32 of the row's values in the order of `CHECKED_COLUMNS`. */
export function packetRowChecksum(row: ArrayLike<number | null>): number {
  for (let i = 0; i < values.length; i += 1) {
    const value = row[i] ?? Number.NaN;
    // Neither minus zero nor odd NaNs come back from SQLite.
    values[i] = Number.isNaN(value) ? Number.NaN : value + 0;
  }
  return crc32(bytes);
}
