/** Starts the whole appliance as a separate process (the app without visible windows) and talks to it through the door. */
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { errorReportSchema } from '../common/door.ts';
import { DoorClient } from '../common/doorClient.ts';
import { FieldroomError, fieldroomError } from '../common/errors.ts';
import { appCommand } from './appCommand.ts';
import { runningAddress } from './runningDoor.ts';

const READY_TIMEOUT_MS = 60_000;
const APPLIANCE_TOKEN_MS = 24 * 3600 * 1000;
const STOP_TIMEOUT_MS = 15_000;
/** Number of lines of the app's output kept to explain a failed start. */
const KEPT_LINES = 40;

const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), url: z.string(), token: z.string(), dataFolder: z.string() }),
  z.object({ type: z.literal('failed'), error: errorReportSchema }),
]);

export interface Appliance {
  door: DoorClient;
  /** The app's process, or the process that runs it on a virtual display. */
  pid: number;
  /** Resolves when the app's process has ended. */
  ended: Promise<void>;
  /** Shuts it down cleanly; kills it if it does not exit. */
  stop(): Promise<void>;
}

/** @throws FieldroomError `app.no-electron`, `app.not-started`, or the error that the app reported */
export async function startAppliance(options: {
  dataFolder: string;
  hidden: boolean;
  env?: Record<string, string>;
}): Promise<Appliance> {
  const { command, args } = appCommand([
    '--data',
    resolve(options.dataFolder),
    ...(options.hidden ? ['--hidden'] : []),
  ]);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A separate process group: Ctrl-C in a terminal reaches only this command, which stops the session and then the app.
    detached: process.platform !== 'win32',
    // The app exits with this process, even when this process is killed.
    env: { ...process.env, ...options.env, FIELDROOM_HANDSHAKE: 'stdout', FIELDROOM_STARTER: String(process.pid) },
  });
  const words: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    words.push(line);
    if (words.length > KEPT_LINES) words.shift();
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const ready = await firstMessage(child, ended, words);
  return {
    // After a crash the engine may be back at another address with another key.
    door: new DoorClient({ url: ready.url, token: ready.token }, fetch, () =>
      runningAddress(resolve(options.dataFolder), APPLIANCE_TOKEN_MS),
    ),
    pid: child.pid ?? 0,
    ended,
    stop: () => stop(child, ended),
  };
}

async function firstMessage(
  child: ChildProcess,
  ended: Promise<void>,
  words: string[],
): Promise<{ url: string; token: string }> {
  const answer = new Promise<z.infer<typeof messageSchema>>((done) => {
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => {
        const parsed = messageSchema.safeParse(parse(line));
        if (parsed.success) done(parsed.data);
      });
  });
  const broken = (what: string): FieldroomError =>
    fieldroomError('app.not-started', { what }, { data: { output: words.join('\n') } });
  const timeout = new Promise<never>((_, reject) =>
    setTimeout(() => reject(broken('was not ready in time')), READY_TIMEOUT_MS).unref(),
  );
  const death = ended.then((): never => {
    throw broken(`exited during its start:\n${words.join('\n')}`);
  });
  try {
    const message = await Promise.race([answer, death, timeout]);
    death.catch(() => undefined);
    if (message.type === 'failed')
      throw FieldroomError.from(message.error as Parameters<typeof FieldroomError.from>[0]);
    return message;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === 'win32') {
    // On Windows a signal kills at once. The app notices within half a second that this process has ended and shuts down
    // cleanly (starterMonitor.ts), so none of its handles may keep this process alive.
    child.unref();
    child.stdout?.destroy();
    child.stderr?.destroy();
    return;
  }
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
