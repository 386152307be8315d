/** What may be done with a file that `files.ts` opened: these take no path. */
import { read } from 'node:fs';
import { promisify } from 'node:util';

export { closeSync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';

const readSome = promisify(read);

/** Reads into `bytes` from a place in the file. @returns how many were read; 0 at its end */
export async function readAt(fd: number, bytes: Uint8Array, at: number): Promise<number> {
  return (await readSome(fd, bytes, 0, bytes.byteLength, at)).bytesRead;
}
