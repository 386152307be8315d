/** Opening the commit log of a session that is recorded, or recorded further. */
import type { Database } from 'better-sqlite3';
import { LogFile } from '../../session/folder/logFile.ts';
import { encodeEntry, readCommitLog } from '../../session/format/commitLog.ts';
import { COMMIT_LOG } from '../../session/format/names.ts';

/** @returns the log, and the number of the index's last commit: one more than in the log where a crash came between the two */
export function openCommitLog(folder: string, db: Database): { log: LogFile; commits: number } {
  const before = readCommitLog(folder);
  const commits = (db.prepare('SELECT commits FROM acknowledged').pluck().get() as number | undefined) ?? 0;
  const log = LogFile.open(folder, COMMIT_LOG, before?.endBytes ?? 0);
  if (commits !== (before?.commits ?? 0))
    log.append(encodeEntry({ commit: commits, kind: 'opened', acked: [], rows: [] }));
  return { log, commits };
}
