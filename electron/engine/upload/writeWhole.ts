import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { diskError } from '../../session/format/diskErrors.ts';
import { syncFolder } from '../../session/matroska/mediaFile.ts';

/** Writes beside it, syncs, renames: a reader sees the file before or after, never half of it. @throws FieldroomError `store.*` */
export function writeWhole(path: string, bytes: Buffer): void {
  try {
    const fd = openSync(`${path}.new`, 'w');
    try {
      writeSync(fd, bytes);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${path}.new`, path);
    syncFolder(dirname(path));
  } catch (cause) {
    throw diskError(cause, path);
  }
}
