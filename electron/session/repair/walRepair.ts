/**
 * Makes a damaged write-ahead log readable before SQLite opens it: SQLite would copy the frames before the damage into
 * the index, and delete the rest. The index and its log are first copied to `rescued/` unchanged.
 */
import type { Database } from 'better-sqlite3';
import type { Finding } from '../check/finding.ts';
import { isProven } from '../check/indexCheck.ts';
import {
  copyInside,
  existsInside,
  makeFolderInside,
  readInside,
  removeInside,
  sizeInside,
  writeInside,
} from '../folder/files.ts';
import type { CommitLog } from '../format/commitLog.ts';
import { INDEX, RESCUED } from '../format/names.ts';
import { openIndex } from '../format/openIndex.ts';
import { type Frame, frameOf, readWal, type Wal, writeWal } from './walFrames.ts';

export const WAL = `${INDEX}-wal`;
/** Larger logs are left to SQLite. */
const READ_AT_MOST_BYTES = 1024 * 1024 * 1024;

/** SQLite would not read all of it. */
export const walIsDamaged = (folder: string): boolean => damagedWal(folder) !== null;

function damagedWal(folder: string): Wal | null {
  if (sizeInside(folder, WAL) === 0 || sizeInside(folder, WAL) > READ_AT_MOST_BYTES || !existsInside(folder, INDEX))
    return null;
  const wal = readWal(readInside(folder, WAL, READ_AT_MOST_BYTES));
  return wal?.damaged && wal.frames.length > 0 ? wal : null;
}

/** @returns the findings; if empty, nothing was changed */
export function mendWal(folder: string, log: CommitLog | null): Finding[] {
  const wal = damagedWal(folder);
  if (!wal) return [];
  const kept = keepIndex(folder);
  const guessed = guess(folder, wal, log);
  const lost = guessed ? 0 : wal.frames.filter(({ state }) => state === 'lost').length;
  const found = (message: string): Finding[] => [
    { code: 'index.wal-damaged', where: WAL, message: `${message}; the original index and log are kept in ${kept}` },
  ];
  if (lost === 0) {
    if (!guessed) replace(folder, wal, wal.frames);
    return found('damaged bytes were put right, proven by its checksums');
  }
  // First without the lost pages: often a later commit rewrote them.
  replace(folder, wal, dropLost(wal.frames));
  if (isReadable(folder, isSound)) return found(`${lost} damaged pages were left out`);
  const before = wal.frames.findIndex(({ state }) => state === 'lost');
  replace(folder, wal, wal.frames.slice(0, before));
  return found(`${wal.frames.length - before} pages from the first damaged one on could not be used`);
}

/** Tries the possible contents of a damaged page until the whole index verifies. @returns whether one fits */
function guess(folder: string, wal: Wal, log: CommitLog | null): boolean {
  const lost = wal.frames.flatMap(({ state }, i) => (state === 'lost' ? [i] : []));
  const [only] = lost;
  if (only === undefined || lost.length > 1) return false;
  // A session stopped between a commit and its line in the log has one commit more, so an incomplete proof is none.
  for (const candidate of wal.frames[only]?.candidates ?? []) {
    replace(folder, wal, wal.frames.with(only, { ...frameOf(candidate), state: 'mended' }));
    if (isReadable(folder, (db) => isProven(db, log))) return true;
  }
  return false;
}

/**
 * The frames up to the last commit, without the lost ones. A commit whose last frame is lost ends with its last intact
 * one.
 */
function dropLost(frames: readonly Frame[]): Frame[] {
  const kept: Frame[] = [];
  for (const frame of frames) {
    const last = kept.at(-1);
    if (frame.state !== 'lost') kept.push(frame);
    else if (frame.commitPages > 0 && frame.commitPages < 0x7fffffff && last && last.commitPages === 0)
      kept[kept.length - 1] = { ...last, commitPages: frame.commitPages };
  }
  return kept;
}

const isSound = (db: Database): boolean =>
  (db.pragma('integrity_check(1)') as { integrity_check: string }[])[0]?.integrity_check === 'ok';

function replace(folder: string, wal: Wal, frames: readonly Frame[]): void {
  // SQLite rebuilds its shared memory from the log.
  removeInside(folder, `${INDEX}-shm`);
  writeInside(folder, WAL, writeWal(wal, frames));
}

function isReadable(folder: string, holds: (db: Database) => boolean): boolean {
  try {
    const db = openIndex(folder, { mode: 'read' }, INDEX, 'later');
    try {
      return holds(db);
    } finally {
      db.close();
    }
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && (code.startsWith('SQLITE_') || code.startsWith('store.'))) return false;
    throw error;
  }
}

/** Copies the index and its log unchanged. @returns the copy's name */
export function keepIndex(folder: string): string {
  makeFolderInside(folder, RESCUED);
  let n = 1;
  while (
    existsInside(folder, `${RESCUED}/index-${n}.sqlite`) ||
    existsInside(folder, `${RESCUED}/index-${n}.sqlite-wal`)
  )
    n += 1;
  const copy = `${RESCUED}/index-${n}.sqlite`;
  copyInside(folder, INDEX, copy);
  if (existsInside(folder, WAL)) copyInside(folder, WAL, `${copy}-wal`);
  return copy;
}
