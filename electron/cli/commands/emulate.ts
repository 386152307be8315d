import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { startEmulators } from '../../../devices/emulate.ts';
import { interruptSignal } from '../interrupt.ts';
import { readKit } from '../kitFile.ts';
import { Progress, printJson } from '../terminal.ts';

export async function emulate(kitPath: string, options: { write?: string; json?: boolean }): Promise<void> {
  const emulators = await startEmulators(await readKit(kitPath));
  try {
    const text = `${JSON.stringify(emulators.kit, null, 2)}\n`;
    if (options.write) await writeFile(options.write, text);
    if (options.json) printJson(emulators.kit);
    else process.stdout.write(text);
    new Progress().say('The emulators are running. Press Ctrl-C to stop them.');
    const signal = interruptSignal(() => undefined);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    process.exitCode = 0;
  } finally {
    await emulators.stop();
  }
}
