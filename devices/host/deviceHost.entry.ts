/**
 * The device host process. It reads one line of JSON from stdin: `{"url": "http://127.0.0.1:PORT", "token": "...",
 * "pass": FILE}`; the file contains the address and token of a later engine. The token never appears on a command line.
 * The process ends when stdin closes, unless a session is recording: then it continues, and tries for two minutes to
 * reach the engine again. Its log is JSON lines on stderr.
 */
import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { DoorAddress } from '../../electron/common/doorClient.ts';
import { ProvenSocket } from '../../electron/common/provenSocket.ts';
import { Publisher, type Socket } from '../../electron/common/publisher/publisher.ts';
import { StallMonitor } from '../../electron/common/stallMonitor.ts';
import { hostClock } from '../clock.ts';
import { DeviceHost } from './deviceHost.ts';
import type { Log } from './publisherPort.ts';
import { openSocket } from './socket.ts';

const startSchema = z.strictObject({
  url: z.string().regex(/^https?:\/\//, 'must begin with http:// or https://'),
  token: z.string().min(1),
  pass: z.string().optional(),
});

const RECONNECT_FOR_MS = 120_000;
const CHECK_MS = 250;
const FROZEN_MS = 2000;

// A dead engine does not read stderr any more. Without this, each log line would fail, and each failure would be logged
// again.
process.stderr.on('error', () => undefined);
const log: Log = (level, message, facts = {}) => {
  process.stderr.write(
    `${JSON.stringify({ time: new Date().toISOString(), level, name: 'device-host', msg: message, ...facts })}\n`,
  );
};

const input = createInterface({ input: process.stdin });
let begun = false;
let inputClosed = false;
input.on('line', (line) => {
  if (begun) return;
  begun = true;
  begin(line);
});
input.on('close', () => {
  inputClosed = true;
  if (!begun) leave(2, 'the input closed before it said where the engine is');
});

const passSchema = z.object({ url: z.string(), token: z.string() });

/** Address and token of the current engine, if one has saved them; null: unchanged since the start. */
function readPass(file: string | undefined): DoorAddress | null {
  try {
    return file === undefined ? null : passSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

function leave(code: number, why: string): void {
  log(code === 0 ? 'info' : 'error', `device host ended: ${why}`);
  process.exit(code);
}

function begin(line: string): void {
  let json: unknown = null;
  try {
    json = JSON.parse(line);
  } catch {
    // The schema reports what is missing.
  }
  const start = startSchema.safeParse(json);
  if (!start.success) {
    leave(
      2,
      `the first line of the input is wrong: ${start.error.issues.map((issue) => `${issue.path.join('.') || 'line'} ${issue.message}`).join('; ')}`,
    );
    return;
  }
  const { url, token, pass } = start.data;
  const address = (): DoorAddress => readPass(pass) ?? { url, token };
  const clock = hostClock();
  let lostAtMs: number | null = performance.now();
  const publisher = new Publisher({
    connect: (): Socket => new ProvenSocket({ address, path: '/v1/ingest', fetch, open: openSocket }),
    epoch: clock.epoch,
    now: clock.now,
    clockResolutionNs: clock.resolutionNs,
    onMessage: (message) => {
      if (message.type === 'welcome' || message.type === 'sources')
        host
          .setSources(message.sources)
          .catch((error: unknown) => log('error', `the kit could not be applied: ${String(error)}`));
      if (message.type === 'preview') host.setWatching(message.watching);
      if (message.type === 'listen') void host.listen(message.path);
      if (message.type === 'error') log('warn', message.message, { code: message.code });
    },
    onSessionChanging: () => host.flush(),
    onSession: (session) => host.sessionChanged(session !== null),
    onConnection: (connected) => {
      lostAtMs = connected ? null : performance.now();
      log('info', connected ? 'connected to the engine' : 'disconnected from the engine');
      if (connected) host.restate();
    },
  });
  const host = new DeviceHost({ publisher, now: clock.now, log, tell: (message) => publisher.send(message) });

  let leaving = false;
  const end = async (why: string): Promise<void> => {
    if (leaving) return;
    leaving = true;
    await host.stop().catch(() => undefined);
    publisher.close();
    // Lets the last message be sent.
    setTimeout(() => leave(0, why), 50);
  };
  setInterval(() => {
    if (!inputClosed) return;
    const recording = publisher.session !== null;
    if (!recording) void end('the input closed and no session records');
    else if (lostAtMs !== null && performance.now() - lostAtMs > RECONNECT_FOR_MS)
      void end('the engine did not come back within two minutes');
  }, CHECK_MS);
  process.on('SIGTERM', () => void end('told to by SIGTERM'));
  process.on('SIGINT', () => void end('told to by SIGINT'));
  // A driver's error should not get here; if it does, the other drivers continue.
  process.on('uncaughtException', (error) =>
    log('error', `unexpected error: ${error.message}`, { stack: error.stack }),
  );
  process.on('unhandledRejection', (error) =>
    log('error', `unexpected error: ${error instanceof Error ? error.message : String(error)}`, {
      stack: error instanceof Error ? error.stack : undefined,
    }),
  );
  new StallMonitor({
    now: clock.now,
    leastMs: FROZEN_MS,
    onStill: (still) => {
      const seconds = ((still.toNs - still.fromNs) / 1e9).toFixed(1);
      publisher.stoodStill(still, `The device host stood still for ${seconds} s.`);
    },
  }).start();
  hurry();
  host.start();
  publisher.open();
  // Saved now: a process that is killed cannot save anything.
  flushCompileCache();
  log('info', 'device host started', { pid: process.pid, url });
}

/**
 * Lets reads of ports run without waiting for a processor, if the system allows this user to request that; each row
 * states how late it may be in any case.
 */
function hurry(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGH);
  } catch {
    log(
      'info',
      'the system does not allow this user a higher priority: samples are read later while other programs are busy',
    );
  }
}
