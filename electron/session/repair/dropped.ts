/** Removes damaged packets and samples from the index, and records each loss as a gap with its cause. */
import type { Database } from 'better-sqlite3';
import type { Stream } from '../../common/stream.ts';
import type { Acked, CommitLog } from '../format/commitLog.ts';
import type { IndexWriter, StateRow } from '../format/indexWriter.ts';
import { samplesTable } from '../format/sampleTable.ts';

export const DAMAGED = 'damaged';

/** A neighbour of the dropped data, on its publisher's clock. */
interface Moment {
  seq: number;
  clock: number;
  ns: number;
  endNs: number;
}

export interface GapEnd {
  clock: number;
  ns: number;
}

/** Removed sequence numbers, with their own times if known. */
export interface DroppedRun {
  first: number;
  last: number;
  own?: { from: GapEnd; to: GapEnd } | undefined;
}

/** Ordered sequence numbers as runs of consecutive numbers. */
export function runsOf(seqs: readonly number[]): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const seq of [...seqs].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && run.last + 1 === seq) run.last = seq;
    else runs.push({ first: seq, last: seq });
  }
  return runs;
}

/**
 * Records dropped runs of sequence numbers, after their rows were removed. Numbers in the middle are missing; numbers
 * at the end will be reused by the stream, so they count only as lost.
 * @param commits number of the last commit; -1: the index has no commit log
 */
export function tellDropped(
  db: Database,
  index: IndexWriter,
  number: number,
  stream: Stream,
  runs: readonly DroppedRun[],
  { detail, commits }: { detail: string; commits: number },
): void {
  for (const { first, last, own } of runs) {
    if (commits >= 0) index.insert('lost', { stream: number, first_seq: first, last_seq: last, commits, detail });
    const before = neighbour(db, number, stream, `seq < ${first}`, 'DESC');
    const after = neighbour(db, number, stream, `seq > ${last}`, 'ASC');
    // Without neighbours on either side, its own times give its position.
    const from: GapEnd = before
      ? { clock: before.clock, ns: before.endNs }
      : (own?.from ?? after ?? firstClock(db, number));
    const to: GapEnd = after ?? own?.to ?? from;
    index.insert('gap', {
      stream: number,
      clock: from.clock,
      from_ns: from.ns,
      to_clock: to.clock,
      to_ns: to.clock === from.clock ? Math.max(to.ns, from.ns) : to.ns,
      cause: DAMAGED,
      lost: last - first + 1,
      missing_seqs: after ? last - first + 1 : 0,
      detail,
    });
  }
}

/** For a stream without any other data. */
function firstClock(db: Database, number: number): GapEnd {
  const clock = db.prepare('SELECT clock FROM declaration WHERE stream = ? ORDER BY id LIMIT 1').pluck().get(number);
  return { clock: (clock as number | undefined) ?? 1, ns: 0 };
}

function neighbour(
  db: Database,
  number: number,
  stream: Stream,
  where: string,
  order: 'ASC' | 'DESC',
): Moment | undefined {
  const [table, end, own] =
    stream.kind === 'samples'
      ? [`"${samplesTable(stream.id)}"`, 'publisher_ns', '']
      : ['packet', 'publisher_ns + duration_ns', `stream = ${number} AND `];
  const sql = `SELECT seq, clock, publisher_ns AS ns, ${end} AS endNs FROM ${table} WHERE ${own}${where} ORDER BY seq ${order} LIMIT 1`;
  return db.prepare(sql).get() as Moment | undefined;
}

/** Recomputes a stream's counters from its rows. */
export type Counted = Omit<StateRow, 'stream' | 'duplicates'>;

export function countRows(db: Database, number: number, stream: Stream, columns: number): Counted {
  const last = neighbour(db, number, stream, 'seq >= 0', 'DESC');
  const totals = (
    stream.kind === 'samples'
      ? db
          .prepare(`SELECT count(*) AS count, count(*) * ${columns * 8} AS bytes FROM "${samplesTable(stream.id)}"`)
          .get()
      : db
          .prepare('SELECT count(*) AS count, coalesce(sum(length), 0) AS bytes FROM packet WHERE stream = ?')
          .get(number)
  ) as { count: number; bytes: number };
  return {
    ...totals,
    lastSeq: last?.seq ?? -1,
    lastClock: last?.clock ?? null,
    lastPublisherNs: last?.ns ?? null,
    lastEndNs: last?.endNs ?? null,
  };
}

/** Times of a run as it was acknowledged; undefined: not in the log. */
export function ackedTimes(
  log: CommitLog | null,
  number: number,
  { first, last }: { first: number; last: number },
): DroppedRun['own'] {
  const has = ({ stream, runs }: Acked, seq: number): boolean =>
    stream === number && runs.some((from, i) => i % 2 === 0 && from <= seq && seq <= (runs[i + 1] as number));
  const find = (seq: number): Acked | undefined =>
    log?.entries.flatMap(({ acked }) => acked).findLast((acked) => has(acked, seq));
  const [from, to] = [find(first), find(last)];
  if (!from || !to) return undefined;
  return { from: { clock: from.fromClock, ns: from.fromNs }, to: { clock: to.toClock, ns: to.toNs } };
}

/** Times of rows about to be removed. */
export function rowTimes(
  db: Database,
  number: number,
  stream: Stream,
  { first, last }: { first: number; last: number },
): DroppedRun['own'] {
  const from = neighbour(db, number, stream, `seq BETWEEN ${first} AND ${last}`, 'ASC');
  const to = neighbour(db, number, stream, `seq BETWEEN ${first} AND ${last}`, 'DESC');
  if (!from || !to) return undefined;
  return { from: { clock: from.clock, ns: from.ns }, to: { clock: to.clock, ns: to.endNs } };
}

/** Rows of a run that differ from what was acknowledged. */
export function removeRows(db: Database, number: number, stream: Stream, first: number, last: number): void {
  if (stream.kind !== 'samples') {
    db.prepare('DELETE FROM packet WHERE stream = ? AND seq BETWEEN ? AND ?').run(number, first, last);
    return;
  }
  db.prepare('DELETE FROM batch WHERE stream = ? AND first_seq <= ? AND last_seq >= ?').run(number, last, first);
  db.prepare(`DELETE FROM "${samplesTable(stream.id)}" WHERE seq BETWEEN ? AND ?`).run(first, last);
}
