/**
 * The engine as a child process. One JSON line comes in on standard input; JSON lines go out on standard output, the first
 * of them `ready` or `failed`. When the input ends the parent has died: outside a recording the engine ends as well, in
 * one it goes on, starts the app again, and is found by it through the data folder's lock (`appKeeper.ts`).
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
  /** How the app can be started again. */
  app: appCommandSchema.nullable().default(null),
});

closeInheritedFiles();

const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
// A parent that died does not read any more; that must not end a recording.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

/** What the parent says last when it leaves a recording to itself. */
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
    // Loaded only now: an engine that merely finds another one should not take long.
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
    // Kept now: a process that is killed keeps nothing.
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

/** An engine that outlived its parent in mid-recording is handed to the new one. */
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
