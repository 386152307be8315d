/**
 * Brings the index in line with the commit log: rows are restored, and acknowledged data that is lost becomes a gap.
 */
import type { Database } from 'better-sqlite3';
import { type MissingRun, missingOf, promisesOf } from '../check/ackedSeqs.ts';
import { commitsOf } from '../check/evidenceCheck.ts';
import type { Finding } from '../check/finding.ts';
import { wrongRows } from '../check/loggedRowCheck.ts';
import { writeInside } from '../folder/files.ts';
import { LogFile } from '../folder/logFile.ts';
import {
  type Acked,
  addToRuns,
  type CommitEntry,
  type CommitLog,
  encodeEntry,
  type LoggedRow,
  sumOf,
} from '../format/commitLog.ts';
import type { IndexWriter } from '../format/indexWriter.ts';
import { fromLogged, LOGGED_TABLES, toLoggedRow } from '../format/loggedRows.ts';
import { COMMIT_LOG, INDEX } from '../format/names.ts';
import { createSampleTables } from '../format/sampleTable.ts';
import { streamsOf } from '../format/streamsOf.ts';

/** Restores missing or changed rows, within the caller's transaction. Runs before media and samples are checked. */
export function restoreRows(db: Database, log: CommitLog): Finding[] {
  const wrong = wrongRows(db, log);
  if (wrong.length === 0) return [];
  // Rows refer to each other; at the end of the transaction all exist again.
  db.pragma('defer_foreign_keys = ON');
  const counts = new Map<string, number>();
  for (const logged of wrong) {
    restore(db, logged);
    counts.set(logged.table, (counts.get(logged.table) ?? 0) + 1);
  }
  for (const { number, stream } of streamsOf(db)) if (stream.kind === 'samples') createSampleTables(db, number, stream);
  return [...counts].map(([table, rows]) => ({
    code: 'index.rows',
    where: table,
    message: `${rows} rows were restored from ${COMMIT_LOG}`,
  }));
}

function restore(db: Database, { table, id, row }: LoggedRow): void {
  db.prepare(`DELETE FROM ${table} WHERE rowid = ?`).run(id);
  if (!row) return;
  const known = new Set(db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[]);
  const names = Object.keys(row).filter((name) => known.has(name));
  const columns = table === 'session' ? ['rowid', ...names] : names;
  const values = names.map((name) => fromLogged(row[name] ?? null));
  db.prepare(`INSERT OR REPLACE INTO ${table} (${columns.join()}) VALUES (${columns.map(() => '?').join()})`).run(
    ...(table === 'session' ? [id, ...values] : values),
  );
}

/** Acknowledged data that is not in the index. */
export interface Gone {
  stream: number;
  first: number;
  last: number;
  acked: Acked;
}

/** Runs after media and samples were repaired. */
export function goneOf(db: Database, log: CommitLog): Gone[] {
  const promises = promisesOf(db, log);
  return streamsOf(db).flatMap(({ number, stream }) =>
    merged(missingOf(db, number, stream, promises.get(number) ?? [])).map((run) => ({ stream: number, ...run })),
  );
}

/** Merges adjacent runs of several commits. */
function merged(runs: readonly MissingRun[]): MissingRun[] {
  const whole: MissingRun[] = [];
  for (const run of runs) {
    const before = whole.at(-1);
    if (before && before.last + 1 === run.first) {
      const { toClock, toNs } = run.acked;
      whole[whole.length - 1] = { ...before, last: run.last, acked: { ...before.acked, toClock, toNs } };
    } else whole.push(run);
  }
  return whole;
}

/** Marks the index as having all commits of the log: missing data was recorded. */
export function catchUp(db: Database, index: IndexWriter, log: CommitLog): Finding[] {
  const behind = log.commits - commitsOf(db);
  if (behind <= 0) return [];
  index.commits(log.commits);
  return [
    { code: 'index.behind', where: INDEX, message: `${behind} acknowledged commits were missing from the index` },
  ];
}

/** Builds a log from the index, replacing a missing or damaged one: it proves the existing data from now on. */
export function rewriteLog(folder: string, db: Database): void {
  const acked: Acked[] = [];
  for (const { number, stream } of streamsOf(db)) {
    const rows = db
      .prepare(
        stream.kind === 'samples'
          ? 'SELECT first_seq AS first, last_seq AS last, clock, min_publisher_ns AS ns, max_publisher_ns AS endNs, crc32 AS sum FROM batch WHERE stream = ? ORDER BY first_seq'
          : 'SELECT seq AS first, seq AS last, clock, publisher_ns AS ns, publisher_ns + duration_ns AS endNs, row_crc32 AS sum FROM packet WHERE stream = ? ORDER BY seq',
      )
      .all(number) as { first: number; last: number; clock: number; ns: number; endNs: number; sum: number }[];
    const [first, last] = [rows[0], rows.at(-1)];
    if (!first || !last) continue;
    const runs: number[] = [];
    for (const row of rows) addToRuns(runs, row.first, row.last);
    const ends = { fromClock: first.clock, fromNs: first.ns, toClock: last.clock, toNs: last.endNs };
    acked.push({ stream: number, ...ends, sum: sumOf(rows.map(({ sum }) => sum)), runs });
  }
  const entry: CommitEntry = { commit: commitsOf(db), kind: 'opened', acked, rows: allRows(db) };
  writeInside(folder, COMMIT_LOG, encodeEntry(entry));
}

function allRows(db: Database): LoggedRow[] {
  return [...LOGGED_TABLES].flatMap((table) =>
    (
      db.prepare(`SELECT rowid AS rowid_, * FROM ${table} ORDER BY rowid`).safeIntegers().all() as Record<
        string,
        unknown
      >[]
    ).map(({ rowid_, ...row }) => ({ table, id: Number(rowid_), row: toLoggedRow(row) })),
  );
}

/** Logs the rows that repair changed: the latest entry of each counts. */
export function appendRepair(folder: string, log: CommitLog, rows: LoggedRow[]): void {
  if (rows.length === 0) return;
  const file = LogFile.open(folder, COMMIT_LOG, log.endBytes);
  try {
    file.append(encodeEntry({ commit: log.commits, kind: 'repair', acked: [], rows }));
  } finally {
    file.close();
  }
}
