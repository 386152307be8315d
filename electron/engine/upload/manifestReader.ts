/** The files to send: exactly those in the manifest, and the manifest itself. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fieldroomError } from '../../common/errors.ts';
import { requireCoverage } from '../../session/check/coverage.ts';
import { readInside, statInside } from '../../session/folder/files.ts';
import { INDEX, MANIFEST, type ManifestFile, readManifest } from '../../session/format/manifest.ts';

export interface SealedSession {
  folder: string;
  study: string;
  session: string;
  /** Of the manifest. */
  revision: number;
  files: ManifestFile[];
  /** The manifest itself as a file. */
  manifest: ManifestFile;
}

/** @throws FieldroomError `store.no-session`, `upload.not-sealed`, `upload.file-changed` when sizes are not those of the manifest, `upload.incomplete-manifest` */
export function readSealed(folder: string): SealedSession {
  const manifest = readManifest(folder);
  if (!manifest) throw fieldroomError('store.no-session', { folder, MANIFEST, INDEX });
  if (manifest.state !== 'sealed') throw fieldroomError('upload.not-sealed', { folder, state: manifest.state });
  for (const { path, bytes } of manifest.files) {
    const there = statInside(folder, path)?.size;
    if (there !== bytes)
      throw fieldroomError('upload.file-changed:listed', {
        path,
        folder,
        detail: there === undefined ? 'is missing' : `has ${there} bytes, not ${bytes}`,
      });
  }
  requireCoverage(folder, manifest);
  const bytes = readInside(folder, MANIFEST);
  const { study, id: session } = manifest.meta;
  return {
    ...{ folder, study, session, revision: manifest.revision, files: manifest.files },
    manifest: { path: MANIFEST, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
  };
}

/** The local path of a manifest entry. @throws FieldroomError `store.manifest-damaged` when it leaves the folder */
export function filePath(folder: string, path: string): string {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\\')))
    throw fieldroomError('store.manifest-damaged:path', { path });
  return join(folder, ...parts);
}
