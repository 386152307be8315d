/**
 * Handles unsealed sessions at startup. A session recorded until moments ago, on this boot's clock, is repaired and
 * resumed; all others are repaired by sealing.
 */
import { reportOf } from '../../common/errors.ts';
import { kitSchema } from '../../common/kit.ts';
import { sizeInside, statInside } from '../../session/folder/files.ts';
import { readManifest } from '../../session/format/manifest.ts';
import type { LifecycleState, SessionMeta } from '../../session/format/rows.ts';
import { mediaFiles } from '../../session/format/sessionFolder.ts';
import { metaOf } from '../../session/format/sessionMeta.ts';
import { sessionFolders } from '../../session/read/sessionFolders.ts';
import { SessionReader } from '../../session/read/sessionReader.ts';
import { isCutDecided, keepAsLeft } from '../../session/repair/crashCut.ts';
import { needsRepair } from '../../session/repair/openForRepair.ts';
import { repairSession } from '../../session/repair/repairSession.ts';
import { systemClock } from '../clock/engineClock.ts';
import { keptKit } from '../dataFolder.ts';
import type { Log } from '../log/engineLog.ts';
import type { Recorder } from './recorder.ts';
import type { Sealer } from './sealer.ts';

/** A recorder that restarts within this time after a crash resumes its session. */
const RESUME_WITHIN_MS = 5 * 60_000;
/** Read in well under a second. */
const REPAIR_AT_ONCE_BYTES = 64 * 1024 * 1024;

export interface RecoverOptions {
  dataFolder: string;
  recorder: Recorder;
  sealer: Sealer;
  /** The last engine of this folder did not shut down cleanly. */
  mayResume: boolean;
  log: Log;
}

export async function recoverSessions(options: RecoverOptions): Promise<void> {
  for (const folder of sessionFolders(options.dataFolder)) {
    try {
      await recoverSession(folder, options);
    } catch (error) {
      const { code, message } = reportOf(error);
      options.log('error', code, `A session could not be resumed: ${message}`);
    }
  }
}

async function recoverSession(
  folder: string,
  { dataFolder, recorder, sealer, mayResume, log }: RecoverOptions,
): Promise<void> {
  const state = readManifest(folder)?.state;
  if (state === undefined || state === 'sealed') return;
  // A damaged index is not reliable.
  if (needsRepair(folder)) repairNow(folder, log, Number.POSITIVE_INFINITY);
  const meta = readMeta(folder);
  if (mayResume && !recorder.session && canResume(folder, meta, state)) {
    const kit = keptKit(dataFolder) ?? kitSchema.safeParse(meta.kit).data;
    if (kit) {
      const leftMs = lastWriteMs(folder);
      repairNow(folder, log);
      // Session time of the crash, assuming that the wall clock has not been set since.
      const { clock } = recorder;
      const leftNs =
        clock.now() - meta.zeroEngineNs - BigInt(Math.max(0, Math.round(Date.now() - leftMs))) * 1_000_000n;
      const mayEnd = keepAsLeft(folder, leftNs);
      await recorder.resumeAfterCrash({
        meta,
        folder,
        kit,
        paused: state === 'paused',
        assigned: readAssigned(folder),
        mayEnd,
      });
      log('warn', 'session.resumed', `The session ${meta.id} continues after a crash.`);
      return;
    }
  }
  log('warn', 'session.unsealed', `The session ${meta.id} was not sealed and is being sealed now.`);
  sealer.seal(folder, meta.id);
}

/**
 * Verifies and repairs the whole session; for a long one, sealing does that, because recording must continue within
 * seconds.
 */
function repairNow(folder: string, log: Log, atMostBytes = REPAIR_AT_ONCE_BYTES): void {
  if (bytesOf(folder) > atMostBytes) return;
  for (const { code, where, message } of repairSession(folder).findings) log('warn', code, `${where}: ${message}`);
}

function bytesOf(folder: string): number {
  const files = [...mediaFiles(folder), 'session.sqlite', 'session.sqlite-wal'];
  return files.reduce((sum, file) => sum + sizeInside(folder, file), 0);
}

function canResume(folder: string, meta: SessionMeta, state: LifecycleState): boolean {
  const running = (state === 'recording' || state === 'paused') && !isCutDecided(folder);
  return running && meta.clockEpoch === systemClock().epoch && Date.now() - lastWriteMs(folder) < RESUME_WITHIN_MS;
}

/** The session's description in its index. */
function readMeta(folder: string): SessionMeta {
  const reader = new SessionReader(folder);
  try {
    return metaOf(reader.db);
  } finally {
    reader.close();
  }
}

/** The latest assignment of participants: children may have swapped seats since the kit was written. */
function readAssigned(folder: string): Map<string, string | null> {
  const reader = new SessionReader(folder);
  try {
    const rows = reader.db.prepare('SELECT source, participant FROM assignment ORDER BY at_ns').all();
    return new Map(
      (rows as { source: string; participant: string | null }[]).map((row) => [row.source, row.participant]),
    );
  } finally {
    reader.close();
  }
}

function lastWriteMs(folder: string): number {
  return Math.max(...['session.sqlite', 'session.sqlite-wal'].map((name) => statInside(folder, name)?.mtimeMs ?? 0));
}
