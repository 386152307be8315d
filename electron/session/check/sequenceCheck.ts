/** Checks a stream's counters and gaps against its rows: every sequence number must exist or be covered by a gap. */
import type { Database } from 'better-sqlite3';
import type { Stream } from '../../common/stream.ts';
import type { IndexWriter } from '../format/indexWriter.ts';
import { HOLE } from '../format/rows.ts';
import { samplesTable } from '../format/sampleTable.ts';
import { type Counted, countRows } from '../repair/dropped.ts';
import type { Finding } from './finding.ts';

export interface SequenceCheck {
  findings: Finding[];
  counted: Counted;
  /** Missing sequence numbers, minus those recorded in gaps. */
  untold: number;
}

/** @param columns of the table of samples; 0 for media. */
export function checkSequence(db: Database, number: number, stream: Stream, columns: number): SequenceCheck {
  const findings: Finding[] = [];
  const counted = countRows(db, number, stream, columns);
  const missing = counted.lastSeq + 1 - counted.count;
  const told = db
    .prepare('SELECT coalesce(sum(missing_seqs), 0) FROM gap WHERE stream = ?')
    .pluck()
    .get(number) as number;
  if (missing !== told)
    findings.push({
      code: 'index.sequence',
      where: stream.id,
      message: `${missing} sequence numbers are missing, the gaps account for ${told}`,
    });
  const state = db
    .prepare(
      `SELECT count, bytes, last_seq AS lastSeq, last_clock AS lastClock, last_publisher_ns AS lastPublisherNs,
       last_end_ns AS lastEndNs FROM stream_state WHERE stream = ?`,
    )
    .get(number) as Counted | undefined;
  const same = state
    ? (Object.keys(counted) as (keyof Counted)[]).every((key) => counted[key] === state[key])
    : counted.count === 0;
  if (!same)
    findings.push({
      code: 'index.counters',
      where: stream.id,
      message: `the counters of the index do not agree with its ${counted.count} rows`,
    });
  return { findings, counted, untold: missing - told };
}

/** Corrects the counters and gaps. @returns ids of the gaps that were changed */
export function repairSequence(
  db: Database,
  index: IndexWriter,
  number: number,
  stream: Stream,
  { counted, untold }: SequenceCheck,
): number[] {
  const duplicates = db.prepare('SELECT duplicates FROM stream_state WHERE stream = ?').pluck().get(number);
  index.state({ stream: number, duplicates: (duplicates as number | undefined) ?? 0, ...counted });
  if (untold < 0) return takeBack(db, number, -untold);
  if (untold > 0) tellHoles(db, index, number, stream, untold);
  return [];
}

/** The first hole represents all losses without a gap. */
function tellHoles(db: Database, index: IndexWriter, number: number, stream: Stream, untold: number): void {
  const [table, own] =
    stream.kind === 'samples' ? [`"${samplesTable(stream.id)}"`, ''] : ['packet', `WHERE stream = ${number}`];
  const hole = db
    .prepare(
      `SELECT * FROM (SELECT clock, publisher_ns AS toNs, seq - lag(seq, 1, -1) OVER w AS step,
       lag(clock, 1, clock) OVER w AS fromClock, lag(publisher_ns, 1, publisher_ns) OVER w AS fromNs
       FROM ${table} ${own} WINDOW w AS (ORDER BY seq)) WHERE step > 1 ORDER BY step DESC LIMIT 1`,
    )
    .get() as { clock: number; toNs: number; fromClock: number; fromNs: number } | undefined;
  if (!hole) return;
  index.insert('gap', {
    stream: number,
    clock: hole.fromClock,
    from_ns: hole.fromNs,
    to_clock: hole.clock,
    to_ns: hole.toNs,
    cause: HOLE,
    lost: null,
    missing_seqs: untold,
    detail: 'Found when the session was repaired.',
  });
}

/** Numbers after the end of the stream no longer count as missing; they are still recorded as lost. */
function takeBack(db: Database, number: number, excess: number): number[] {
  const update = db.prepare(
    'UPDATE gap SET lost = max(coalesce(lost, 0), missing_seqs), missing_seqs = missing_seqs - ? WHERE id = ?',
  );
  const gaps = db
    .prepare('SELECT id, missing_seqs AS missing FROM gap WHERE stream = ? AND missing_seqs > 0 ORDER BY id DESC')
    .all(number) as { id: number; missing: number }[];
  let rest = excess;
  const changed: number[] = [];
  for (const { id, missing } of gaps) {
    if (rest === 0) break;
    const take = Math.min(rest, missing);
    update.run(take, id);
    changed.push(id);
    rest -= take;
  }
  return changed;
}
