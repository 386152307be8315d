/** Operations on a file opened by `files.ts`; none takes a path. */
import { read } from 'node:fs';
import { promisify } from 'node:util';

export { closeSync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';

const readSome = promisify(read);

/** Reads into `bytes` from an offset in the file. @returns the number of bytes read; 0 at its end */
export async function readAt(fd: number, bytes: Uint8Array, at: number): Promise<number> {
  return (await readSome(fd, bytes, 0, bytes.byteLength, at)).bytesRead;
}
