import type { Database } from 'better-sqlite3';
import { openIndexOf, type OpenOptions } from '../folder/indexFile.ts';
import { defineViews, refuseForeign } from './indexSchema.ts';
import { INDEX } from './names.ts';
import { checkVersion } from './migrations/index.ts';
import { join } from 'node:path';

/**
 * Opens a session's index, or an earlier copy of it beside it. The caller closes it.
 * @throws FieldroomError `store.unsafe-folder`, `store.newer`, `store.foreign-index`; what SQLite said
 */
export function openIndex(folder: string, options: OpenOptions, file: string = INDEX): Database {
  const db = openIndexOf(folder, file, options);
  try {
    checkVersion(db, join(folder, file));
    refuseForeign(db, join(folder, file));
    if (options.mode === 'read') defineViews(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
