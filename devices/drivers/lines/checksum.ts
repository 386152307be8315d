/** One-byte checksums, as small boards print them at the end of a line. */
const CRC8 = new Uint8Array(256);
for (let value = 0; value < 256; value += 1) {
  let crc = value;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : (crc << 1) & 0xff;
  CRC8[value] = crc;
}

export type ChecksumKind = 'crc8' | 'sum8' | 'xor8';

/** `crc8` is CRC-8/SMBUS (polynomial 07, start 0), `sum8` the sum modulo 256, `xor8` all bytes xored. */
export function checksum8(kind: ChecksumKind, bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  if (kind === 'crc8') for (let i = start; i < end; i += 1) sum = CRC8[sum ^ (bytes[i] as number)] as number;
  else if (kind === 'sum8') for (let i = start; i < end; i += 1) sum = (sum + (bytes[i] as number)) & 0xff;
  else for (let i = start; i < end; i += 1) sum ^= bytes[i] as number;
  return sum;
}
