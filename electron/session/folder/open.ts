/** What may be done with a file that `files.ts` opened: these take no path. */
export { closeSync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';
