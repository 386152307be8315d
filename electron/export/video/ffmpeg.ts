/** ffmpeg, for exports that must encode video: found on PATH or named by FIELDROOM_FFMPEG, started without a shell. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fieldroomError } from '../../common/errors.ts';

/** Null: not installed. */
export function findFfmpeg(env = process.env): string | null {
  if (env.FIELDROOM_FFMPEG) return existsSync(env.FIELDROOM_FFMPEG) ? env.FIELDROOM_FFMPEG : null;
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  const folder = (env.PATH ?? env.Path ?? '').split(delimiter).find((at) => at !== '' && existsSync(join(at, name)));
  return folder === undefined ? null : join(folder, name);
}

/** @throws FieldroomError `export.no-ffmpeg` @param what needs it, for the error message */
export function needFfmpeg(what: string): string {
  const found = findFfmpeg();
  if (!found) throw fieldroomError('export.no-ffmpeg', { what });
  return found;
}

/**
 * Runs ffmpeg at the priority of this process. @param lengthS of the output, for progress.
 * @throws FieldroomError `export.ffmpeg-failed`, `export.cancelled`
 */
export function runFfmpeg(
  program: string,
  args: readonly string[],
  { lengthS, signal, onProgress }: { lengthS: number; signal: AbortSignal; onProgress: (fraction: number) => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = ['-hide_banner', '-nostdin', '-v', 'error', '-progress', 'pipe:1', '-y'];
    const child = spawn(program, [...options, ...args], { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const end = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', end, { once: true });
    let last = '';
    createInterface({ input: child.stdout }).on('line', (line) => {
      const us = /^out_time_us=(\d+)$/.exec(line)?.[1];
      if (us !== undefined) onProgress(Math.min(1, Number(us) / 1e6 / Math.max(0.001, lengthS)));
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      last = line;
    });
    child.once('error', (cause) => reject(fieldroomError('export.ffmpeg-failed', { last: cause.message }, { cause })));
    child.once('close', (code) => {
      signal.removeEventListener('abort', end);
      if (code === 0) resolve();
      else
        reject(signal.aborted ? fieldroomError('export.cancelled') : fieldroomError('export.ffmpeg-failed', { last }));
    });
  });
}
