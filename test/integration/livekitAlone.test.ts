import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LivekitParticipant } from '../../electron/engine/livekit/livekitRoom.ts';
import type { LivekitStatus } from '../../electron/engine/livekit/livekitStatus.ts';
import { isAlive, temporaryFolder, until } from './livekitHelp.ts';

interface Found {
  status: LivekitStatus;
  participants: LivekitParticipant[];
  iceServers: string[];
  addresses: string[];
  interfaces: string[];
}

const engine = fileURLToPath(new URL('./livekitEngine.entry.ts', import.meta.url));
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await folder.remove();
});

/** Starts the fake engine and returns what it prints; fails with its error output when it ends early. */
async function run(command: string[], ...options: string[]): Promise<Found> {
  const [program = '', ...parameters] = [...command, process.execPath, engine, folder.path, ...options];
  const started = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'pipe'] });
  child = started;
  let errors = '';
  started.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  return new Promise((resolve, reject) => {
    createInterface({ input: started.stdout }).once('line', (line) => resolve(JSON.parse(line) as Found));
    started.once('error', reject);
    started.once('close', (code) => reject(new Error(`${program} ended with ${code}: ${errors}`)));
  });
}

describe('the server and its engine', () => {
  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'no server and no guard is left when the engine dies by %s',
    async (signal) => {
      const { status } = await run([]);
      const pid = status.pid ?? 0;
      const guard = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
      expect([isAlive(pid), isAlive(guard)]).toEqual([true, true]);
      // A server with more to log would end by the broken pipe alone, which would prove nothing about the guard.
      await new Promise((resolve) => setTimeout(resolve, 700));
      const beginMs = performance.now();
      child?.kill(signal);
      await until('server and guard are gone', () => !isAlive(pid) && !isAlive(guard));
      console.info(`engine ${signal}: all gone after ${Math.round(performance.now() - beginMs)} ms`);
    },
  );

  test('works with no network interface but loopback', async () => {
    // A separate network in which only `lo` is up; needs root and util-linux, and fails where they are missing.
    const alone = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
    const found = await run(alone, 'join');
    expect(found.interfaces).toEqual(['lo']);
    expect(found.status.state).toBe('running');
    expect(found.participants.map(({ identity }) => identity)).toEqual(['p1']);
    expect(found.iceServers).toEqual(['stun:127.0.0.1:9']);
    expect(new Set(found.addresses)).toEqual(new Set(['127.0.0.1']));
    const pid = found.status.pid ?? 0;
    child?.stdin?.end();
    await until('the server is stopped', () => !isAlive(pid));
  });
});
