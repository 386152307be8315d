/**
 * A plot of one channel: min, max and mean per bucket, from the decimated levels, and from raw rows where those are too
 * coarse or incomplete.
 */
import { fieldroomError } from '../../common/errors.ts';
import { LEVELS } from '../format/decimator.ts';
import { decimatedTable, isNumeric, samplesTable } from '../format/sampleTable.ts';
import type { SeqRange } from '../format/seqRange.ts';
import type { SessionReader } from './sessionReader.ts';

export interface PlotPoint {
  /** Session nanoseconds of its first and last sample. */
  fromNs: bigint;
  toNs: bigint;
  /** Null if the bucket contains no value. */
  min: number | null;
  max: number | null;
  mean: number | null;
  /** Samples in it. */
  rows: number;
}

/** [firstNs, lastNs, min, max, mean, rows, lastSeq] in publisher time; lastSeq only for buckets. */
type Row = [number, number, number | null, number | null, number | null, number, number];

/**
 * About `points` buckets of a numeric channel over [fromNs, toNs], from the levels computed during recording.
 * @throws FieldroomError `store.stream-unknown`, `store.channel-unknown`
 */
export function plotChannel(
  reader: SessionReader,
  id: string,
  channel: string,
  fromNs: bigint,
  toNs: bigint,
  points: number,
): PlotPoint[] {
  const column = reader.columns(id).find((c) => c.channel.name === channel);
  if (!column || !isNumeric(column)) throw fieldroomError('store.channel-unknown', { id, channel });
  const ranges = reader.ranges(id, fromNs, toNs);
  const total = ranges.reduce((sum, r) => sum + r.lastSeq - r.firstSeq + 1, 0);
  // Half as many buckets as points look the same, because each draws a minimum and a maximum; the finest level is used
  // for longer, because reading raw rows costs most.
  const level = LEVELS.findLastIndex((size, i) => total / size >= points / (i === 0 ? 4 : 2));
  const clock = reader.clock;
  const made: PlotPoint[] = [];
  for (const range of ranges) {
    const rows = readRows(reader, id, column.column, range, level);
    const size = Math.max(1, Math.ceil((rows.length * total) / (range.lastSeq - range.firstSeq + 1) / points));
    for (let i = 0; i < rows.length; i += size) {
      const merged = merge(rows, i, Math.min(rows.length, i + size));
      const from = clock.toSession(range.clock, merged[0]);
      const to = clock.toSession(range.clock, merged[1]);
      if (from === null || to === null || to < fromNs || from > toNs) continue;
      made.push({ fromNs: from, toNs: to, min: merged[2], max: merged[3], mean: merged[4], rows: merged[5] });
    }
  }
  return made;
}

/** From the chosen level; after its last bucket from the finer ones; the rest from raw rows. */
function readRows(reader: SessionReader, id: string, column: string, range: SeqRange, level: number): Row[] {
  const rows: Row[] = [];
  let next = range.firstSeq;
  const buckets = reader.db
    .prepare(
      `SELECT from_ns, to_ns, "${column}_min", "${column}_max", "${column}_mean", rows, last_seq FROM "${decimatedTable(id)}"
       WHERE level = ? AND first_seq BETWEEN ? AND ? AND clock = ? AND to_ns >= ? AND from_ns <= ? ORDER BY first_seq`,
    )
    .raw();
  for (let i = level; i >= 0; i -= 1) {
    const size = LEVELS[i] as number;
    // The first bucket may begin before the range; a level's buckets cover everything after them.
    const start = rows.length === 0 ? Math.floor(next / size) * size : next;
    const found = buckets.all(size, start, range.lastSeq, range.clock, range.fromNs, range.toNs) as Row[];
    for (const row of found) rows.push(row);
    const last = found.at(-1);
    if (last) next = last[6] + 1;
  }
  if (next > range.lastSeq) return rows;
  const raw = reader.db
    .prepare(
      `SELECT publisher_ns, "${column}" FROM "${samplesTable(id)}" WHERE seq BETWEEN ? AND ? AND clock = ? ORDER BY seq`,
    )
    .raw();
  for (const [ns, value] of raw.all(next, range.lastSeq, range.clock) as [number, number | null][])
    if (ns >= range.fromNs && ns <= range.toNs) rows.push([ns, ns, value, value, value, 1, next]);
  return rows;
}

function merge(rows: Row[], from: number, to: number): Row {
  const first = rows[from] as Row;
  if (to - from === 1) return first;
  let [fromNs, toNs] = first;
  let min: number | null = null;
  let max: number | null = null;
  let sum = 0;
  let weight = 0;
  let count = 0;
  for (let i = from; i < to; i += 1) {
    const row = rows[i] as Row;
    if (row[0] < fromNs) fromNs = row[0];
    if (row[1] > toNs) toNs = row[1];
    count += row[5];
    if (row[2] === null || row[3] === null || row[4] === null) continue;
    if (min === null || row[2] < min) min = row[2];
    if (max === null || row[3] > max) max = row[3];
    sum += row[4] * row[5];
    weight += row[5];
  }
  return [fromNs, toNs, min, max, weight === 0 ? null : sum / weight, count, (rows[to - 1] as Row)[6]];
}
