/** Creating a session's folder, and opening the index in it for writing. */
import { accessSync, constants, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { fieldroomError } from '../../common/errors.ts';
import { syncFolder } from '../matroska/mediaFile.ts';
import { diskError } from './diskErrors.ts';
import { INDEX, readManifest } from './manifest.ts';
import { migrate } from './migrations/index.ts';

/** Pages of the write-ahead log before it is copied into the index: 8 MiB, read back at most once after a crash. */
const CHECKPOINT_PAGES = 2000;

/** @throws FieldroomError `store.*` with the next step when the folder or the index cannot be had. */
export function openForWriting(folder: string): Database.Database {
  try {
    const made = mkdirSync(folder, { recursive: true });
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    mkdirSync(join(folder, 'media'), { recursive: true });
    syncFolder(folder);
    if (made) syncFolder(dirname(made));
  } catch (cause) {
    throw diskError(truthOf(cause, folder), folder, 'created');
  }
  if (readManifest(folder)?.state === 'sealed') {
    throw fieldroomError('store.sealed', { folder }, { data: { folder } });
  }
  const path = join(folder, INDEX);
  let db: Database.Database | null = null;
  try {
    db = new Database(path, { timeout: 5000 });
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

/** Node says ENOENT for a folder that cannot be made on a read-only disk; the folder above knows better. */
function truthOf(cause: unknown, folder: string): unknown {
  if ((cause as { code?: unknown }).code !== 'ENOENT') return cause;
  let above = dirname(folder);
  while (!existsSync(above) && dirname(above) !== above) above = dirname(above);
  try {
    accessSync(above, constants.W_OK);
    return cause;
  } catch (truth) {
    return truth;
  }
}

/** Media files that no segment of the index names: begun, but never acknowledged. Returns what was removed. */
export function removeUnindexedMedia(folder: string, indexed: ReadonlySet<string>): { file: string; bytes: number }[] {
  const removed: { file: string; bytes: number }[] = [];
  for (const file of mediaFiles(folder)) {
    if (indexed.has(file)) continue;
    const path = join(folder, ...file.split('/'));
    const bytes = statSync(path).size;
    rmSync(path);
    removed.push({ file, bytes });
  }
  return removed;
}

/** Every file below `media`, from the session's folder, with `/`, sorted. */
export function mediaFiles(folder: string): string[] {
  const walk = (at: string): string[] =>
    readdirSync(join(folder, ...at.split('/'))).flatMap((name) => {
      const inner = `${at}/${name}`;
      return lstatSync(join(folder, ...inner.split('/'))).isDirectory() ? walk(inner) : [inner];
    });
  try {
    return walk('media').sort();
  } catch {
    return [];
  }
}
