/** Converts times to sequence numbers with `batch`, the sparse time index of the sample tables. */
import type { Database } from 'better-sqlite3';
import { samplesTable } from './sampleTable.ts';

/** A run of one stream's samples with one clock that may overlap a window of publisher time. */
export interface SeqRange {
  clock: number;
  firstSeq: number;
  lastSeq: number;
  fromNs: number;
  toNs: number;
}

interface Batch {
  firstSeq: number;
  lastSeq: number;
}

/** None if no sample is at or after `fromNs`. */
export function seqRange(
  db: Database,
  id: string,
  stream: number,
  clock: number,
  fromNs: number,
  toNs: number,
): SeqRange[] {
  const reached = db.prepare(
    `SELECT first_seq AS firstSeq, last_seq AS lastSeq FROM batch
     WHERE stream = ? AND clock = ? AND reached_publisher_ns >= ? ORDER BY reached_publisher_ns, first_seq LIMIT 1`,
  );
  const first = reached.get(stream, clock, fromNs) as Batch | undefined;
  if (!first) return [];
  const late = (db
    .prepare('SELECT max(disorder_ns) FROM batch WHERE stream = ? AND clock = ? AND disorder_ns > 0')
    .pluck()
    .get(stream, clock) ?? 0) as number;
  // Late rows may follow the first batch that extends beyond the window.
  const beyond = reached.get(stream, clock, toNs + late + 1) as Batch | undefined;
  const end = (beyond?.lastSeq ??
    db
      .prepare(
        'SELECT last_seq FROM batch WHERE stream = ? AND clock = ? ORDER BY reached_publisher_ns DESC, first_seq DESC LIMIT 1',
      )
      .pluck()
      .get(stream, clock)) as number;
  const whole = { clock, firstSeq: first.firstSeq, lastSeq: end, fromNs, toNs };
  if (late > 0) return [whole];
  // If rows are in time order, the exact end rows can be found.
  const row = (where: string): string =>
    `SELECT seq FROM "${samplesTable(id)}" WHERE seq BETWEEN ? AND ? AND ${where} ORDER BY seq LIMIT 1`;
  const start = db.prepare(row('publisher_ns >= ?')).pluck().get(first.firstSeq, first.lastSeq, fromNs) as
    | number
    | undefined;
  const after =
    beyond && (db.prepare(row('publisher_ns > ?')).pluck().get(beyond.firstSeq, end, toNs) as number | undefined);
  return [{ ...whole, firstSeq: start ?? first.firstSeq, lastSeq: after === undefined ? end : after - 1 }];
}
