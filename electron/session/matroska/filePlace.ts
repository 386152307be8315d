/** Restores a media file that was removed or replaced while open: its bytes still exist and get their name back. */
import { createInside, existsInside, makeFolderInside, renameInside, statInside, writeAt } from '../folder/files.ts';
import { closeSync, fstatSync, fsyncSync, readSync } from '../folder/open.ts';
import { RESCUED } from '../format/names.ts';

const COPY_BYTES = 4 * 1024 * 1024;

/** Whether the name still refers to the open file. A link or folder with that name does not count. */
export function isInPlace(folder: string, path: string, fd: number): boolean {
  const opened = fstatSync(fd);
  try {
    const named = statInside(folder, path);
    return named?.ino === opened.ino && named.dev === opened.dev;
  } catch {
    return false;
  }
}

/**
 * Writes the open file's bytes under its name again; a file that has the name meanwhile is moved to `rescued/`.
 * @returns the new file, open; the old one is closed. @throws the disk's error; the old one is then still open
 */
export function putBack(folder: string, path: string, fd: number, bytes: number): number {
  const parts = path.split('/');
  makeFolderInside(folder, parts.slice(0, -1).join('/'));
  if (existsInside(folder, path)) {
    makeFolderInside(folder, RESCUED);
    renameInside(folder, path, `${RESCUED}/replaced-${Date.now()}-${parts.slice(-2).join('-')}`);
  }
  const fresh = createInside(folder, path);
  try {
    const buffer = new Uint8Array(COPY_BYTES);
    for (let at = 0; at < bytes; ) {
      const read = readSync(fd, buffer, 0, Math.min(COPY_BYTES, bytes - at), at);
      if (read === 0) break;
      writeAt(fresh, buffer.subarray(0, read), at);
      at += read;
    }
    fsyncSync(fresh);
  } catch (error) {
    closeSync(fresh);
    throw error;
  }
  closeSync(fd);
  return fresh;
}
