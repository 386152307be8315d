import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import process from 'node:process';
import { appCommand } from '../appCommand.ts';

/** Opens the app in the foreground; its exit code is ours. */
export async function app(options: { data: string; kit?: string }): Promise<void> {
  const kit = options.kit ? ['--kit', resolve(options.kit)] : [];
  const { command, args } = appCommand(['--data', resolve(options.data), ...kit]);
  const child = spawn(command, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise<number>((done, refuse) => {
    child.once('error', refuse);
    child.once('exit', (code) => done(code ?? 1));
  });
}
