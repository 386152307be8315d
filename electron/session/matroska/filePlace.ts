/** A media file that is open while somebody removes it or puts another in its place: its bytes are still there, and get their name back. */
import { createInside, existsInside, makeFolderInside, renameInside, statInside, writeAt } from '../folder/files.ts';
import { closeSync, fstatSync, fsyncSync, readSync } from '../folder/open.ts';
import { RESCUED } from '../format/names.ts';

const COPY_BYTES = 4 * 1024 * 1024;

/** Whether the name still stands for the open file. A link or folder in its place does not. */
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
 * Writes the open file's bytes to its name again; what has the name meanwhile is kept in `rescued/`.
 * @returns the new file, open; the old one is closed. @throws what the disk said: then the old one is still open
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
