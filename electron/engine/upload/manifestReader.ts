/** What is sent of a session: exactly what its manifest names, and the manifest. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FieldroomError } from '../../common/errors.ts';
import { INDEX, MANIFEST, type ManifestFile, readManifest } from '../../session/format/manifest.ts';

export interface SealedSession {
  folder: string;
  study: string;
  session: string;
  files: ManifestFile[];
  /** The manifest itself as a file. */
  manifest: ManifestFile;
}

/** @throws FieldroomError `store.no-session`, `upload.not-sealed`, `upload.file-changed` when sizes are not those of the manifest */
export function readSealed(folder: string): SealedSession {
  const manifest = readManifest(folder);
  if (!manifest)
    throw new FieldroomError('store.no-session', `${folder} holds no session.`, {
      nextStep: `Choose the folder of a session: one with ${MANIFEST} and ${INDEX} in it.`,
    });
  if (manifest.state !== 'sealed')
    throw new FieldroomError('upload.not-sealed', `The session in ${folder} is not sealed yet (${manifest.state}).`, {
      nextStep: 'Wait until it is sealed; one that a crash left open is sealed at the next start of Fieldroom.',
    });
  for (const { path, bytes } of manifest.files) {
    const there = statSync(filePath(folder, path), { throwIfNoEntry: false })?.size;
    if (there !== bytes)
      throw new FieldroomError(
        'upload.file-changed',
        `${path} of ${folder} ${there === undefined ? 'is missing' : `has ${there} bytes, not ${bytes}`}.`,
        { nextStep: 'Run `fieldroom verify` on this session, and bring the file back from a copy.' },
      );
  }
  const bytes = readFileSync(join(folder, MANIFEST));
  const { study, id: session } = manifest.meta;
  return {
    ...{ folder, study, session, files: manifest.files },
    manifest: { path: MANIFEST, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
  };
}

/** A path of the manifest on this machine. @throws FieldroomError `store.manifest-damaged` when it leads out of the folder */
export function filePath(folder: string, path: string): string {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\\')))
    throw new FieldroomError('store.manifest-damaged', `The manifest names a path that leads elsewhere: ${path}`);
  return join(folder, ...parts);
}
