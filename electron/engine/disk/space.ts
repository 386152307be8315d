/**
 * Queries the file system about the data folder, never on the engine's main thread: a hanging drive must not block it.
 */
import type { Dirent } from 'node:fs';
import { access, constants, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile } from '../dataFolder.ts';

export interface Space {
  /** Bytes that this user may still write; null where the system does not report it. */
  freeBytes: number | null;
}

/** @throws NodeJS.ErrnoException when the folder is gone or may not be written */
export async function measureSpace(dataFolder: string): Promise<Space> {
  // The mount folder of a missing drive may still exist, empty: only this engine's own file in it proves that the drive
  // is connected.
  await stat(lockFile(dataFolder));
  await access(dataFolder, constants.W_OK);
  const freeBytes = await statfs(dataFolder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  );
  return { freeBytes };
}

/**
 * Bytes of all files of a session, also of its write-ahead log: the space it actually uses. 0 when it cannot be read.
 */
export async function folderBytes(folder: string): Promise<number> {
  const entries: Dirent[] = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
