import { closeSync, ftruncateSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hashInside } from '../../../electron/session/folder/files.ts';
import { type ManifestFile, readManifest, writeManifest } from '../../../electron/session/format/manifest.ts';
import { sealedFiles } from '../../../electron/session/seal/sealedFiles.ts';
import { sealedSession } from '../../fixtures/upload/session.ts';

export const FILES = 4;

/** A sealed session of the given size whose media are sparse files: only the uploader's side is measured. */
export async function bigSession(data: string, megabytes: number): Promise<string> {
  const folder = await sealedSession(data, [100_000]);
  const bytes = Math.ceil((megabytes * 1e6) / FILES);
  for (let i = 0; i < FILES; i += 1) {
    mkdirSync(join(folder, 'media', `big-${i}`));
    const file = openSync(join(folder, 'media', `big-${i}`, '0001.mkv'), 'w');
    ftruncateSync(file, bytes);
    closeSync(file);
  }
  const before = readManifest(folder);
  if (!before) throw new Error('no manifest');
  const files: ManifestFile[] = [];
  let big: ManifestFile | undefined;
  for (const path of sealedFiles(folder)) {
    const at = join(folder, ...path.split('/'));
    // All large files contain the same zeros, so hash once.
    const isBig = path.includes('/big-');
    const file =
      isBig && big ? { ...big, path } : { path, bytes: statSync(at).size, sha256: await hashInside(folder, path) };
    if (isBig) big = file;
    files.push(file);
  }
  writeManifest(folder, before.meta, 'sealed', files);
  return folder;
}
