/** Writing a whole file so that a crash or a full disk leaves the old one or the new one, never a part of it. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { replaceFile } from './replaceFile.ts';

/** Written beside the file under a name nobody can have prepared, synced, then renamed over it. @throws what the disk said; then the old file is as it was */
export function writeWhole(path: string, data: string | Uint8Array, mode = 0o644): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}.new`);
  try {
    const fd = openSync(temporary, 'wx', mode);
    try {
      writeAt(fd, bytes, 0);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    replaceFile(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** Writes all the bytes: one call may take fewer. @throws what the disk said, ENOSPC when it takes none */
export function writeAt(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.byteLength; ) {
    const written = writeSync(fd, bytes, done, bytes.byteLength - done, at + done);
    if (written === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    done += written;
  }
}

/** A new name in a folder survives a power cut only when the folder itself is synced; Windows has no such call. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
