/** The checksum of a packet's row in the index, so that a damaged time or offset is detected. */
import { crc32 } from 'node:zlib';

/** The covered columns in order, each as float64 little-endian; no value: quiet NaN. */
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
  'early_us',
  'late_us',
] as const;
/** For a row without bounds, as written by older versions, the checksum ends here. */
const UNBOUNDED = 10;

const values = new Float64Array(CHECKED_COLUMNS.length);
const bytes = new Uint8Array(values.buffer);

/** CRC-32 of the row's values in the order of `CHECKED_COLUMNS`. */
export function packetRowChecksum(row: ArrayLike<number | null>): number {
  const count = isEmpty(row[UNBOUNDED]) && isEmpty(row[UNBOUNDED + 1]) ? UNBOUNDED : values.length;
  for (let i = 0; i < count; i += 1) {
    const value = row[i] ?? Number.NaN;
    // SQLite does not preserve minus zero or NaN payloads.
    values[i] = Number.isNaN(value) ? Number.NaN : value + 0;
  }
  return crc32(bytes.subarray(0, count * 8));
}

const isEmpty = (value: number | null | undefined): boolean =>
  value === null || value === undefined || Number.isNaN(value);
