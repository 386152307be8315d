/**
 * Pending rows of one sample stream, column by column. One block becomes one row of `batch`; its checksum covers the
 * bytes from `blockChecksum`, which `verify` can recompute from the rows.
 */
import { crc32 } from 'node:zlib';
import { type Column, type SampleBatch, UNKNOWN_US } from '../../common/wire.ts';

export const BLOCK_ROWS = 4096;
const BLOCK_BYTES = 1024 * 1024;

export interface Block {
  clock: number;
  firstSeq: number;
  count: number;
  publisherNs: Float64Array;
  /** NaN if a sample has none; null if the stream has none. */
  deviceTime: Float64Array | null;
  /** Microseconds; NaN if not stated; null if the table has no such column. */
  earlyUs: Float64Array | null;
  columns: (Float64Array | (string | null)[])[];
}

/** @param text which channels are text. Wide streams get shorter blocks, so that each stays below 1 MiB. */
export function newBlock(
  text: readonly boolean[],
  { device, bounds }: { device: boolean; bounds: boolean },
  rows = blockRows(text.length),
): Block {
  return {
    clock: 0,
    firstSeq: 0,
    count: 0,
    publisherNs: new Float64Array(rows),
    deviceTime: device ? new Float64Array(rows) : null,
    earlyUs: bounds ? new Float64Array(rows) : null,
    columns: text.map((isText) => (isText ? [] : new Float64Array(rows))),
  };
}

const blockRows = (channels: number): number =>
  Math.max(64, Math.min(BLOCK_ROWS, Math.floor(BLOCK_BYTES / (8 * (channels + 2)))));

/**
 * Appends rows [from, from + count) of a batch to the block. Minus zero and NaN payloads are normalised, as in SQLite.
 */
export function appendRows(block: Block, batch: SampleBatch, from: number, count: number): void {
  const at = block.count;
  block.publisherNs.set(batch.publisherNs.subarray(from, from + count), at);
  if (block.deviceTime) {
    if (batch.deviceTime) copyNumbers(block.deviceTime, at, batch.deviceTime, from, count);
    else block.deviceTime.fill(Number.NaN, at, at + count);
  }
  if (block.earlyUs)
    for (let i = 0; i < count; i += 1) {
      const us = batch.earlyUs?.[from + i] ?? UNKNOWN_US;
      block.earlyUs[at + i] = us === UNKNOWN_US ? Number.NaN : us;
    }
  block.columns.forEach((column, c) => {
    const source = batch.columns[c] as Column;
    if (column instanceof Float64Array) copyNumbers(column, at, source as Float64Array, from, count);
    else
      for (let i = 0; i < count; i += 1)
        column.push(wellFormed((source as readonly (string | null)[])[from + i] ?? null));
  });
  block.count += count;
}

/** An unpaired surrogate cannot be stored as UTF-8; it is replaced by U+FFFD, as in the database. */
const wellFormed = (text: string | null): string | null =>
  text !== null && /[\ud800-\udfff]/.test(text) ? Buffer.from(text).toString() : text;

function copyNumbers(target: Float64Array, at: number, source: Float64Array, from: number, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const value = source[from + i] as number;
    target[at + i] = Number.isNaN(value) ? Number.NaN : value + 0;
  }
}

export function clearBlock(block: Block): void {
  block.count = 0;
  for (const column of block.columns) if (!(column instanceof Float64Array)) column.length = 0;
}

/** CRC-32 over: publisher times, device times if the stream has them, arrival bounds if the table has them, then each channel: float64 little-endian (no value: quiet NaN), text as a JSON array in UTF-8. */
export function blockChecksum(block: Block): number {
  const { count } = block;
  let crc = crc32(bytesOf(block.publisherNs, count));
  if (block.deviceTime) crc = crc32(bytesOf(block.deviceTime, count), crc);
  if (block.earlyUs) crc = crc32(bytesOf(block.earlyUs, count), crc);
  for (const column of block.columns)
    crc = crc32(column instanceof Float64Array ? bytesOf(column, count) : JSON.stringify(column), crc);
  return crc;
}

const bytesOf = (column: Float64Array, count: number): Uint8Array =>
  new Uint8Array(column.buffer, column.byteOffset, count * 8);
