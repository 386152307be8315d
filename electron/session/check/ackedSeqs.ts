/** Compares a stream's index with its acknowledged data: by sequence number, and by the checksums of its rows. */
import type { Database } from 'better-sqlite3';
import type { Stream } from '../../common/stream.ts';
import { type Acked, addToRuns, type CommitLog, sumOf } from '../format/commitLog.ts';

/** A commit's acknowledged data of one stream, without what repair has since removed. */
export interface Promise_ {
  acked: Acked;
  runs: number[];
  /** Nothing of it was removed: the checksum of all rows must match. */
  whole: boolean;
}

/** A run of acknowledged sequence numbers that are missing from the index or changed in it. */
export interface MissingRun {
  first: number;
  last: number;
  acked: Acked;
}

interface LostRow {
  stream: number;
  first: number;
  last: number;
  commits: number;
}

/** By stream number, in commit order. */
export function promisesOf(db: Database, log: CommitLog): Map<number, Promise_[]> {
  const lost = lostOf(db);
  const promises = new Map<number, Promise_[]>();
  for (const { commit, acked } of log.entries)
    for (const one of acked) {
      const given = (lost.get(one.stream) ?? []).filter(({ commits }) => commits >= commit);
      const runs = without(one.runs, given);
      const known = promises.get(one.stream);
      const promise = { acked: one, runs, whole: given.length === 0 || total(runs) === total(one.runs) };
      if (known) known.push(promise);
      else promises.set(one.stream, [promise]);
    }
  return promises;
}

function lostOf(db: Database): Map<number, LostRow[]> {
  const rows = db
    .prepare('SELECT stream, first_seq AS first, last_seq AS last, commits FROM lost ORDER BY first_seq')
    .all() as LostRow[];
  const lost = new Map<number, LostRow[]>();
  for (const row of rows) lost.set(row.stream, [...(lost.get(row.stream) ?? []), row]);
  return lost;
}

/** Runs without those that were removed. */
function without(runs: readonly number[], lost: readonly { first: number; last: number }[]): number[] {
  if (lost.length === 0) return [...runs];
  const left: number[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    let from = runs[i] as number;
    const to = runs[i + 1] as number;
    for (const { first, last } of lost) {
      if (last < from || first > to) continue;
      if (first > from) addToRuns(left, from, first - 1);
      from = Math.max(from, last + 1);
    }
    if (from <= to) addToRuns(left, from, to);
  }
  return left;
}

const total = (runs: readonly number[]): number => {
  let sum = 0;
  for (let i = 0; i < runs.length; i += 2) sum += (runs[i + 1] as number) - (runs[i] as number) + 1;
  return sum;
};

/** Runs of rows with their checksums, ascending: packets individually, samples by batch. */
function* present(db: Database, number: number, stream: Stream): Generator<[first: number, last: number, sum: number]> {
  const sql =
    stream.kind === 'samples'
      ? 'SELECT first_seq, last_seq, crc32 FROM batch WHERE stream = ? ORDER BY first_seq'
      : 'SELECT seq, seq, row_crc32 FROM packet WHERE stream = ? ORDER BY seq';
  yield* db.prepare(sql).raw().iterate(number) as IterableIterator<[number, number, number]>;
}

/**
 * Acknowledged data that is missing. If all rows exist but the checksum does not match, the whole commit counts as
 * missing.
 * @returns runs in ascending order
 */
export function missingOf(db: Database, number: number, stream: Stream, promises: readonly Promise_[]): MissingRun[] {
  const rows = present(db, number, stream);
  let row = rows.next();
  const missing: MissingRun[] = [];
  try {
    for (const promise of promises.toSorted((a, b) => (a.runs[0] ?? 0) - (b.runs[0] ?? 0))) {
      const sums: number[] = [];
      let gone = false;
      for (let i = 0; i < promise.runs.length; i += 2) {
        const to = promise.runs[i + 1] as number;
        const before = missing.length;
        for (let next = promise.runs[i] as number; next <= to; ) {
          while (!row.done && row.value[1] < next) row = rows.next();
          const from = row.done ? to + 1 : Math.min(row.value[0], to + 1);
          if (from > next) missing.push({ first: next, last: from - 1, acked: promise.acked });
          if (row.done || from > to) break;
          sums.push(row.value[2]);
          next = row.value[1] + 1;
        }
        gone ||= missing.length > before;
      }
      if (!gone && promise.whole && promise.runs.length > 0 && sumOf(sums) !== promise.acked.sum)
        for (let i = 0; i < promise.runs.length; i += 2)
          missing.push({ first: promise.runs[i] as number, last: promise.runs[i + 1] as number, acked: promise.acked });
    }
  } finally {
    rows.return(undefined);
  }
  return missing;
}
