import { resolve } from 'node:path';
import process from 'node:process';
import { formatBytes } from '../../common/units.ts';
import { fetchReceived } from '../../engine/upload/received.ts';
import { interruptSignal } from '../interrupt.ts';
import { findReceived } from '../receivedSession.ts';
import { Progress, printJson } from '../terminal.ts';
import type { PlaceFlags } from '../uploadFlags.ts';

/** Downloads a session from a destination, byte for byte. */
export async function fetchSession(from: string, flags: PlaceFlags & { into: string }): Promise<void> {
  const progress = new Progress();
  const signal = interruptSignal(() => progress.say('Stopping. Run the same command to resume.'));
  const { destination, retrier, received } = await findReceived(from, flags, signal, progress);
  try {
    const totalBytes = received.files.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    const folder = await fetchReceived(destination, received, resolve(flags.into), retrier, (bytes) => {
      done += bytes;
      progress.update(`Fetching: ${formatBytes(done)} of ${formatBytes(totalBytes)}`);
    });
    if (flags.json) printJson({ session: folder, files: received.files.length + 1, bytes: totalBytes });
    else process.stdout.write(`${folder}: ${received.files.length + 1} files match the manifest.\n`);
  } finally {
    destination.close();
  }
}
