import { renameSync } from 'node:fs';
import process from 'node:process';

/** An antivirus program or an indexer lets go of a file within a second or two. */
const PATIENCE_MS = 3000;
const PAUSE_MS = 20;
const HELD = new Set(['EACCES', 'EBUSY', 'EPERM']);

/**
 * Renames `from` to `to`, replacing it. Windows refuses that while another program holds either of them open, which
 * antivirus programs and indexers do to every new file: it is tried again for three seconds. The caller's thread waits.
 * @throws what the system said last
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
