/** Writes a complete file so that a crash or a full disk leaves the old one or the new one, never a part of it. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { replaceFile } from './replaceFile.ts';

/**
 * Written to a temporary file with an unpredictable name, synced, then renamed over the file. @throws the disk's error;
 * then the old file is unchanged
 */
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

/** Writes all bytes, since one call may write fewer. @throws the disk's error, ENOSPC if nothing is written */
export function writeAt(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.byteLength; ) {
    const written = writeSync(fd, bytes, done, bytes.byteLength - done, at + done);
    if (written === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    done += written;
  }
}

/** A new name survives a power cut only if its folder is synced too; Windows has no such call. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
