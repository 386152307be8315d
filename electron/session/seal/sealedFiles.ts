/** The files of a sealed session, and the second copy of their hashes in the index. */
import type { Database } from 'better-sqlite3';
import { listInside } from '../folder/files.ts';
import type { ManifestFile } from '../format/manifest.ts';
import { ANNOTATIONS, COMMIT_LOG, INDEX, MANIFEST, MEDIA, RESCUED } from '../format/names.ts';

/** Files created by operating systems; Fieldroom ignores them. */
const OF_THE_SYSTEM = /^(\._.*|\.DS_Store|Thumbs\.db|desktop\.ini)$/i;

/** The files of a sealed session: all except the manifest itself and later additions. */
export const sealedFiles = (folder: string): string[] => listInside(folder).filter((file) => !isLater(file));

const isLater = (file: string): boolean => {
  if (file.includes('/'))
    return !(file.startsWith(`${MEDIA}/`) || file.startsWith(`${RESCUED}/`)) || isOfTheSystem(file);
  return /^(manifest|annotations|receipt|\.)/.test(file) || /-(wal|shm|journal)$/.test(file) || isOfTheSystem(file);
};

const isOfTheSystem = (file: string): boolean => OF_THE_SYSTEM.test(file.split('/').at(-1) as string);

/**
 * Unexpected files: neither in the manifest nor created by Fieldroom. @param listed by the manifest; null: not sealed
 */
export function unexpectedFiles(folder: string, listed: ReadonlySet<string> | null): string[] {
  return listInside(folder).filter((file) => {
    if (listed?.has(file) || isOfTheSystem(file)) return false;
    if (file === MANIFEST || file === ANNOTATIONS || file === `${ANNOTATIONS}-journal`) return false;
    if (/^receipt-(seal|verify|annotations|upload-[0-9a-f]+)\.json$/.test(file)) return false;
    // An upload puts these beside a session at its destination.
    if (file === 'receipt.json' || /^annotations\/r\d+-[0-9a-f]{8}\.sqlite$/.test(file)) return false;
    if (listed) return true;
    const own = [INDEX, COMMIT_LOG, 'timing.html', 'timing.json'];
    const beside = [INDEX, '.at-crash.sqlite', '.cut.sqlite'].flatMap((name) =>
      ['', '-wal', '-shm', '-journal'].map((end) => `${name}${end}`),
    );
    return !(
      own.includes(file) ||
      beside.includes(file) ||
      /^(media|rescued)\//.test(file) ||
      /^\..+\.new$/.test(file)
    );
  });
}

/** Stores the hashes of all other files in the index. */
export function storeSealedFiles(db: Database, files: readonly ManifestFile[]): void {
  const insert = db.prepare('INSERT INTO sealed_file (path, bytes, sha256) VALUES (?, ?, ?)');
  db.transaction(() => {
    db.prepare('DELETE FROM sealed_file').run();
    for (const { path, bytes, sha256 } of files) insert.run(path, bytes, sha256);
  })();
}

/** Null: the index has none, as in older versions. */
export function readSealedFiles(db: Database): Map<string, ManifestFile> | null {
  if (db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sealed_file'").get() === undefined)
    return null;
  const rows = db.prepare('SELECT path, bytes, sha256 FROM sealed_file').all() as ManifestFile[];
  return rows.length === 0 ? null : new Map(rows.map((row) => [row.path, row]));
}
