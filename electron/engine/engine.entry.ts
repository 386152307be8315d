/**
 * The engine as a child process. One JSON line comes in on standard input; JSON lines go out on standard output, the first
 * of them `ready` or `failed`. When the input ends the parent has died: outside a recording the engine ends as well, in
 * one it goes on and is found again through the data folder's lock.
 */
import process from 'node:process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { reportOf } from '../common/errors.ts';
import { isAlive, readLock } from './dataFolder.ts';
import { Tokens } from './door/tokens.ts';
import { Engine } from './engine.ts';
import { closeInheritedFiles } from './inheritedFiles.ts';

const startSchema = z.object({
  dataFolder: z.string().min(1),
  logFolder: z.string().optional(),
  livekitServer: z.string().nullable().default(null),
  deviceHost: z.boolean().default(true),
  port: z.number().int().optional(),
  parent: z.string().default(''),
});

/** How often an orphan looks whether its session has ended. */
const ORPHAN_POLL_MS = 1000;

closeInheritedFiles();

const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
// A parent that died does not read any more; that must not end a recording.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

const input = createInterface({ input: process.stdin });
input.once('line', (line) => void start(line));

async function start(line: string): Promise<void> {
  try {
    const options = startSchema.parse(JSON.parse(line));
    if (await adopt(options.dataFolder)) return;
    const { logFolder, port, ...rest } = options;
    const engine = await Engine.start({
      ...rest,
      ...(logFolder === undefined ? {} : { logFolder }),
      ...(port === undefined ? {} : { port }),
    });
    say({
      type: 'ready',
      url: engine.url,
      tokens: { operator: engine.tokenFor('operator'), capture: engine.tokenFor('capture') },
      pid: process.pid,
    });
    void engine.ended.promise.then(() => process.exit(0));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void engine.stop());
    input.once('close', () => orphaned(engine));
    if (process.stdin.readableEnded) orphaned(engine);
  } catch (error) {
    say({ type: 'failed', error: reportOf(error) });
    process.exit(1);
  }
}

/** The parent is gone: go on while a session records, then end. */
function orphaned(engine: Engine): void {
  if (!engine.recording) return void engine.stop();
  engine.log.write('warn', 'engine.orphaned', 'The app is gone; the recording goes on.');
  const timer = setInterval(() => {
    if (engine.recording) return;
    clearInterval(timer);
    void engine.stop();
  }, ORPHAN_POLL_MS);
}

/** An engine that outlived its parent in mid-recording is handed to the new one. */
async function adopt(dataFolder: string): Promise<boolean> {
  const lock = readLock(dataFolder);
  if (!lock || !(await isAlive(lock))) return false;
  const tokens = new Tokens(lock.secret);
  const token = (role: 'operator' | 'capture'): string =>
    tokens.issue({ role, name: role, expiresMs: Date.now() + 24 * 3600 * 1000 });
  say({
    type: 'ready',
    adopted: true,
    url: lock.url,
    tokens: { operator: token('operator'), capture: token('capture') },
    pid: lock.pid,
  });
  input.close();
  process.stdin.destroy();
  return true;
}
