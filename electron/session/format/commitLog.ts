/**
 * `commits.log`: acknowledged data, one line per commit, written and synced after the commit of the index and before
 * the acknowledgement. It proves what a session must contain, even if the index, its write-ahead log or the media are
 * damaged.
 *
 * A line is JSON, a space, and the CRC-32 of the JSON in eight hexadecimal digits. After the last line there may be
 * zeros: space allocated for the next ones.
 */
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { existsInside, readInside } from '../folder/files.ts';
import { COMMIT_LOG } from './names.ts';

/** The data of one stream made safe by one commit. */
export interface Acked {
  /** The stream's number in the index. */
  stream: number;
  /** Start of the first item and end of the last, on the stream's clock. */
  fromClock: number;
  fromNs: number;
  toClock: number;
  toNs: number;
  /** CRC-32 over the checksums in the index, each as uint32 little-endian: `packet.row_crc32`, or `batch.crc32` of samples. */
  sum: number;
  /** Sequence numbers: [first, last, first, last, ...], ascending. */
  runs: number[];
}

export type RowValue = number | string | null;
/** A row of the index by column names; null: the row was removed. `id` is its rowid. */
export interface LoggedRow {
  table: string;
  id: number;
  row: Record<string, RowValue> | null;
}

export interface CommitEntry {
  /** Number of the commit, from 1. Entries written by repair or on opening repeat the previous number. */
  commit: number;
  /** `commit` increments the number; the others describe the state of the index when it was opened. */
  kind: 'commit' | 'opened' | 'repair';
  acked: Acked[];
  rows: LoggedRow[];
}

const wire = z.object({
  n: z.number().int().nonnegative(),
  k: z.enum(['opened', 'repair']).optional(),
  a: z.array(z.array(z.number()).min(8)).default([]),
  r: z
    .array(
      z.tuple([z.string(), z.number(), z.record(z.string(), z.union([z.number(), z.string(), z.null()])).nullable()]),
    )
    .default([]),
});

export function encodeEntry({ commit, kind, acked, rows }: CommitEntry): Buffer {
  const json = JSON.stringify({
    n: commit,
    ...(kind === 'commit' ? {} : { k: kind }),
    ...(acked.length === 0
      ? {}
      : { a: acked.map((a) => [a.stream, a.fromClock, a.fromNs, a.toClock, a.toNs, a.sum, ...a.runs]) }),
    ...(rows.length === 0 ? {} : { r: rows.map(({ table, id, row }) => [table, id, row]) }),
  });
  return Buffer.from(`${json} ${hex(crc32(json))}\n`);
}

export interface CommitLog {
  entries: CommitEntry[];
  /** Number of the last commit. */
  commits: number;
  /** Offset after the last complete line. */
  endBytes: number;
  /** Damaged lines, or lines missing between two numbers; a last line torn by a crash does not count. */
  damage: string[];
}

/** Null: this session has none. @throws FieldroomError `store.unsafe-folder` */
export function readCommitLog(folder: string): CommitLog | null {
  return existsInside(folder, COMMIT_LOG) ? parseCommitLog(readInside(folder, COMMIT_LOG)) : null;
}

export function parseCommitLog(bytes: Buffer): CommitLog {
  const log: CommitLog = { entries: [], commits: 0, endBytes: 0, damage: [] };
  let broken: string[] = [];
  let line = 0;
  for (let at = 0; at < bytes.length; ) {
    let end = bytes.indexOf(0x0a, at);
    if (end < 0) end = bytes.length;
    const text = bytes.subarray(at, end);
    // Allocated space: no more lines follow.
    if (text.every((byte) => byte === 0)) break;
    line += 1;
    const entry = end < bytes.length ? parseLine(text) : null;
    if (!entry) broken.push(`line ${line} is damaged`);
    else {
      log.damage.push(...broken);
      broken = [];
      const expected = log.commits + (entry.kind === 'commit' ? 1 : 0);
      const jump = entry.commit > expected && entry.kind !== 'opened' && log.damage.length === 0;
      if (jump) log.damage.push(`commits ${log.commits + 1} to ${entry.commit - 1} are missing`);
      log.entries.push(entry);
      log.commits = Math.max(log.commits, entry.commit);
      log.endBytes = end + 1;
    }
    at = end + 1;
  }
  // A torn line at the end was being written when the recorder stopped; nothing in it was acknowledged.
  if (broken.length > 1) log.damage.push(...broken);
  return log;
}

function parseLine(text: Buffer): CommitEntry | null {
  const split = text.length - 9;
  if (split < 2 || text[split] !== 0x20) return null;
  const json = text.subarray(0, split);
  if (hex(crc32(json)) !== text.subarray(split + 1).toString('latin1')) return null;
  try {
    const { n, k, a, r } = wire.parse(JSON.parse(json.toString('utf8')));
    return {
      commit: n,
      kind: k ?? 'commit',
      acked: a.map(toAcked),
      rows: r.map(([table, id, row]) => ({ table, id, row })),
    };
  } catch {
    return null;
  }
}

function toAcked([stream, fromClock, fromNs, toClock, toNs, sum, ...runs]: number[]): Acked {
  return { stream, fromClock, fromNs, toClock, toNs, sum, runs } as Acked;
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** CRC-32 over checksums, as `Acked.sum`. */
export function sumOf(checksums: readonly number[]): number {
  const words = new Uint8Array(checksums.length * 4);
  const view = new DataView(words.buffer);
  checksums.forEach((value, i) => {
    view.setUint32(4 * i, value, true);
  });
  return crc32(words);
}

/** Runs of consecutive numbers in ascending sequence numbers, as `Acked.runs`. */
export function addToRuns(runs: number[], first: number, last = first): void {
  if (runs.length > 0 && (runs.at(-1) as number) + 1 === first) runs[runs.length - 1] = last;
  else runs.push(first, last);
}
