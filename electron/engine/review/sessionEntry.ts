/**
 * One line of the list of sessions, from its folder alone. A damaged or foreign folder is reported in the entry and
 * never throws.
 */
import { createHash } from 'node:crypto';
import nodePath, { basename, dirname, join } from 'node:path';
import { fieldroomError, reportOf } from '../../common/errors.ts';
import { isInside } from '../../common/insideFolder.ts';
import type { ReviewState, SessionEntry } from '../../common/review.ts';
import { annotationsOf, detailsOf, mergeMarkers, recordedMarkers } from '../../session/annotations.ts';
import { glance, hasFile } from '../../session/folder/dataFolder.ts';
import { readInside, statInside } from '../../session/folder/files.ts';
import {
  INDEX,
  MANIFEST,
  type ManifestFile,
  readManifest,
  type SessionManifest,
} from '../../session/format/manifest.ts';
import { SessionReader } from '../../session/read/sessionReader.ts';
import { summarize } from '../../session/read/summary.ts';
import { manifestSha256, readReceipts } from './receipts.ts';

/** Written at sealing (report/writeTiming.ts). */
const REPORT = 'timing.html';

/** The timing report, a page without script. @throws FieldroomError `app.no-report` */
export function readReport(folder: string): string {
  if (!hasFile(folder, REPORT)) throw fieldroomError('app.no-report');
  return readInside(folder, REPORT).toString('utf8');
}

/** Stable for a folder, without revealing its path. */
export const keyOf = (folder: string): string => createHash('sha256').update(folder).digest('base64url').slice(0, 16);

/** Changes when the session or the files beside it change; for a live session, every time. */
export function stampOf(folder: string): string {
  const facts = [MANIFEST, INDEX, `${INDEX}-wal`, 'annotations.sqlite', '.'].map((name) => {
    const stat = glance(folder, name);
    return stat ? `${stat.mtimeMs}:${stat.size}` : '-';
  });
  return facts.join(' ');
}

/**
 * @param dataFolder sessions outside it are marked as external
 * @returns also the files that a sealed session must have
 * @throws FieldroomError `review.no-session` when the folder does not contain one
 */
export function readEntry(folder: string, dataFolder: string): { entry: SessionEntry; files: readonly ManifestFile[] } {
  if (!hasFile(folder, MANIFEST) && !hasFile(folder, INDEX)) throw fieldroomError('review.no-session', { folder });
  const entry = blankEntry(folder, dataFolder);
  let manifest: SessionManifest | null = null;
  try {
    manifest = readManifest(folder);
    if (manifest) takeManifest(entry, manifest);
    takeReceipts(entry, folder);
    Object.assign(entry, detailsOf(folder));
    takeIndex(entry, folder);
  } catch (error) {
    const { code, message, nextStep } = reportOf(error);
    entry.state = code === 'store.newer' ? 'unreadable' : 'damaged';
    entry.trouble = { code, message, ...(nextStep === undefined ? {} : { nextStep }) };
    return { entry, files: [] };
  }
  if (!manifest) {
    entry.state = 'damaged';
    entry.trouble = {
      code: 'store.manifest-missing',
      message: `${join(folder, MANIFEST)} is missing.`,
      nextStep: 'The index is shown instead. Copy the session again if this is a copy.',
    };
  }
  return { entry, files: manifest?.state === 'sealed' ? manifest.files : [] };
}

function blankEntry(folder: string, dataFolder: string): SessionEntry {
  return {
    key: keyOf(folder),
    id: basename(folder),
    study: basename(dirname(folder)),
    name: '',
    notes: '',
    fields: {},
    folder,
    state: 'unfinished',
    startedAtMs: null,
    durationNs: null,
    bytes: 0,
    participants: [],
    streams: { video: 0, audio: 0, samples: 0 },
    gaps: 0,
    missing: 0,
    interruptions: 0,
    markers: 0,
    simulated: false,
    elsewhere: !isInside(dataFolder, folder, nodePath),
    uploaded: false,
    exported: false,
    report: hasFile(folder, REPORT),
    verifying: null,
    verifiedAtMs: null,
    trouble: null,
  };
}

function takeManifest(entry: SessionEntry, { state, meta }: SessionManifest): void {
  entry.id = meta.id;
  entry.study = meta.study;
  entry.name = meta.name;
  entry.simulated = meta.simulated;
  entry.startedAtMs = Number(meta.zeroWallNs / 1_000_000n);
  entry.state = state === 'sealed' ? 'sealed' : 'unfinished';
}

function takeReceipts(entry: SessionEntry, folder: string): void {
  const { uploaded, exported, verified } = readReceipts(folder);
  entry.uploaded = uploaded;
  entry.exported = exported;
  if (!verified || entry.state !== 'sealed') return;
  if (verified.manifestSha256 !== manifestSha256(folder)) return;
  entry.verifiedAtMs = verified.atMs;
  entry.state = verified.ok ? 'verified' : 'damaged';
  if (!verified.ok) entry.trouble = faultsFound(verified.total, verified.findings[0]?.message ?? '');
}

/** What a failed verification means for the user. */
export const faultsFound = (total: number, first: string): NonNullable<SessionEntry['trouble']> => ({
  code: 'review.faults',
  message: `Verification found ${total === 1 ? 'a fault' : `${total} faults`}: ${first}.`,
  nextStep: 'Keep every copy, and compare it with an intact one.',
});

function takeIndex(entry: SessionEntry, folder: string): void {
  using reader = new SessionReader(folder);
  const summary = summarize(reader);
  entry.durationNs = summary.durationNs;
  entry.bytes = summary.bytes;
  for (const { kind, gaps, drops } of summary.streams) {
    entry.streams[kind] += 1;
    entry.gaps += gaps;
    entry.missing += drops;
  }
  entry.participants = reader.db
    .prepare(
      'SELECT participant FROM assignment WHERE participant IS NOT NULL UNION SELECT participant FROM stream WHERE participant IS NOT NULL ORDER BY 1',
    )
    .pluck()
    .all() as string[];
  entry.interruptions = reader.db.prepare('SELECT max(count(*) - 1, 0) FROM engine_run').pluck().get() as number;
  entry.markers = mergeMarkers(recordedMarkers(reader.db), annotationsOf(folder)).length;
}

/** A quick check: do all files exist with their recorded size? */
export function withFileTrouble(entry: SessionEntry, files: readonly ManifestFile[]): SessionEntry {
  const trouble = entry.trouble ? null : missingFile(entry.folder, files);
  return trouble ? { ...entry, state: 'damaged', trouble } : entry;
}

/** Undefined: it is missing or may not be opened. */
function sizeOf(folder: string, path: string): number | undefined {
  try {
    return statInside(folder, path)?.size;
  } catch {
    return undefined;
  }
}

function missingFile(folder: string, files: readonly ManifestFile[]): SessionEntry['trouble'] {
  const nextStep = 'Verify it to see all that is wrong; copy it again if this is a copy.';
  for (const { path, bytes } of files) {
    const size = sizeOf(folder, path);
    if (size === undefined) return { code: 'review.file-missing', message: `The file ${path} is missing.`, nextStep };
    if (size !== bytes)
      return {
        code: 'review.file-size',
        message: `The file ${path} has ${size} bytes and should have ${bytes}.`,
        nextStep,
      };
  }
  return null;
}

/** Its state in the list while the recorder works on it. */
export const liveState = (entry: SessionEntry, busy: ReviewState | undefined): SessionEntry =>
  busy === undefined ? entry : { ...entry, state: busy, trouble: null };
