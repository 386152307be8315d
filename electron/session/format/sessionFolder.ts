/** Creates a session's folder, and opens its index for writing. */
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { fieldroomError } from '../../common/errors.ts';
import { existsInside, listInside, removeInside, sizeInside, syncFolder } from '../folder/files.ts';
import { prepareFolder } from '../folder/prepareFolder.ts';
import { needsRepair } from '../repair/openForRepair.ts';
import { diskError } from './diskErrors.ts';
import { readManifest } from './manifest.ts';
import { migrate } from './migrations/index.ts';
import { INDEX, MEDIA } from './names.ts';
import { openIndex } from './openIndex.ts';

/** Pages of the write-ahead log before it is copied into the index: 8 MiB, read back at most once after a crash. */
const CHECKPOINT_PAGES = 2000;

/** @throws FieldroomError `store.*` with the next step if the folder or the index cannot be opened. */
export function openForWriting(folder: string): Database {
  try {
    prepareFolder(folder, MEDIA);
  } catch (cause) {
    throw diskError(cause, folder, 'created');
  }
  if (readManifest(folder)?.state === 'sealed') {
    throw fieldroomError('store.sealed', { folder }, { data: { folder } });
  }
  if (existsInside(folder, INDEX) && needsRepair(folder)) throw fieldroomError('store.needs-repair', { folder });
  const path = join(folder, INDEX);
  let db: Database | null = null;
  try {
    db = openIndex(folder, { mode: 'create' });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    migrate(db, path);
    syncFolder(folder);
    return db;
  } catch (cause) {
    db?.close();
    throw diskError(cause, path, 'opened');
  }
}

/** Removes media files without a segment in the index: created, but never acknowledged. Returns their names. */
export function removeUnindexedMedia(folder: string, indexed: ReadonlySet<string>): { file: string; bytes: number }[] {
  const removed: { file: string; bytes: number }[] = [];
  for (const file of mediaFiles(folder)) {
    if (indexed.has(file)) continue;
    const bytes = sizeInside(folder, file);
    removeInside(folder, file);
    removed.push({ file, bytes });
  }
  return removed;
}

/** Every file in `media`, from the session's folder, with `/`, sorted. @throws FieldroomError `store.unsafe-folder` */
export const mediaFiles = (folder: string): string[] => listInside(folder, MEDIA);
