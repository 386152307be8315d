/** The subset of EBML (RFC 8794) used by our Matroska files (RFC 9559). */

export const EbmlId = {
  EBML: 0x1a45dfa3,
  Void: 0xec,
  Segment: 0x18538067,
  SeekHead: 0x114d9b74,
  Seek: 0x4dbb,
  SeekID: 0x53ab,
  SeekPosition: 0x53ac,
  Info: 0x1549a966,
  TimestampScale: 0x2ad7b1,
  Duration: 0x4489,
  DateUTC: 0x4461,
  Title: 0x7ba9,
  MuxingApp: 0x4d80,
  WritingApp: 0x5741,
  Tracks: 0x1654ae6b,
  TrackEntry: 0xae,
  TrackUID: 0x73c5,
  DefaultDuration: 0x23e383,
  CodecDelay: 0x56aa,
  SeekPreRoll: 0x56bb,
  Cluster: 0x1f43b675,
  Timestamp: 0xe7,
  SimpleBlock: 0xa3,
  Cues: 0x1c53bb6b,
  CuePoint: 0xbb,
  CueTime: 0xb3,
  CueTrackPositions: 0xb7,
  CueTrack: 0xf7,
  CueClusterPosition: 0xf1,
  CueRelativePosition: 0xf0,
} as const;

/** An eight-byte data size meaning "unknown", used by the Segment and Clusters of a growing file. */
export const UNKNOWN_SIZE = Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);

export interface ElementHeader {
  id: number;
  /** Bytes of data, or null if the size is unknown. */
  size: number | null;
  /** Where the data begins, relative to the given bytes. */
  dataAt: number;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.byteLength;
  }
  return out;
}

export function idBytes(id: number): Uint8Array {
  const length = id > 0xffffff ? 4 : id > 0xffff ? 3 : id > 0xff ? 2 : 1;
  return bigEndian(id, length);
}

/** A data size in as few bytes as possible, or in `length` bytes. */
export function sizeBytes(size: number, length = 0): Uint8Array {
  let width = length || 1;
  if (!length) while (size >= 2 ** (7 * width) - 1) width += 1;
  const out = bigEndian(size, width);
  out[0] = (out[0] as number) | (0x80 >> (width - 1));
  return out;
}

export function element(id: number, ...data: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const size = data.reduce((sum, part) => sum + part.byteLength, 0);
  return concat([idBytes(id), sizeBytes(size), ...data]);
}

export function uintElement(id: number, value: number): Uint8Array<ArrayBuffer> {
  let width = 1;
  while (value >= 256 ** width) width += 1;
  return element(id, bigEndian(value, width));
}

export function floatElement(id: number, value: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setFloat64(0, value);
  return element(id, data);
}

export const textElement = (id: number, value: string): Uint8Array<ArrayBuffer> =>
  element(id, new TextEncoder().encode(value));

/** A Void element of `total` bytes, at least 9. */
export function voidElement(total: number): Uint8Array<ArrayBuffer> {
  return concat([idBytes(EbmlId.Void), sizeBytes(total - 9, 8), new Uint8Array(total - 9)]);
}

/** Reads an element's id and size at `at`; null if the bytes end or are not valid EBML. */
export function readHeader(bytes: Uint8Array, at: number): ElementHeader | null {
  const idLength = Math.clz32(bytes[at] ?? 0) - 23;
  if (idLength > 4 || at + idLength >= bytes.byteLength) return null;
  const id = readUint(bytes, at, idLength);
  const first = bytes[at + idLength] as number;
  const sizeLength = Math.clz32(first) - 23;
  const dataAt = at + idLength + sizeLength;
  if (sizeLength > 8 || dataAt > bytes.byteLength) return null;
  // Without the length marker bit, which would not fit into a float64 with the rest.
  const size =
    (first & (0xff >> sizeLength)) * 256 ** (sizeLength - 1) + readUint(bytes, at + idLength + 1, sizeLength - 1);
  // All bits set means "unknown"; near 2^56 the sum rounds up to a power of two, so >= works there too.
  return { id, size: size >= 2 ** (7 * sizeLength) - 1 ? null : size, dataAt };
}

/** The consecutive elements in `bytes`; stops without an error where they are truncated. */
export function* elements(
  bytes: Uint8Array,
): Generator<{ id: number; at: number; data: Uint8Array; whole: Uint8Array }> {
  for (let at = 0; at < bytes.byteLength; ) {
    const header = readHeader(bytes, at);
    if (!header || header.size === null || header.dataAt + header.size > bytes.byteLength) return;
    const end = header.dataAt + header.size;
    yield { id: header.id, at, data: bytes.subarray(header.dataAt, end), whole: bytes.subarray(at, end) };
    at = end;
  }
}

export function readUint(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length; i += 1) value = value * 256 + (bytes[at + i] as number);
  return value;
}

export function bigEndian(value: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let rest = value;
  for (let i = length - 1; i >= 0; i -= 1) {
    out[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return out;
}
