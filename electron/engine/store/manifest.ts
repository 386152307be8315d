/** `manifest.json`: what belongs to the session. Written at the start, at every change of state, and with hashes at sealing. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FieldroomError } from '../../common/errors.ts';
import { diskError } from './diskErrors.ts';
import { syncFolder } from './mediaFile.ts';

export const MANIFEST = 'manifest.json';
export const INDEX = 'session.sqlite';

const fileSchema = z.object({
  /** From the session's folder, with `/`. */
  path: z.string(),
  bytes: z.number(),
  sha256: z.string(),
});
export type ManifestFile = z.infer<typeof fileSchema>;

const manifestSchema = z.object({
  format: z.literal('fieldroom-session'),
  formatVersion: z.number(),
  session: z.string(),
  study: z.string(),
  name: z.string(),
  state: z.enum(['created', 'recording', 'paused', 'sealing', 'sealed']),
  /** Wall time of session time 0: a label. */
  startedAt: z.string(),
  simulated: z.boolean(),
  software: z.record(z.string(), z.string()),
  /** Counts the manifests of this session from 1. */
  revision: z.number(),
  /** SHA-256 of the manifest before this one; null for the first. */
  previous: z.string().nullable(),
  /** Empty until the session is sealed. */
  files: z.array(fileSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;
export const MANIFEST_VERSION = 1;

/** @returns null when there is none. @throws FieldroomError `store.manifest-damaged`, `store.newer` */
export function readManifest(folder: string): Manifest | null {
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8');
  const damaged = (cause: unknown): FieldroomError =>
    new FieldroomError('store.manifest-damaged', `${path} is damaged.`, { nextStep: 'Run `fieldroom verify` on this session.', data: { path }, cause });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged(cause);
  }
  const version = (json as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === 'number' && version > MANIFEST_VERSION) {
    throw new FieldroomError('store.newer', `${path} was written by a newer Fieldroom.`, { nextStep: 'Open it with that version of Fieldroom, or a later one.' });
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) throw damaged(parsed.error);
  return parsed.data;
}

/** Writes the next revision: to a file beside it, synced, then renamed over it. */
export function writeManifest(folder: string, next: Omit<Manifest, 'format' | 'formatVersion' | 'revision' | 'previous'>): Manifest {
  const path = join(folder, MANIFEST);
  const before = existsSync(path) ? readFileSync(path) : null;
  const revision = before ? revisionOf(before) + 1 : 1;
  const previous = before ? createHash('sha256').update(before).digest('hex') : null;
  const manifest: Manifest = { format: 'fieldroom-session', formatVersion: MANIFEST_VERSION, ...next, revision, previous };
  try {
    const fd = openSync(`${path}.new`, 'w');
    try {
      writeSync(fd, `${JSON.stringify(manifest, null, 2)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${path}.new`, path);
    syncFolder(folder);
  } catch (cause) {
    throw diskError(cause, path);
  }
  return manifest;
}

function revisionOf(bytes: Buffer): number {
  try {
    const { revision } = JSON.parse(bytes.toString('utf8')) as { revision?: unknown };
    return typeof revision === 'number' ? revision : 0;
  } catch {
    return 0;
  }
}
