/** Checks that a sealed manifest lists every file in the session's index, with the same hashes. */
import { join } from 'node:path';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import { existsInside } from '../folder/files.ts';
import { diskError } from '../format/diskErrors.ts';
import { INDEX, type SessionManifest } from '../format/manifest.ts';
import { openIndex } from '../format/openIndex.ts';
import { uncovered } from './manifestCheck.ts';

/**
 * @throws FieldroomError `upload.incomplete-manifest` when a file of the session is not in the manifest: it would be
 * neither uploaded nor proven, and then deleted with the others
 */
export function requireCoverage(folder: string, manifest: SessionManifest): void {
  const missing = existsInside(folder, INDEX) ? missingOf(folder, manifest) : [INDEX];
  if (missing.length === 0) return;
  const shown = missing.slice(0, 3).join(', ') + (missing.length > 3 ? ', …' : '');
  throw fieldroomError('upload.incomplete-manifest', { folder, detail: shown }, { data: { missing } });
}

function missingOf(folder: string, manifest: SessionManifest): string[] {
  try {
    const db = openIndex(folder, { mode: 'read' });
    try {
      return uncovered(db, manifest).map(({ path }) => path);
    } finally {
      db.close();
    }
  } catch (cause) {
    if (cause instanceof FieldroomError) throw cause;
    throw diskError(cause, join(folder, INDEX), 'read');
  }
}
