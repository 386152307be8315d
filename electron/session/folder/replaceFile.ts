import { renameSync } from 'node:fs';
import process from 'node:process';

/** An antivirus program or an indexer releases a file within a second or two. */
const PATIENCE_MS = 3000;
const PAUSE_MS = 20;
const HELD = new Set(['EACCES', 'EBUSY', 'EPERM']);

/**
 * Renames `from` to `to`, replacing it. Windows refuses that while another program has either file open, as antivirus
 * programs and indexers do with every new file, so it is retried for three seconds. Blocks the caller's thread.
 * @throws the system's last error
 */
export function replaceFile(from: string, to: string): void {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (process.platform !== 'win32' || !HELD.has(code) || performance.now() > endMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
