/** The device host as a process: what it reads from its input, and when it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, expect, it } from 'vitest';
import { parseKit } from '../../electron/common/kit.ts';
import { testEngine } from '../fixtures/engine.ts';
import { waitFor } from '../fixtures/wait.ts';

const entry = join(import.meta.dirname, '..', '..', 'devices', 'host', 'deviceHost.entry.ts');
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(): { child: ChildProcess; log: () => string; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [entry], { stdio: ['pipe', 'ignore', 'pipe'] });
  children.push(child);
  let text = '';
  child.stderr?.on('data', (part: Buffer) => {
    text += part;
  });
  return { child, log: () => text, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

it.each(['', 'no json\n', '{"url":"ftp://x","token":"t"}\n'])(
  'ends with a reason when its input is %j',
  async (line) => {
    const { child, log, ended } = start();
    child.stdin?.end(line);
    expect(await ended).toBe(2);
    const last = JSON.parse(log().trim().split('\n').at(-1) ?? '{}') as { level: string; msg: string };
    expect(last.level).toBe('error');
    expect(last.msg).toMatch(/input/);
  },
);

it('ends with its input outside a session; in a session, not before the session ends', async () => {
  await using test = await testEngine();
  const source = { id: 'light', kind: 'serial', driver: 'lines', match: { path: 'emulator:lines' } };
  const kit = parseKit(JSON.stringify({ name: 'x', sources: [source] }), 'x');
  await test.door.call('kit.load', { kit, path: null });
  const line = `${JSON.stringify(test.address('devices'))}\n`;
  const state = async () => (await test.door.call('state.get', {})).sources[0]?.state.state;

  const first = start();
  first.child.stdin?.write(line);
  await waitFor('it streams', async () => (await state()) === 'streaming', 40_000);
  first.child.stdin?.end();
  expect(await first.ended).toBe(0);
  expect(first.log()).not.toContain(test.address('devices').token);

  const second = start();
  second.child.stdin?.write(line);
  await waitFor('it streams again', async () => (await state()) === 'streaming', 40_000);
  const session = await test.door.call('session.start', {});
  const count = async () => (await test.door.call('state.get', {})).sources[0]?.streams[0]?.count ?? 0;
  await waitFor('samples are safe', async () => (await count()) > 20);
  second.child.stdin?.end();
  const before = await count();
  await waitFor('it continues without its input', async () => (await count()) > before + 50);
  expect(second.child.exitCode).toBeNull();
  await test.door.call('session.stop', {});
  expect(await second.ended).toBe(0);
  const summary = await test.door.call('session.sealed', { id: session.id });
  expect(summary.streams).toMatchObject([{ id: 'light', drops: 0, gaps: 0 }]);
});
