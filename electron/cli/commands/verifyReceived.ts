import process from 'node:process';
import { formatBytes } from '../../common/units.ts';
import { checkReceived } from '../../engine/upload/received.ts';
import { interruptSignal } from '../interrupt.ts';
import { findReceived } from '../receivedSession.ts';
import { Progress, printJson } from '../terminal.ts';
import type { PlaceFlags } from '../uploadFlags.ts';

/** Reads every file of a received session and compares it with the manifest. */
export async function verifyReceived(session: string, flags: PlaceFlags): Promise<void> {
  const progress = new Progress();
  const signal = interruptSignal(() => progress.say('Stopping.'));
  const { destination, retrier, received } = await findReceived(session, flags, signal, progress);
  try {
    const totalBytes = received.files.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    const findings = await checkReceived(destination, received, retrier, (bytes) => {
      done += bytes;
      progress.update(`Verifying: ${formatBytes(done)} of ${formatBytes(totalBytes)}`);
    });
    const ok = findings.length === 0;
    if (flags.json) printJson({ session, ok, findings, checked: { files: received.files.length, bytes: totalBytes } });
    else if (ok)
      process.stdout.write(
        `Complete: all ${received.files.length} files at ${session} match the manifest (${formatBytes(totalBytes)}).\n`,
      );
    else for (const { code, where, message } of findings) process.stdout.write(`${code}  ${where}  ${message}\n`);
    process.exitCode = ok ? 0 : 1;
  } finally {
    destination.close();
  }
}
