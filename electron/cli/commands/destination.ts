import process from 'node:process';
import { testDestination } from '../../engine/upload/testDestination.ts';
import { interruptSignal } from '../interrupt.ts';
import { Progress, printJson } from '../terminal.ts';
import { openPlace, type PlaceFlags, settingsOf } from '../uploadFlags.ts';

/** Writes, reads back and deletes a small object, and prints the result of each step. */
export async function destinationTest(text: string, flags: PlaceFlags): Promise<void> {
  const progress = new Progress();
  const signal = interruptSignal(() => progress.say('Stopping.'));
  const { destination } = openPlace(settingsOf(text, flags), flags, signal, progress);
  try {
    const steps = await testDestination(destination, signal);
    const ok = steps.every(({ error }) => error === undefined);
    if (flags.json)
      printJson({
        place: destination.place,
        ok,
        steps: steps.map(({ name, error }) => ({ name, ok: !error, ...(error ? { error: error.toReport() } : {}) })),
      });
    else {
      process.stdout.write(`${destination.place}\n`);
      for (const { name, error } of steps) {
        process.stdout.write(`  ${name.padEnd(10)} ${error ? `failed: ${error.message}` : 'ok'}\n`);
        if (error?.data.reason) process.stdout.write(`             (${String(error.data.reason)})\n`);
        if (error?.nextStep) process.stdout.write(`             → ${error.nextStep}\n`);
      }
    }
    process.exitCode = ok ? 0 : 1;
  } finally {
    destination.close();
  }
}
