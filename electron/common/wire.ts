/**
 * The byte format of packets and samples, and of several of them in one message. All numbers are little-endian.
 *
 *   packet   u8 1 | u8 flags (1 key, 4 only shown live, never recorded) | u16 handle | u32 crc32 of the payload
 *            | f64 seq | f64 publisherNs | f64 deviceNs (NaN: none) | f64 durationNs | [flag 2: u32 earlyUs | u32 lateUs] | payload
 *   samples  u8 2 | u8 flags (1 has device times, 2 has arrival bounds) | u16 handle | u32 count | f64 firstSeq
 *            | count f64 publisherNs | [count f64 deviceTime] | [count u32 earlyUs, padded to 8 bytes]
 *            | per channel: count f64, or for text u32 byteLength + UTF-8 JSON array padded with spaces to 8 bytes
 *   parcel   u8 3 | 3 bytes 0 | per message u32 byteLength + a packet or samples
 *
 * A column starts at a multiple of 8, so it is read as a Float64Array without a copy. In a numeric column NaN means
 * "no value" and is stored as NULL.
 */
import { type FieldroomError, fieldroomError } from './errors.ts';
import type { Channel } from './stream.ts';

export const PACKET = 1;
export const SAMPLES = 2;
export const PARCEL = 3;
export const PACKET_HEADER_BYTES = 40;
/** Flags of a packet and of samples. */
const KEY = 1;
const HAS_DEVICE_TIME = 1;
const HAS_BOUNDS = 2;
const BOUNDS_BYTES = 8;
/** Flag of a packet that is shown live and not recorded. */
export const LIVE_ONLY = 4;
const SAMPLES_HEADER_BYTES = 16;
const PARCEL_HEADER_BYTES = 4;
/** Maximum messages in one parcel. */
export const MAX_PARTS = 4096;

/** Largest message that the door accepts: ample for a 4K key frame. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Largest number of samples in one batch. */
export const MAX_BATCH = 65_536;
/** The value of a bound that its publisher does not know. */
export const UNKNOWN_US = 0xffff_ffff;

/**
 * Bounds of the error of a publisher time, as known to that publisher, microseconds rounded up. They do not include the
 * uncertainty of its clock, nor a constant delay that cannot be measured in the computer.
 */
export interface TimeBounds {
  /** It happened at most this much earlier than stamped. */
  earlyUs: number;
  /** It happened at most this much later than stamped. */
  lateUs: number;
}

/**
 * Nanoseconds as a bound on the wire: whole microseconds, rounded up. NaN and values that are too large become
 * `UNKNOWN_US`.
 */
export const boundUs = (ns: number): number => {
  const us = Math.ceil(Math.max(0, ns) / 1000);
  return us < UNKNOWN_US ? us : UNKNOWN_US;
};

export interface Packet {
  handle: number;
  /** Counts the stream's packets from 0; a missing number is a loss. */
  seq: number;
  /** Publisher time of the packet's first sample or of its frame's capture. */
  publisherNs: number;
  /** The media's own timestamp in nanoseconds, or NaN. */
  deviceNs: number;
  durationNs: number;
  /** Absent: no bounds stated. */
  bounds?: TimeBounds;
  key: boolean;
  /** CRC-32 (ISO 3309) of `data`, computed where the packet was created. */
  crc32: number;
  data: Uint8Array;
}

/** A column of a batch: float64 values, or one string per sample (null: no value). */
export type Column = Float64Array | readonly (string | null)[];

export interface SampleBatch {
  handle: number;
  /** Sequence number of the first sample; the others follow without a hole. */
  firstSeq: number;
  /** Publisher time of arrival at the transport, one per sample. */
  publisherNs: Float64Array;
  /** The device's own time or counter in its ticks, unwrapped, or null if the device has none. */
  deviceTime: Float64Array | null;
  /** Each arrived at most this much before its publisher time, microseconds (`UNKNOWN_US`); null: no bounds stated. */
  earlyUs?: Uint32Array | null;
  /** In the order of the stream's channels. */
  columns: readonly Column[];
}

export function encodePacket(packet: Packet): Uint8Array<ArrayBuffer> {
  const headBytes = PACKET_HEADER_BYTES + (packet.bounds ? BOUNDS_BYTES : 0);
  const out = new Uint8Array(headBytes + packet.data.byteLength);
  const view = new DataView(out.buffer);
  view.setUint8(0, PACKET);
  view.setUint8(1, (packet.key ? KEY : 0) | (packet.bounds ? HAS_BOUNDS : 0));
  view.setUint16(2, packet.handle, true);
  view.setUint32(4, packet.crc32, true);
  view.setFloat64(8, packet.seq, true);
  view.setFloat64(16, packet.publisherNs, true);
  view.setFloat64(24, packet.deviceNs, true);
  view.setFloat64(32, packet.durationNs, true);
  if (packet.bounds) {
    view.setUint32(PACKET_HEADER_BYTES, packet.bounds.earlyUs, true);
    view.setUint32(PACKET_HEADER_BYTES + 4, packet.bounds.lateUs, true);
  }
  out.set(packet.data, headBytes);
  return out;
}

/** Where the payload of a packet begins. */
export const packetHeadBytes = (bytes: Uint8Array): number =>
  PACKET_HEADER_BYTES + (((bytes[1] ?? 0) & HAS_BOUNDS) === 0 ? 0 : BOUNDS_BYTES);

/** @throws FieldroomError `ingest.malformed` if the bytes are not a packet. `data` is a view, not a copy. */
export function decodePacket(bytes: Uint8Array): Packet {
  if (bytes.byteLength < PACKET_HEADER_BYTES || bytes[0] !== PACKET) throw malformed('not a packet');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bounded = (view.getUint8(1) & HAS_BOUNDS) !== 0;
  const headBytes = PACKET_HEADER_BYTES + (bounded ? BOUNDS_BYTES : 0);
  if (bytes.byteLength < headBytes) throw malformed('a packet is truncated');
  const packet: Packet = {
    key: (view.getUint8(1) & KEY) !== 0,
    handle: view.getUint16(2, true),
    crc32: view.getUint32(4, true),
    seq: view.getFloat64(8, true),
    publisherNs: view.getFloat64(16, true),
    deviceNs: view.getFloat64(24, true),
    durationNs: view.getFloat64(32, true),
    data: bytes.subarray(headBytes),
  };
  if (bounded)
    packet.bounds = {
      earlyUs: view.getUint32(PACKET_HEADER_BYTES, true),
      lateUs: view.getUint32(PACKET_HEADER_BYTES + 4, true),
    };
  if (!isCount(packet.seq)) throw malformed('sequence number is not an integer');
  if (!Number.isSafeInteger(packet.publisherNs))
    throw malformed('publisher time is not an integer number of nanoseconds');
  if (!Number.isNaN(packet.deviceNs) && !Number.isSafeInteger(packet.deviceNs))
    throw malformed('device time is not an integer');
  if (!isCount(packet.durationNs)) throw malformed('duration is not an integer number of nanoseconds');
  return packet;
}

export function encodeSamples(batch: SampleBatch): Uint8Array<ArrayBuffer> {
  const count = batch.publisherNs.length;
  const texts = batch.columns.map((column) => (column instanceof Float64Array ? null : textColumn(column)));
  const columnBytes = batch.columns.reduce((sum, _, i) => sum + (texts[i]?.byteLength ?? count * 8), 0);
  const { earlyUs } = batch;
  const fixedBytes = count * 8 * (batch.deviceTime ? 2 : 1) + (earlyUs ? padded(count * 4) : 0);
  const out = new Uint8Array(SAMPLES_HEADER_BYTES + fixedBytes + columnBytes);
  const view = new DataView(out.buffer);
  view.setUint8(0, SAMPLES);
  view.setUint8(1, (batch.deviceTime ? HAS_DEVICE_TIME : 0) | (earlyUs ? HAS_BOUNDS : 0));
  view.setUint16(2, batch.handle, true);
  view.setUint32(4, count, true);
  view.setFloat64(8, batch.firstSeq, true);
  let at = SAMPLES_HEADER_BYTES;
  const put = (column: Float64Array): void => {
    new Float64Array(out.buffer, at, count).set(column);
    at += count * 8;
  };
  put(batch.publisherNs);
  if (batch.deviceTime) put(batch.deviceTime);
  if (earlyUs) {
    new Uint32Array(out.buffer, at, count).set(earlyUs);
    at += padded(count * 4);
  }
  batch.columns.forEach((column, i) => {
    const text = texts[i];
    if (text) {
      out.set(text, at);
      at += text.byteLength;
    } else put(column as Float64Array);
  });
  return out;
}

/**
 * Reads a batch. Columns are views on `bytes` where its alignment allows.
 * @param channels the stream's channels in order, which define the text columns.
 * @throws FieldroomError `ingest.malformed`
 */
export function decodeSamples(bytes: Uint8Array, channels: readonly Channel[]): SampleBatch {
  if (bytes.byteLength < SAMPLES_HEADER_BYTES || bytes[0] !== SAMPLES) throw malformed('not a sample batch');
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const view = new DataView(aligned.buffer, aligned.byteOffset, aligned.byteLength);
  const count = view.getUint32(4, true);
  const firstSeq = view.getFloat64(8, true);
  if (count === 0 || count > MAX_BATCH) throw malformed(`a batch contains 1 to ${MAX_BATCH} samples, not ${count}`);
  if (!isCount(firstSeq)) throw malformed('sequence number is not an integer');
  let at = SAMPLES_HEADER_BYTES;
  const numbers = (): Float64Array => {
    if (at + count * 8 > aligned.byteLength) throw malformed('a column is truncated');
    const column = new Float64Array(aligned.buffer, aligned.byteOffset + at, count);
    at += count * 8;
    return column;
  };
  const publisherNs = numbers();
  if (!publisherNs.every(Number.isSafeInteger))
    throw malformed('publisher time is not an integer number of nanoseconds');
  const deviceTime = (view.getUint8(1) & HAS_DEVICE_TIME) !== 0 ? numbers() : null;
  let earlyUs: Uint32Array | null = null;
  if ((view.getUint8(1) & HAS_BOUNDS) !== 0) {
    if (at + padded(count * 4) > aligned.byteLength) throw malformed('the arrival bounds are truncated');
    earlyUs = new Uint32Array(aligned.buffer, aligned.byteOffset + at, count);
    at += padded(count * 4);
  }
  const columns = channels.map((channel): Column => {
    if (channel.type !== 'text') return numbers();
    if (at + 4 > aligned.byteLength) throw malformed('a text column is truncated');
    const length = view.getUint32(at, true);
    if (at + 4 + length > aligned.byteLength) throw malformed('a text column is truncated');
    const column = parseTexts(aligned.subarray(at + 4, at + 4 + length), count);
    at += 4 + length;
    return column;
  });
  if (at !== aligned.byteLength) throw malformed('there are extra bytes after the last column');
  return { handle: view.getUint16(2, true), firstSeq, publisherNs, deviceTime, earlyUs, columns };
}

/** Combines several messages into one, because each message passes through four processes. */
export function encodeParcel(messages: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(messages.reduce((sum, { byteLength }) => sum + 4 + byteLength, PARCEL_HEADER_BYTES));
  const view = new DataView(out.buffer);
  view.setUint8(0, PARCEL);
  let at = PARCEL_HEADER_BYTES;
  for (const message of messages) {
    view.setUint32(at, message.byteLength, true);
    out.set(message, at + 4);
    at += 4 + message.byteLength;
  }
  return out;
}

/**
 * The contents of a binary message as views: the messages of a parcel, or the message itself.
 * @throws FieldroomError `ingest.malformed` when a parcel is truncated
 */
export function unpack(bytes: Uint8Array): Uint8Array[] {
  if (bytes[0] !== PARCEL) return [bytes];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: Uint8Array[] = [];
  let at = PARCEL_HEADER_BYTES;
  while (at < bytes.byteLength) {
    if (at + 4 > bytes.byteLength) throw malformed('a parcel is truncated');
    const length = view.getUint32(at, true);
    const end = at + 4 + length;
    if (end > bytes.byteLength) throw malformed('a parcel is truncated');
    // Each part costs work, however small: millions of empty ones would block the engine for seconds.
    if (length < SAMPLES_HEADER_BYTES || messages.length >= MAX_PARTS) throw fieldroomError('ingest.malformed:parcel');
    messages.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return messages;
}

/** Kind and handle of a packet or of samples, or null when it is neither. */
export function peek(bytes: Uint8Array): { kind: typeof PACKET | typeof SAMPLES; handle: number } | null {
  const kind = bytes[0];
  if (bytes.byteLength < SAMPLES_HEADER_BYTES || (kind !== PACKET && kind !== SAMPLES)) return null;
  return { kind, handle: (bytes[2] as number) | ((bytes[3] as number) << 8) };
}

function textColumn(column: readonly (string | null)[]): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(column));
  const bytes = padded(body.byteLength + 4);
  const out = new Uint8Array(bytes).fill(0x20);
  new DataView(out.buffer).setUint32(0, bytes - 4, true);
  out.set(body, 4);
  return out;
}

function parseTexts(bytes: Uint8Array, count: number): (string | null)[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw malformed('a text column is not valid JSON', cause);
  }
  const valid =
    Array.isArray(parsed) && parsed.length === count && parsed.every((v) => v === null || typeof v === 'string');
  if (!valid) throw malformed('a text column does not contain one string per sample');
  return parsed as (string | null)[];
}

/** Columns begin at multiples of 8. */
const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

const malformed = (what: string, cause?: unknown): FieldroomError =>
  fieldroomError('ingest.malformed', { what }, { cause });
