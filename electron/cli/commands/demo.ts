/**
 * The main job on real input: the whole appliance with fake cameras and microphones and sensors that are emulated on the
 * wire, one short session, sealed and verified.
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
/** Device 1 of Chromium's fake cameras is a depth camera that no encoder takes; three devices give two good ones. */
const FAKE_DEVICES = '--use-fake-device-for-media-stream=device-count=3,fps=30 --use-fake-ui-for-media-stream';
const READY_TIMEOUT_MS = 20_000;

export async function demo(options: { for: number; data?: string; json?: boolean }): Promise<void> {
  const progress = new Progress();
  const dataFolder = options.data ?? (await mkdtemp(join(tmpdir(), 'fieldroom-demo-')));
  progress.say('A simulated classroom: fake cameras and microphones, sensors emulated on the wire.');
  const emulators = await startEmulators(await readKit(KIT));
  try {
    const appliance = await startAppliance({
      dataFolder,
      hidden: true,
      env: { FIELDROOM_CHROMIUM_SWITCHES: process.env.FIELDROOM_CHROMIUM_SWITCHES ?? FAKE_DEVICES },
    });
    try {
      const signal = interruptSignal(() => progress.say('Stopping: what was recorded is kept.'));
      const summary = await recordSession(
        appliance.door,
        { kit: emulators.kit, kitPath: null, durationMs: options.for, readyTimeoutMs: READY_TIMEOUT_MS, signal },
        progress,
      );
      progress.update('Verifying…');
      const verdict = await verifySession(summary.folder);
      progress.say(
        verdict.ok
          ? 'Verified: every packet and sample agrees with its checksum and the index.'
          : 'Verification found faults.',
      );
      if (options.json)
        printJson({ session: summary.folder, ...summary, verified: verdict.ok, findings: verdict.findings });
      else
        process.stdout.write(`\n${summaryText(summary)}\n\nLook further:  npx fieldroom inspect "${summary.folder}"\n`);
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
