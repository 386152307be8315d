import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { type OpenOptions, openIndexOf } from '../folder/indexFile.ts';
import { unsafe } from '../folder/insidePath.ts';
import { defineViews, refuseForeign } from './indexSchema.ts';
import { checkVersion } from './migrations/index.ts';
import { INDEX } from './names.ts';

const MEDIA_FILE = /^media\/[a-z0-9-]{1,64}\/\d{4,9}\.mkv$/;

/**
 * Opens a session's index, or an earlier copy of it beside it. The caller closes it.
 * @param rows `later`: the caller restores damaged rows, then calls `refuseEscapes`
 * @throws FieldroomError `store.unsafe-folder`, `store.newer`, `store.foreign-index`; SQLite's error
 */
export function openIndex(
  folder: string,
  options: OpenOptions,
  file: string = INDEX,
  rows: 'checked' | 'later' = 'checked',
): Database {
  const db = openIndexOf(folder, file, options);
  try {
    checkVersion(db, join(folder, file));
    refuseForeign(db, join(folder, file));
    if (rows === 'checked') refuseEscapes(db, folder);
    if (options.mode === 'read') defineViews(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Rows of the index become paths: only valid media paths are accepted. @throws FieldroomError `store.unsafe-folder` */
export function refuseEscapes(db: Database, folder: string): void {
  if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'segment'").get() === undefined) return;
  for (const file of db.prepare('SELECT file FROM segment').pluck().all() as string[])
    if (!MEDIA_FILE.test(file)) throw unsafe(folder, file, 'is named in the index and is not a place for a media file');
}

/** Whether an index says which session it is: a file that SQLite takes for an empty database does not. */
export const namesSession = (db: Database): boolean =>
  db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'session'").get() !== undefined &&
  db.prepare('SELECT 1 FROM session').get() !== undefined;
