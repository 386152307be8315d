/**
 * Restores the state at a crash. Before a session is resumed, its index is copied; if the session is then ended at the
 * crash, the copy replaces the index, and the media are cut to match it:
 *
 *   .at-crash.sqlite ── decideCut ─▶ .cut.sqlite ── finishCut (sealing, repair) ─▶ session.sqlite
 *
 * The rename to `.cut.sqlite` commits the decision: after it, any power cut leads to the same session.
 */

import { commitsOf, hasEvidence } from '../check/evidenceCheck.ts';
import {
  copyInside,
  existsInside,
  openInside,
  removeName,
  renameInside,
  sizeInside,
  truncateInside,
  writeInside,
} from '../folder/files.ts';
import { closeSync, fsyncSync } from '../folder/open.ts';
import { encodeEntry, readCommitLog } from '../format/commitLog.ts';
import { IndexWriter } from '../format/indexWriter.ts';
import { COMMIT_LOG, INDEX } from '../format/names.ts';
import { openIndex } from '../format/openIndex.ts';
import { nowWallNs } from '../format/rows.ts';
import { removeUnindexedMedia } from '../format/sessionFolder.ts';
import { mendWal } from './walRepair.ts';

const KEPT = '.at-crash.sqlite';
const DECIDED = '.cut.sqlite';
/** Copied in well under a second; a larger index is not copied, because recording must continue. */
const KEEP_AT_MOST_BYTES = 256 * 1024 * 1024;

/**
 * Copies the index, ended at the crash.
 * @param atNs session time of the last data written before the crash
 * @returns false if there is not enough space or it would take too long: the session can then only continue
 */
export function keepAsLeft(folder: string, atNs: bigint): boolean {
  try {
    dropKept(folder);
    checkpoint(folder);
    if (sizeInside(folder, INDEX) > KEEP_AT_MOST_BYTES) return false;
    copyInside(folder, INDEX, KEPT);
    endAt(folder, atNs);
    return true;
  } catch {
    dropKept(folder);
    return false;
  }
}

/** The session continues for good, or is sealed as it is. */
export function dropKept(folder: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) removeName(folder, `${KEPT}${end}`);
}

/**
 * Ends the closed session at the crash; its sealing does the rest. @throws if writing fails: then nothing is changed
 */
export function decideCut(folder: string): void {
  const file = openInside(folder, KEPT, 'change');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameInside(folder, KEPT, DECIDED);
}

export const isCutDecided = (folder: string): boolean => existsInside(folder, DECIDED);

/** Carries out a decision, if any. Can be repeated after any interruption. */
export function finishCut(folder: string): void {
  if (!isCutDecided(folder)) return;
  const ends = indexedEnds(folder);
  removeUnindexedMedia(folder, new Set(ends.keys()));
  for (const [file, end] of ends) {
    if (sizeInside(folder, file) > end) truncateInside(folder, file, end);
  }
  cutLog(folder, cutCommits(folder));
  for (const end of ['-wal', '-shm']) removeName(folder, `${INDEX}${end}`);
  renameInside(folder, DECIDED, INDEX);
}

/** The number of commits in the index that the session is cut to; null: it is from before the commit log. */
function cutCommits(folder: string): number | null {
  const db = openIndex(folder, { mode: 'read' }, DECIDED);
  try {
    return hasEvidence(db) ? commitsOf(db) : null;
  } finally {
    db.close();
  }
}

/** Data acknowledged after the cut is removed with it. */
function cutLog(folder: string, commits: number | null): void {
  const log = commits === null ? null : readCommitLog(folder);
  if (!log || commits === null || log.commits <= commits) return;
  writeInside(
    folder,
    COMMIT_LOG,
    Buffer.concat(log.entries.filter(({ commit }) => commit <= commits).map(encodeEntry)),
  );
}

/** Copies the write-ahead log into the index, and removes the log. */
function checkpoint(folder: string): void {
  mendWal(folder, readCommitLog(folder));
  const db = openIndex(folder, { mode: 'write', timeoutMs: 1000 });
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

function endAt(folder: string, atNs: bigint): void {
  const db = openIndex(folder, { mode: 'write' }, KEPT);
  try {
    db.pragma('journal_mode = DELETE');
    const index = new IndexWriter(db);
    const message = 'The operator ended the session at the crash. What came after it was deleted.';
    db.transaction(() => {
      index.insert('event', { at_ns: atNs, level: 'warn', part: 'operator', code: 'session.ended-at-crash', message });
      index.insert('lifecycle', { state: 'sealing', at_ns: atNs, wall_ns: nowWallNs(), detail: 'at the crash' });
    })();
  } finally {
    db.close();
  }
}

/** Where the last packet of each media file ends. */
function indexedEnds(folder: string): Map<string, number> {
  const db = openIndex(folder, { mode: 'read' }, DECIDED);
  try {
    const rows = db
      .prepare(
        'SELECT s.file, max(p.offset + p.length) AS end FROM segment s LEFT JOIN packet p ON p.segment = s.id GROUP BY s.id',
      )
      .all() as { file: string; end: number | null }[];
    return new Map(rows.map(({ file, end }) => [file, end ?? Number.POSITIVE_INFINITY]));
  } finally {
    db.close();
  }
}
