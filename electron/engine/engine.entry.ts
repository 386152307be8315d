/**
 * The engine as a child process. One JSON line comes in on standard input; JSON lines go out on standard output, the first
 * of them `ready` or `failed`. When the input ends the parent has died: without a recording the engine ends as well;
 * during one it continues, restarts the app, and the app finds it through the data folder's lock (`appSupervisor.ts`).
 */
import { flushCompileCache } from 'node:module';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { reportOf } from '../common/errors.ts';
import { AppSupervisor, appCommandSchema } from './appSupervisor.ts';
import { isAlive, readLock } from './dataFolder.ts';
import { Tokens } from './door/tokens.ts';
import type { Engine } from './engine.ts';
import { closeInheritedFiles } from './inheritedFiles.ts';

const startSchema = z.object({
  dataFolder: z.string().min(1),
  logFolder: z.string().optional(),
  livekitServer: z.string().nullable().default(null),
  bridge: z.string().nullable().default(null),
  deviceHost: z.boolean().default(true),
  port: z.number().int().optional(),
  parent: z.string().default(''),
  /** How the app can be restarted. */
  app: appCommandSchema.nullable().default(null),
});

closeInheritedFiles();

const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
// A dead parent no longer reads this output; that must not end a recording.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

/** The parent's last message when it deliberately leaves a recording running. */
const LEAVE = 'leave';

const input = createInterface({ input: process.stdin });
input.once('line', (line) => void start(line));
let left = false;
input.on('line', (line) => {
  left ||= line === LEAVE;
});

async function start(line: string): Promise<void> {
  try {
    const options = startSchema.parse(JSON.parse(line));
    if (await adopt(options.dataFolder)) return;
    const { logFolder, port, app, ...rest } = options;
    // Loaded late, so that an engine that finds another one running exits quickly.
    const module = await import('./engine.ts');
    const engine: Engine = await module.Engine.start({
      ...rest,
      onAttend: (pid) => keeper.attend(pid),
      ...(logFolder === undefined ? {} : { logFolder }),
      ...(port === undefined ? {} : { wantedPort: port }),
    });
    const keeper = new AppSupervisor({
      app,
      isRecording: () => engine.recording,
      end: () => void engine.stop(),
      log: engine.log.write,
    });
    say({
      type: 'ready',
      url: engine.url,
      tokens: { operator: engine.tokenFor('operator'), capture: engine.tokenFor('capture') },
      grantKey: engine.grantKey,
      pid: process.pid,
    });
    // Saved now: a killed process saves nothing.
    flushCompileCache();
    void engine.ended.promise.then(() => process.exit(0));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void engine.stop());
    const orphaned = (): void => keeper.orphaned(!left);
    input.once('close', orphaned);
    if (process.stdin.readableEnded) orphaned();
  } catch (error) {
    say({ type: 'failed', error: reportOf(error) });
    process.exit(1);
  }
}

/** The new parent attaches to an engine that outlived its old one during a recording. */
async function adopt(dataFolder: string): Promise<boolean> {
  const lock = readLock(dataFolder);
  if (!lock || !(await isAlive(lock))) return false;
  const tokens = new Tokens(lock.secret);
  const expiresMs = Date.now() + 24 * 3600 * 1000;
  say({
    type: 'ready',
    adopted: true,
    grantKey: tokens.grantKey,
    url: lock.url,
    tokens: {
      operator: tokens.issue({ role: 'operator', name: 'operator', expiresMs }),
      capture: tokens.publisher('capture', { expiresMs }),
    },
    pid: lock.pid,
  });
  input.close();
  process.stdin.destroy();
  return true;
}
