/** Converts register contents to units (sensor-protocols 1.3): little-endian, packed. */

export interface Position {
  x: number;
  y: number;
  z: number;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** x, y, z in mm: three i32. */
export function decodePosition(bytes: Uint8Array): Position {
  const at = view(bytes);
  return { x: at.getInt32(0, true), y: at.getInt32(4, true), z: at.getInt32(8, true) };
}

/** Error covariance of x, y, z, xy, xz, yz: six i16. */
export function decodeCovariance(bytes: Uint8Array): number[] {
  const at = view(bytes);
  return Array.from({ length: 6 }, (_, i) => at.getInt16(2 * i, true));
}

/**
 * Divisors of the 22 i16 between the pressure and the temperature: acceleration (mg), magnetism (µT), rotation (°/s),
 * Euler angles (°), quaternion, linear acceleration (mg), gravity (mg).
 */
const MIDDLE = [1, 1, 1, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16384, 16384, 16384, 16384, 1, 1, 1, 1, 1, 1];

/** Divisor that converts each register of the block to the unit of its channel. */
export const SENSOR_SCALE: readonly number[] = [1000, ...MIDDLE, 1];

/** The block 50..80: pressure in Pa, 22 scaled values in the order of `SENSOR_CHANNELS`, temperature in °C. */
export function decodeSensors(bytes: Uint8Array): number[] {
  const at = view(bytes);
  const middle = MIDDLE.map((divisor, i) => at.getInt16(4 + 2 * i, true) / divisor);
  return [at.getUint32(0, true) / 1000, ...middle, at.getInt8(48)];
}

export interface RangeInfo {
  /** The device's own clock, u32; wraps after 49.7 days. */
  timestampMs: number;
  distanceMm: number;
  rssDbm: number;
}

/** Answer of function C7: u32 ms, u32 mm, i16 dBm. */
export function decodeRange(bytes: Uint8Array): RangeInfo {
  const at = view(bytes);
  return { timestampMs: at.getUint32(0, true), distanceMm: at.getUint32(4, true), rssDbm: at.getInt16(8, true) };
}

/** `0x13` is firmware 1.3: high nibble major, low minor. */
export const versionText = (byte: number): string => `${byte >> 4}.${byte & 0x0f}`;
