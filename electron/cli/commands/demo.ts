/**
 * Records, seals and verifies a short session with the whole appliance, fake cameras and microphones, and sensors that
 * are emulated on the wire.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { startEmulators } from '../../../devices/emulate.ts';
import { fieldroomError } from '../../common/errors.ts';
import { verifySession } from '../../session/check/verify.ts';
import { startAppliance } from '../appliance.ts';
import { interruptSignal } from '../interrupt.ts';
import { readKit } from '../kitFile.ts';
import { recordSession } from '../recordSession.ts';
import { summaryText } from '../summaryText.ts';
import { Progress, printJson } from '../terminal.ts';

const KIT = fileURLToPath(new URL('../../../resources/kits/demo.json', import.meta.url));
/** Device 1 of Chromium's fake cameras is a depth camera, which no encoder accepts; three devices give two usable ones. */
const FAKE_DEVICES = '--use-fake-device-for-media-stream=device-count=3,fps=30 --use-fake-ui-for-media-stream';
const READY_TIMEOUT_MS = 20_000;

export async function demo(options: { for: number; data?: string; json?: boolean }): Promise<void> {
  const progress = new Progress();
  const dataFolder = options.data ?? (await mkdtemp(join(tmpdir(), 'fieldroom-demo-')));
  progress.say('Starting a simulated classroom with fake cameras and microphones and emulated sensors.');
  const emulators = await startEmulators(await readKit(KIT));
  try {
    const appliance = await startAppliance({
      dataFolder,
      hidden: true,
      env: { FIELDROOM_CHROMIUM_SWITCHES: process.env.FIELDROOM_CHROMIUM_SWITCHES ?? FAKE_DEVICES },
    });
    try {
      const signal = interruptSignal(() => progress.say('Stopping. The recording is kept.'));
      const summary = await recordSession(
        appliance.door,
        { kit: emulators.kit, kitPath: null, durationMs: options.for, readyTimeoutMs: READY_TIMEOUT_MS, signal },
        progress,
      );
      progress.update('Verifying…');
      const verdict = await verifySession(summary.folder);
      progress.say(
        verdict.ok
          ? 'Verified: every packet and sample matches its checksum and the index.'
          : 'Verification found problems.',
      );
      if (options.json)
        printJson({ session: summary.folder, ...summary, verified: verdict.ok, findings: verdict.findings });
      else process.stdout.write(`\n${summaryText(summary)}\n\nSee more:  npx fieldroom inspect "${summary.folder}"\n`);
      if (!verdict.ok)
        throw fieldroomError('demo.not-whole', { length: verdict.findings.length, folder: summary.folder });
      const empty = summary.streams.filter((stream) => stream.count === 0);
      if (empty.length > 0 || summary.streams.length === 0)
        throw fieldroomError('demo.nothing-recorded', { detail: empty.map(({ id }) => id).join(', ') || 'anything' });
    } finally {
      await appliance.stop();
    }
  } finally {
    await emulators.stop();
  }
}
