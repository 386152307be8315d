/** Whether a folder counts as a copy: not on the session's own disk, and not behind a cache. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, sep } from 'node:path';
import process from 'node:process';
import { fieldroomError } from '../../common/errors.ts';

export interface CopyRisks {
  /** Accept a copy on the same disk. */
  sameDisk?: boolean;
  /** Accept a folder that another program uploads later. */
  trustCache?: boolean;
}

/**
 * @param folder of the session
 * @throws FieldroomError `upload.same-disk`, `upload.cached`
 */
export function requireOtherDisk(folder: string, destination: string, accept: CopyRisks = {}): void {
  const what = cacheOf(realpathSync(destination));
  if (what !== null && !accept.trustCache) throw fieldroomError('upload.cached', { place: destination, what });
  if (!accept.sameDisk && statSync(folder).dev === statSync(destination).dev)
    throw fieldroomError('upload.same-disk', { place: destination });
}

/** The program that syncs this folder; null: none known. */
export function cacheOf(path: string, env: Readonly<Record<string, string | undefined>> = process.env): string | null {
  if (process.platform === 'darwin' && isBelow(join(homedir(), 'Library', 'CloudStorage'), path))
    return 'cloud storage';
  for (const name of ['OneDrive', 'OneDriveCommercial', 'OneDriveConsumer'])
    if (env[name] && isBelow(env[name], path)) return 'OneDrive';
  const type = mountTypeOf(path);
  // `fuseblk` is a local disk (NTFS, exFAT); `fuse.rclone`, `fuse.sshfs` and others answer before the other end has the bytes.
  return type?.startsWith('fuse.') ? type.slice('fuse.'.length) : null;
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..');
}

/** The file system's type at a path, by `/proc/self/mountinfo` (Linux, proc(5)); null elsewhere. */
function mountTypeOf(path: string): string | null {
  if (process.platform !== 'linux') return null;
  let best = { length: -1, type: '' };
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const point = before.split(' ')[4]?.replace(/\\040/g, ' ');
    if (point === undefined || !isBelow(point, path) || point.length < best.length) continue;
    best = { length: point.length, type: after.split(' ')[0] ?? '' };
  }
  return best.length < 0 ? null : best.type;
}
