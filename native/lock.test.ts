import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldroom-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A real process that adds 1 to a file, slowly, under the lock: without one, additions get lost. */
function adder(times: number): ChildProcess {
  const lock = pathToFileURL(join(import.meta.dirname, 'lock.mjs')).href;
  const script = `
    import { withLock } from ${JSON.stringify(lock)};
    import { readFileSync, writeFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const [folder, file, times] = process.argv.slice(1);
    for (let i = 0; i < Number(times); i += 1) {
      await withLock(folder, 'count', async () => {
        const n = Number(readFileSync(file, 'utf8'));
        await sleep(40);
        writeFileSync(file, String(n + 1));
      });
    }`;
  const args = ['--input-type=module', '-e', script, folder, join(folder, 'n'), String(times)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, said };
}

test('two processes never hold a lock together, and the waiting one names the owner', async () => {
  writeFileSync(join(folder, 'n'), '0');
  const children = [adder(5), adder(5)];
  const ends = await Promise.all(children.map(ended));
  expect(ends.map((end) => end.code)).toEqual([0, 0]);
  expect(readFileSync(join(folder, 'n'), 'utf8')).toBe('10');
  const pids = children.map((child) => child.pid).join('|');
  expect(ends.map((end) => end.said).join('')).toMatch(new RegExp(`waiting for process (${pids}),`));
});

test('a lock whose process was killed is taken over, once, by one of several', async () => {
  writeFileSync(join(folder, 'n'), '0');
  const dead = spawn(process.execPath, ['-e', '']);
  await ended(dead);
  mkdirSync(join(folder, 'count.lock'));
  writeFileSync(join(folder, 'count.lock', 'owner.json'), JSON.stringify({ pid: dead.pid, purpose: 'count' }));
  const ends = await Promise.all([adder(1), adder(1), adder(1)].map(ended));
  expect(ends.map((end) => end.code)).toEqual([0, 0, 0]);
  expect(readFileSync(join(folder, 'n'), 'utf8')).toBe('3');
});

test('a lock whose creator died before writing its id is taken over', async () => {
  writeFileSync(join(folder, 'n'), '0');
  mkdirSync(join(folder, 'count.lock'));
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(join(folder, 'count.lock'), longAgo, longAgo);
  expect((await ended(adder(1))).code).toBe(0);
  expect(readFileSync(join(folder, 'n'), 'utf8')).toBe('1');
});
