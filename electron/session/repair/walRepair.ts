/**
 * A damaged write-ahead log, made readable again before SQLite opens it: SQLite would take what stands before the damage,
 * copy it into the index, and delete the rest. The index and its log are first kept in `rescued/` as they were found.
 */
import type { Finding } from '../check/finding.ts';
import {
  copyInside,
  existsInside,
  makeFolderInside,
  readInside,
  removeInside,
  sizeInside,
  writeInside,
} from '../folder/files.ts';
import { openDatabase } from '../folder/indexFile.ts';
import { INDEX, RESCUED } from '../format/names.ts';
import { type Frame, readWal, type Wal, writeWal } from './walFrames.ts';

export const WAL = `${INDEX}-wal`;
/** A log of more is read by SQLite alone. */
const READ_AT_MOST_BYTES = 1024 * 1024 * 1024;

/** SQLite would not read all of it. */
export const walIsDamaged = (folder: string): boolean => damagedWal(folder) !== null;

function damagedWal(folder: string): Wal | null {
  if (sizeInside(folder, WAL) === 0 || sizeInside(folder, WAL) > READ_AT_MOST_BYTES || !existsInside(folder, INDEX))
    return null;
  const wal = readWal(readInside(folder, WAL, READ_AT_MOST_BYTES));
  return wal?.damaged && wal.frames.length > 0 ? wal : null;
}

/** @returns what was found; nothing was changed where it is empty */
export function mendWal(folder: string): Finding[] {
  const wal = damagedWal(folder);
  if (!wal) return [];
  const kept = keepIndex(folder);
  const lost = wal.frames.filter(({ state }) => state === 'lost').length;
  const found = (message: string): Finding[] => [
    { code: 'index.wal-damaged', where: WAL, message: `${message}; index and log as they were are kept in ${kept}` },
  ];
  if (lost === 0) {
    replace(folder, wal, wal.frames);
    return found('damaged bytes were put right, proven by its checksums');
  }
  // Without the lost pages first: often a later commit wrote them again.
  replace(folder, wal, dropLost(wal.frames));
  if (isReadable(folder)) return found(`${lost} damaged pages were left out`);
  const before = wal.frames.findIndex(({ state }) => state === 'lost');
  replace(folder, wal, wal.frames.slice(0, before));
  return found(`${wal.frames.length - before} pages from the first damaged one on could not be used`);
}

/** Up to the last commit: frames without the lost ones. A commit whose last frame is lost ends with its last one that is not. */
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

function replace(folder: string, wal: Wal, frames: readonly Frame[]): void {
  // SQLite makes its shared memory again from the log.
  removeInside(folder, `${INDEX}-shm`);
  writeInside(folder, WAL, writeWal(wal, frames));
}

function isReadable(folder: string): boolean {
  try {
    const db = openDatabase(folder, INDEX, { mode: 'read' });
    try {
      const [first] = db.pragma('integrity_check(1)') as { integrity_check: string }[];
      return first?.integrity_check === 'ok';
    } finally {
      db.close();
    }
  } catch {
    return false;
  }
}

/** Copies the index and its log as they are. @returns the copy's name */
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
