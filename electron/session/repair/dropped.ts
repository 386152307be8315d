/** Taking damaged packets and samples out of the index, so that each one missing is told as a gap with its cause. */
import type { Database } from 'better-sqlite3';
import type { Stream } from '../../common/stream.ts';
import type { IndexWriter, StateRow } from '../format/indexWriter.ts';
import { samplesTable } from '../format/sampleTable.ts';

export const DAMAGED = 'damaged';

/** A neighbour of what was dropped, on its publisher's clock. */
interface Moment {
  seq: number;
  clock: number;
  ns: number;
  endNs: number;
}

interface GapEnd {
  clock: number;
  ns: number;
}

/** Sequence numbers in order, as runs of neighbours. */
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
 * Tells of runs of sequence numbers that were dropped, after their rows are gone. Those in the middle are sequence numbers
 * that are missing; those at the end are numbers that the stream will use again, so their loss is counted only as such.
 */
export function tellDropped(
  db: Database,
  index: IndexWriter,
  number: number,
  stream: Stream,
  runs: readonly { first: number; last: number }[],
  detail: string,
): void {
  for (const { first, last } of runs) {
    const before = neighbour(db, number, stream, `seq < ${first}`, 'DESC');
    const after = neighbour(db, number, stream, `seq > ${last}`, 'ASC');
    const from: GapEnd | null = before ? { clock: before.clock, ns: before.endNs } : (after ?? null);
    if (!from) continue;
    index.insert('gap', {
      stream: number,
      clock: from.clock,
      from_ns: from.ns,
      to_clock: (after ?? from).clock,
      to_ns: Math.max((after ?? from).ns, after && after.clock !== from.clock ? after.ns : from.ns),
      cause: DAMAGED,
      lost: last - first + 1,
      missing_seqs: after ? last - first + 1 : 0,
      detail,
    });
  }
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

/** The counters of a stream, made anew from its rows. */
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
