import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { FieldroomError } from '../../common/errors.ts';
import { chromiumSwitches } from '../appliance.ts';

/** Opens the app in the foreground; its exit code is ours. */
export async function app(options: { data: string; kit?: string }): Promise<void> {
  const electron = process.env.FIELDROOM_ELECTRON;
  if (!electron)
    throw new FieldroomError('app.no-electron', 'There is no Electron to start the app with.', {
      nextStep: 'Start it with `npm start`, which fetches what is missing, or see: fieldroom doctor.',
    });
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const kit = options.kit ? ['--kit', resolve(options.kit)] : [];
  const child = spawn(electron, [...chromiumSwitches(), root, '--data', resolve(options.data), ...kit], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise<number>((done, refuse) => {
    child.once('error', refuse);
    child.once('exit', (code) => done(code ?? 1));
  });
}
