/** Registers, functions and bits of a Pozyx device, and the format of requests (sensor-protocols 1.2 to 1.4). */

export const REGISTER = {
  whoAmI: 0x00,
  firmware: 0x01,
  hardware: 0x02,
  selfTest: 0x03,
  errorCode: 0x04,
  intStatus: 0x05,
  positionAlgorithm: 0x16,
  positionAnchors: 0x17,
  networkId: 0x1a,
  position: 0x30,
  height: 0x38,
  covariance: 0x3c,
  sensors: 0x50,
  /** Second half of the 49-byte sensor block: a read takes at most 28 bytes. */
  sensorsFromQuaternion: 0x6c,
  deviceListSize: 0x81,
  received: 0x82,
} as const;

export const FUNCTION = {
  reset: 0xb0,
  txWrite: 0xb2,
  txSend: 0xb3,
  rxRead: 0xb4,
  ranging: 0xb5,
  positioning: 0xb6,
  deviceIds: 0xc0,
  clearDevices: 0xc3,
  addDevice: 0xc4,
  coordinates: 0xc6,
  rangeInfo: 0xc7,
  positioningData: 0xcc,
} as const;

/** Bits of `INT_STATUS`; reading clears them. */
export const FLAG = { error: 0x01, position: 0x02, received: 0x08, functionDone: 0x10 } as const;

export const WHO_AM_I = 43;
/** Maximum number of data bytes per R or W. */
export const MAX_TRANSFER_BYTES = 28;
export const SENSOR_BLOCK_BYTES = 49;
/** Operations over the air (1.6). */
export const REMOTE = { read: 0x02, write: 0x04, data: 0x06, function: 0x08 } as const;

export const DIMENSION = { '3D': 3, '2D': 2, '2.5D': 1 } as const;
export const ALGORITHM = { 'uwb-only': 0, none: 3, tracking: 4 } as const;

export const hex2 = (value: number): string => value.toString(16).padStart(2, '0');
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** `R,<addr>,<n>` and CR: the host's line ends with CR only. */
export const readLine = (address: number, count: number): string => `R,${hex2(address)},${count}\r`;
export const writeLine = (address: number, data: Uint8Array): string => `W,${hex2(address)},${hex(data)}\r`;
/** @param replyBytes data bytes in the function's answer, without the status */
export const functionLine = (address: number, parameters: Uint8Array, replyBytes: number): string =>
  `F,${hex2(address)},${hex(parameters)},${replyBytes + 1}\r`;

export const u16 = (value: number): Uint8Array => new Uint8Array([value & 0xff, (value >> 8) & 0xff]);
export function i32(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setInt32(4 * i, value, true);
  return bytes;
}
export function i16(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(2 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setInt16(2 * i, value, true);
  return bytes;
}
export const concat = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** A network id as people write it: `0x6012`, `6012`. */
export const parseId = (text: string): number => Number.parseInt(text.replace(/^0x/i, ''), 16);
/** Four lower-case hex digits, as used in a stream's name. */
export const idName = (id: number): string => id.toString(16).padStart(4, '0');
/** As printed on a device: `0xA001`. */
export const idLabel = (id: number): string => `0x${id.toString(16).toUpperCase()}`;
