import { resolve } from 'node:path';
import process from 'node:process';
import { startAppliance } from '../appliance.ts';
import { interruptSignal } from '../interrupt.ts';
import { readKit } from '../kitFile.ts';
import { recordSession } from '../recordSession.ts';
import { kitGrant } from '../runningDoor.ts';
import { summaryText } from '../summaryText.ts';
import { Progress, printJson } from '../terminal.ts';

interface RecordOptions {
  kit: string;
  for: number;
  data: string;
  study?: string;
  json?: boolean;
}

const READY_TIMEOUT_MS = 20_000;

export async function record(options: RecordOptions): Promise<void> {
  const progress = new Progress();
  const kit = await readKit(options.kit);
  progress.update('Starting the appliance…');
  const appliance = await startAppliance({ dataFolder: options.data, hidden: true });
  try {
    const signal = interruptSignal(() => progress.say('Stopping. The recording is kept.'));
    const summary = await recordSession(
      appliance.door,
      {
        kit,
        kitPath: resolve(options.kit),
        kitGrant: kitGrant(resolve(options.data), resolve(options.kit)),
        durationMs: options.for,
        study: options.study,
        readyTimeoutMs: READY_TIMEOUT_MS,
        signal,
      },
      progress,
    );
    if (options.json) printJson({ session: summary.folder, ...summary });
    else process.stdout.write(`${summaryText(summary)}\n`);
  } finally {
    await appliance.stop();
  }
}
