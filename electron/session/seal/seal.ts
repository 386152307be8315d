import type { Database } from 'better-sqlite3';
import { fieldroomError, reportOf } from '../../common/errors.ts';
import type { Finding } from '../check/finding.ts';
import { existsInside, hashInside, refuseUnsafeFolder, sizeInside } from '../folder/files.ts';
import { type ClockHistory, readClocks } from '../format/clockHistory.ts';
import type { CommitLog } from '../format/commitLog.ts';
import { diskError } from '../format/diskErrors.ts';
import { IndexWriter } from '../format/indexWriter.ts';
import { INDEX, type ManifestFile, readManifest, type SessionManifest, writeManifest } from '../format/manifest.ts';
import type { FitRow } from '../format/rows.ts';
import { metaOf } from '../format/sessionMeta.ts';
import type { Scan } from '../matroska/mkvScan.ts';
import { finishMkv } from '../matroska/mkvSeal.ts';
import { dropKept, finishCut } from '../repair/crashCut.ts';
import { openForRepair } from '../repair/openForRepair.ts';
import { repairContent } from '../repair/repair.ts';
import { storeDeviceFits } from './deviceFits.ts';
import { sealedFiles, storeSealedFiles } from './sealedFiles.ts';
import { writeSealReceipt } from './sealReceipt.ts';

export interface SealProgress {
  step: 'media' | 'clock' | 'report' | 'hash';
  /** Current file, relative to the session's folder; empty between files. */
  file: string;
  doneBytes: number;
  totalBytes: number;
}

const NOT_FINISHED = 'media.not-finished';

export interface SealOptions {
  onProgress?: (progress: SealProgress) => void;
  /** Computes the sealed fits from all measurements; without it the live fits stay in use. */
  computeFits?: (clocks: ClockHistory[]) => FitRow[];
  /** Writes further files into the folder (the timing report) before they are hashed. The index is open and complete. */
  writeReport?: (folder: string, db: Database) => Promise<void> | void;
}

export interface SealResult {
  manifest: SessionManifest;
  /** Damage found; also in the table `event`, part `seal`. */
  findings: Finding[];
}

/** @throws FieldroomError `store.*` if the folder does not contain a session, or writing fails. */
export async function sealSession(folder: string, options: SealOptions = {}): Promise<SealResult> {
  const before = readManifest(folder);
  if (before?.state === 'sealed') return { manifest: before, findings: [] };
  refuseUnsafeFolder(folder);
  if (!existsInside(folder, INDEX)) throw fieldroomError('store.no-session:folder', { folder });
  const report = options.onProgress ?? (() => {});
  try {
    finishCut(folder);
    dropKept(folder);
    const { db, log, findings: opened } = openForRepair(folder, 'seal');
    const findings = [...opened];
    try {
      if (lastState(db) !== 'sealed') findings.push(...(await sealIndex(folder, db, log, options, report)));
      const files = await hashAll(folder, report);
      storeSealedFiles(db, files);
      db.pragma('wal_checkpoint(TRUNCATE)');
      await leaveWal(db);
      const meta = metaOf(db);
      db.close();
      const index = { path: INDEX, bytes: sizeInside(folder, INDEX), sha256: await hashInside(folder, INDEX) };
      const all = [...files, index].sort((a, b) => (a.path < b.path ? -1 : 1));
      const manifest = writeManifest(folder, meta, 'sealed', all);
      writeSealReceipt(folder);
      return { manifest, findings };
    } finally {
      db.close();
    }
  } catch (cause) {
    throw diskError(cause, folder, 'sealed');
  }
}

/** How long a reader of the index may delay its conversion to a single file. */
const READERS_MAY_HOLD_MS = 15_000;

/** This requires exclusive access to the index; SQLite reports a conflict immediately and does not wait. */
async function leaveWal(db: Database): Promise<void> {
  const deadlineMs = Date.now() + READERS_MAY_HOLD_MS;
  for (;;) {
    try {
      if (db.pragma('journal_mode = DELETE', { simple: true }) === 'delete') return;
      throw Object.assign(new Error('the index is still read by another program'), { code: 'SQLITE_BUSY' });
    } catch (cause) {
      const busy = /^SQLITE_(BUSY|LOCKED)/.test(String((cause as { code?: unknown }).code));
      if (!busy || Date.now() > deadlineMs) throw cause;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function sealIndex(
  folder: string,
  db: Database,
  log: CommitLog | null,
  options: SealOptions,
  report: (progress: SealProgress) => void,
): Promise<Finding[]> {
  db.pragma('synchronous = FULL');
  const index = new IndexWriter(db);
  const now = (): Record<string, unknown> => ({ at_ns: sessionNow(db), wall_ns: BigInt(Date.now()) * 1_000_000n });
  if (lastState(db) !== 'sealing') index.insert('lifecycle', { state: 'sealing', ...now(), detail: '' });
  const findings = sealMedia(folder, db, log, report);
  report({ step: 'clock', file: '', doneBytes: 0, totalBytes: 0 });
  const fits = options.computeFits?.(readClocks(db)) ?? [];
  db.transaction(() => {
    db.prepare("DELETE FROM fit WHERE kind = 'sealed'").run();
    for (const fit of fits)
      index.fit(db.prepare('SELECT id FROM clock WHERE name = ?').pluck().get(fit.clock) as number, {
        ...fit,
        kind: 'sealed',
      });
  })();
  storeDeviceFits(db);
  report({ step: 'report', file: '', doneBytes: 0, totalBytes: 0 });
  await writeReport(folder, db, options);
  index.insert('lifecycle', {
    state: 'sealed',
    ...now(),
    detail: findings.length === 0 ? '' : `${findings.length} findings`,
  });
  return findings;
}

/** A report can be made again from the index at any time: a failure is reported and does not stop sealing. */
async function writeReport(folder: string, db: Database, { writeReport: write }: SealOptions): Promise<void> {
  try {
    await write?.(folder, db);
  } catch (cause) {
    const { message } = reportOf(cause);
    new IndexWriter(db).insert('event', {
      at_ns: null,
      level: 'warn',
      part: 'report',
      code: 'report.failed',
      message: `The timing report could not be written: ${message}`,
    });
  }
}

function sealMedia(
  folder: string,
  db: Database,
  log: CommitLog | null,
  report: (progress: SealProgress) => void,
): Finding[] {
  let told = -Infinity;
  const { findings, segments } = repairContent(folder, db, 'seal', log, (file, doneBytes, totalBytes) => {
    if (doneBytes - told < 8 * 1024 * 1024) return;
    told = doneBytes;
    report({ step: 'media', file, doneBytes, totalBytes });
  });
  for (const { segment, check } of segments) {
    if (finishMkv(folder, segment.file, upTo(check.scan, check.indexedEnd), check.endTick)) continue;
    const message = 'the file has no room for its duration and cues';
    findings.push({ code: NOT_FINISHED, where: segment.file, message });
  }
  const index = new IndexWriter(db);
  db.prepare("DELETE FROM event WHERE part = 'seal' AND code = ?").run(NOT_FINISHED);
  for (const { code, where, message } of findings.filter((f) => f.code === NOT_FINISHED)) {
    const words = `${where}: ${message}`;
    index.insert('event', { at_ns: null, level: 'error', part: 'seal', code, message: words });
  }
  return findings;
}

/** The scan of the final file, without data after the last indexed packet. */
function upTo(scan: Scan, end: number): typeof scan {
  const clusters = scan.clusters.filter((c) => c.at < end).map((c) => ({ ...c, end: Math.min(c.end, end) }));
  return { ...scan, clusters, end };
}

/** Every file except the index, which stores these hashes. */
async function hashAll(folder: string, report: (progress: SealProgress) => void): Promise<ManifestFile[]> {
  const paths = sealedFiles(folder).filter((path) => path !== INDEX);
  const sizes = paths.map((path) => sizeInside(folder, path));
  const totalBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const files: ManifestFile[] = [];
  let doneBytes = 0;
  for (const [i, path] of paths.entries()) {
    report({ step: 'hash', file: path, doneBytes, totalBytes });
    const bytes = sizes[i] as number;
    files.push({ path, bytes, sha256: await hashInside(folder, path) });
    doneBytes += bytes;
  }
  report({ step: 'hash', file: '', doneBytes, totalBytes });
  return files;
}

const lastState = (db: Database): string | undefined =>
  db.prepare('SELECT state FROM lifecycle ORDER BY id DESC LIMIT 1').pluck().get() as string | undefined;

/** The current session time, if this machine has not been restarted since; otherwise null. */
function sessionNow(db: Database): bigint | null {
  const run = db
    .prepare('SELECT zero_engine_ns AS zero FROM engine_run ORDER BY id DESC LIMIT 1')
    .safeIntegers()
    .get() as { zero: bigint } | undefined;
  const last = db.prepare('SELECT max(at_ns) FROM lifecycle').safeIntegers().pluck().get() as bigint | null;
  if (!run) return null;
  const at = process.hrtime.bigint() - run.zero;
  return at >= (last ?? 0n) ? at : null;
}
