/**
 * `manifest.json`: the contents of the session. Written at the start, at every change of state, and with hashes at
 * sealing.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { fieldroomError } from '../../common/errors.ts';
import { existsInside, readInside, writeInside } from '../folder/files.ts';
import { diskError } from './diskErrors.ts';
import { MANIFEST } from './names.ts';
import type { LifecycleState, SessionMeta } from './rows.ts';

export { INDEX, MANIFEST } from './names.ts';

const MANIFEST_VERSION = 1;

const nsText = z.string().regex(/^-?\d+$/, 'must be whole nanoseconds as text');
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
  /** Counts the manifests of this session from 1. */
  revision: z.number(),
  /** SHA-256 of the manifest before this one; null for the first. */
  previous: z.string().nullable(),
  state: z.enum(['created', 'recording', 'paused', 'sealing', 'sealed']),
  /** Wall time of session time 0: a label. */
  startedAt: z.string(),
  session: z.object({
    id: z.string(),
    study: z.string(),
    name: z.string(),
    simulated: z.boolean(),
    zeroEngineNs: nsText,
    zeroWallNs: nsText,
    clockEpoch: z.string(),
    software: z.object({ fieldroom: z.string(), node: z.string(), platform: z.string() }),
    kit: z.unknown(),
  }),
  /** Empty until the session is sealed. */
  files: z.array(fileSchema),
});

export interface SessionManifest {
  revision: number;
  previous: string | null;
  state: LifecycleState;
  startedAt: string;
  meta: SessionMeta;
  files: ManifestFile[];
}

/** @returns null when there is none. @throws FieldroomError `store.manifest-damaged`, `store.newer` */
export function readManifest(folder: string): SessionManifest | null {
  if (!existsInside(folder, MANIFEST)) return null;
  return parseManifest(readInside(folder, MANIFEST).toString('utf8'), join(folder, MANIFEST));
}

/** @param path of the file, for error messages. @throws FieldroomError `store.manifest-damaged`, `store.newer` */
export function parseManifest(text: string, path: string): SessionManifest {
  const json = parse(text);
  const version = (json as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === 'number' && version > MANIFEST_VERSION) {
    throw fieldroomError('store.newer', { path });
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    throw fieldroomError('store.manifest-damaged', { path }, { data: { path }, cause: parsed.error });
  }
  const { session, revision, previous, state, startedAt, files } = parsed.data;
  const meta = { ...session, zeroEngineNs: BigInt(session.zeroEngineNs), zeroWallNs: BigInt(session.zeroWallNs) };
  return { revision, previous, state, startedAt, meta, files };
}

/** Replaces the manifest with its next revision. */
export function writeManifest(
  folder: string,
  meta: SessionMeta,
  state: LifecycleState,
  files: ManifestFile[],
): SessionManifest {
  const path = join(folder, MANIFEST);
  const before = existsInside(folder, MANIFEST) ? readInside(folder, MANIFEST) : null;
  const manifest: SessionManifest = {
    revision: before ? revisionOf(before) + 1 : 1,
    previous: before ? createHash('sha256').update(before).digest('hex') : null,
    state,
    startedAt: new Date(Number(meta.zeroWallNs / 1_000_000n)).toISOString(),
    meta,
    files,
  };
  const { id, study, name, simulated, clockEpoch, software, kit } = meta;
  const session = {
    ...{ id, study, name, simulated },
    zeroEngineNs: String(meta.zeroEngineNs),
    zeroWallNs: String(meta.zeroWallNs),
    ...{ clockEpoch, software, kit },
  };
  const { revision, previous, startedAt } = manifest;
  const head = { format: 'fieldroom-session', formatVersion: MANIFEST_VERSION };
  const json = JSON.stringify({ ...head, revision, previous, state, startedAt, session, files }, null, 2);
  try {
    writeInside(folder, MANIFEST, `${json}\n`);
  } catch (cause) {
    throw diskError(cause, path);
  }
  return manifest;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function revisionOf(bytes: Buffer): number {
  const revision = (parse(bytes.toString('utf8')) as { revision?: unknown } | null)?.revision;
  return typeof revision === 'number' ? revision : 0;
}
