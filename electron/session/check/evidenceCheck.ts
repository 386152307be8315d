/** Checks the index against the commit log: everything acknowledged must exist or be recorded as a gap. */
import type { Database } from 'better-sqlite3';
import type { CommitLog } from '../format/commitLog.ts';
import { COMMIT_LOG, INDEX } from '../format/names.ts';
import { streamsOf } from '../format/streamsOf.ts';
import { missingOf, promisesOf } from './ackedSeqs.ts';
import type { Finding } from './finding.ts';
import { wrongRows } from './loggedRowCheck.ts';

/** @param log null: the session has none. Missing data is reported as findings; nothing is changed. */
export function checkEvidence(db: Database, log: CommitLog | null): Finding[] {
  if (!hasEvidence(db)) return [];
  const commits = commitsOf(db);
  if (!log) return commits === 0 ? [] : [finding('log.missing', COMMIT_LOG, 'the commit log is missing')];
  const findings = log.damage.map((what) => finding('log.damaged', COMMIT_LOG, what));
  if (log.commits > commits)
    findings.push(
      finding('index.behind', INDEX, `${log.commits - commits} acknowledged commits are missing from the index`),
    );
  // The index may contain one commit whose log line was not written before a crash: it was never acknowledged.
  else if (commits > log.commits + 1)
    findings.push(finding('log.short', COMMIT_LOG, `its last commit is ${log.commits}, that of the index ${commits}`));
  const wrong = new Map<string, number>();
  for (const { table } of wrongRows(db, log)) wrong.set(table, (wrong.get(table) ?? 0) + 1);
  for (const [table, rows] of wrong) findings.push(finding('index.rows', table, `${rows} rows are missing or changed`));
  const promises = promisesOf(db, log);
  for (const { number, stream } of streamsOf(db)) {
    const missing = missingOf(db, number, stream, promises.get(number) ?? []);
    const count = missing.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    if (count > 0)
      findings.push(
        finding(
          'index.acknowledged',
          stream.id,
          `${count} acknowledged ${stream.kind === 'samples' ? 'samples' : 'packets'} are missing, and no gap says so`,
        ),
      );
  }
  return findings;
}

/** Not present in an index from before the commit log. */
export const hasEvidence = (db: Database): boolean => (db.pragma('user_version', { simple: true }) as number) >= 31;

export const commitsOf = (db: Database): number =>
  (db.prepare('SELECT commits FROM acknowledged').pluck().get() as number | undefined) ?? 0;

const finding = (code: string, where: string, message: string): Finding => ({ code, where, message });
