/**
 * Opening a SQLite file of a session folder. It may be untrusted: its triggers and views are never run, its tables must
 * be the ones Fieldroom creates, and it must not name files outside the folder.
 */

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { readPart, refuseUnsafeFolder, statInside } from './files.ts';
import { unsafe } from './insidePath.ts';

/** SQLite's file format, section 3: the end of a rollback journal that names a file to be deleted with it. */
const JOURNAL_MAGIC = 'd9d505f920a163d7';
const BESIDE = ['', '-wal', '-shm', '-journal'] as const;

export interface OpenOptions {
  /** `read`: nothing is written; `write`: it must exist; `create`: created if missing. */
  mode: 'read' | 'write' | 'create';
  /** How long to wait for another program's lock, milliseconds. */
  timeoutMs?: number;
}

/** @throws FieldroomError `store.unsafe-folder`; SQLite's error */
export function openDatabase(folder: string, file: string, { mode, timeoutMs = 5000 }: OpenOptions): Database.Database {
  for (const end of BESIDE) {
    const stats = statInside(folder, `${file}${end}`);
    if (mode !== 'read' && stats && stats.nlink > 1)
      throw unsafe(folder, `${file}${end}`, 'has a second name elsewhere (a hard link)');
    if (end === '-journal' && stats) refuseSuperJournal(folder, `${file}${end}`, stats.size);
  }
  const db = new Database(join(folder, ...file.split('/')), {
    readonly: mode === 'read',
    fileMustExist: mode !== 'create',
    timeout: timeoutMs,
  });
  try {
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Like `openDatabase`, after checking every file of the folder. */
export function openIndexOf(folder: string, file: string, options: OpenOptions): Database.Database {
  refuseUnsafeFolder(folder);
  return openDatabase(folder, file, options);
}

function refuseSuperJournal(folder: string, file: string, bytes: number): void {
  if (bytes < 8) return;
  const end = Buffer.from(readPart(folder, file, bytes - 8, 8)).toString('hex');
  if (end === JOURNAL_MAGIC) throw unsafe(folder, file, 'names another file that SQLite would delete');
}

/** An in-memory database. */
export const memoryDatabase = (): Database.Database => new Database(':memory:');
