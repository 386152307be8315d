/** Opens the index of a possibly damaged session without losing anything that can still be read. */
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import { commitsOf, hasEvidence } from '../check/evidenceCheck.ts';
import type { Finding } from '../check/finding.ts';
import { existsInside } from '../folder/files.ts';
import { type CommitLog, readCommitLog } from '../format/commitLog.ts';
import { IndexWriter } from '../format/indexWriter.ts';
import { migrate } from '../format/migrations/index.ts';
import { INDEX } from '../format/names.ts';
import { namesSession, openIndex, refuseEscapes } from '../format/openIndex.ts';
import { restoreRows } from './evidenceRepair.ts';
import { repairIndex } from './indexRepair.ts';
import { keepIndex, mendWal, walIsDamaged } from './walRepair.ts';

export interface OpenedForRepair {
  db: Database;
  log: CommitLog | null;
  /** Problems found and fixed while opening it; recorded in the session. */
  findings: Finding[];
}

/**
 * @param part the name under which findings are recorded in the session. The caller closes `db`. @throws FieldroomError
 * `store.no-session`, `store.damaged`
 */
export function openForRepair(folder: string, part: 'repair' | 'seal'): OpenedForRepair {
  if (!existsInside(folder, INDEX)) throw fieldroomError('store.no-session:folder', { folder });
  const log = readCommitLog(folder);
  const findings = mendWal(folder, log);
  if (log && findings.length === 0 && isBehind(folder, log)) keepIndex(folder);
  const db = openIndex(folder, { mode: 'write' }, INDEX, 'later');
  try {
    findings.push(...repairIndex(db, join(folder, INDEX)));
    // Nothing could bring its rows back, so it is left as it was found.
    if (!log && !namesSession(db)) throw fieldroomError('store.damaged:empty', { path: join(folder, INDEX) });
    migrate(db, join(folder, INDEX));
    db.pragma('synchronous = FULL');
    const index = new IndexWriter(db);
    db.transaction(() => {
      if (log) findings.push(...restoreRows(db, log));
      if (db.prepare('SELECT 1 FROM session').get() === undefined)
        throw fieldroomError('store.damaged:empty', { path: join(folder, INDEX) });
      for (const { code, where, message } of findings)
        index.insert('event', { at_ns: null, level: 'error', part, code, message: `${where}: ${message}` });
    })();
    refuseEscapes(db, folder);
    return { db, log, findings };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Acknowledged data is missing from the index, or SQLite would not read its whole log: repair it first. */
export function needsRepair(folder: string): boolean {
  if (walIsDamaged(folder)) return true;
  const log = readCommitLog(folder);
  return log !== null && isBehind(folder, log);
}

function isBehind(folder: string, log: CommitLog): boolean {
  try {
    const db = openIndex(folder, { mode: 'read' }, INDEX, 'later');
    try {
      return (hasEvidence(db) ? commitsOf(db) : 0) < log.commits;
    } finally {
      db.close();
    }
  } catch (error) {
    // Other reasons to reject the index are reported when it is opened.
    if (error instanceof FieldroomError) return false;
    return true;
  }
}
