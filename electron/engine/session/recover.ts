/**
 * At the start: sessions that were never sealed. One that was being recorded until moments ago, on this boot's clock, goes
 * on; all others are sealed as they are.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../clock/engineClock.ts';
import { kitSchema } from '../../common/kit.ts';
import type { Log } from '../log/engineLog.ts';
import { readManifest, type SessionManifest } from '../store/manifest.ts';
import type { Recorder } from './recorder.ts';
import type { Sealer } from './sealer.ts';

/** A crashed recorder that is back within this time goes on with its session. */
const RESUME_WITHIN_MS = 5 * 60_000;

export interface RecoverOptions {
  dataFolder: string;
  recorder: Recorder;
  sealer: Sealer;
  /** The last engine of this folder did not end in order. */
  mayResume: boolean;
  log: Log;
}

export async function recoverSessions({ dataFolder, recorder, sealer, mayResume, log }: RecoverOptions): Promise<void> {
  for (const folder of sessionFolders(dataFolder)) {
    const manifest = readManifest(folder);
    if (manifest === null || manifest.state === 'sealed') continue;
    if (mayResume && !recorder.session && canResume(folder, manifest)) {
      const kit = kitSchema.safeParse(manifest.meta.kit);
      if (kit.success) {
        const resumed = await recorder.resumeAfterCrash(manifest.meta, folder, kit.data).catch((error: Error) => {
          log('error', 'session.resume', `The session ${manifest.meta.id} could not be resumed: ${error.message}`);
          return null;
        });
        if (resumed) {
          log('warn', 'session.resumed', `The session ${manifest.meta.id} goes on after a crash.`);
          continue;
        }
      }
    }
    log('warn', 'session.unsealed', `The session ${manifest.meta.id} was not sealed; that is done now.`);
    sealer.seal(folder, manifest.meta.id);
  }
}

function canResume(folder: string, { state, meta }: SessionManifest): boolean {
  const running = state === 'recording' || state === 'paused';
  return running && meta.clockEpoch === systemClock().epoch && Date.now() - lastWriteMs(folder) < RESUME_WITHIN_MS;
}

function lastWriteMs(folder: string): number {
  return Math.max(...['session.sqlite', 'session.sqlite-wal'].map((name) => join(folder, name)).map((file) => (existsSync(file) ? statSync(file).mtimeMs : 0)));
}

/** `<data>/<study>/<session>` that hold a manifest. */
export function sessionFolders(dataFolder: string): string[] {
  const folders = (path: string): string[] => readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => join(path, entry.name));
  return folders(dataFolder).flatMap(folders).filter((folder) => existsSync(join(folder, 'manifest.json'))).sort();
}
