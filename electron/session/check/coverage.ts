/** Whether a sealed manifest lists everything that the index of its session refers to. */
import { join } from 'node:path';
import { fieldroomError } from '../../common/errors.ts';
import { existsInside } from '../folder/files.ts';
import { openIndexOf } from '../folder/indexFile.ts';
import { diskError } from '../format/diskErrors.ts';
import { INDEX, type SessionManifest } from '../format/manifest.ts';

/**
 * @throws FieldroomError `upload.incomplete-manifest` when a file of the session is not in the manifest: it would be
 * neither uploaded nor proven, and then deleted with the others
 */
export function requireCoverage(folder: string, manifest: SessionManifest): void {
  const listed = new Set(manifest.files.map(({ path }) => path));
  const missing = [INDEX, ...mediaFilesOf(folder)].filter((path) => !listed.has(path));
  if (missing.length === 0) return;
  const shown = missing.slice(0, 3).join(', ') + (missing.length > 3 ? ', …' : '');
  throw fieldroomError('upload.incomplete-manifest', { folder, detail: shown }, { data: { missing } });
}

/** Media files that the index knows; none where there is no index to ask. */
function mediaFilesOf(folder: string): string[] {
  if (!existsInside(folder, INDEX)) return [];
  try {
    const db = openIndexOf(folder, INDEX, { mode: 'read' });
    try {
      return db.prepare('SELECT DISTINCT file FROM segment').pluck().all() as string[];
    } finally {
      db.close();
    }
  } catch (cause) {
    throw diskError(cause, join(folder, INDEX), 'read');
  }
}
