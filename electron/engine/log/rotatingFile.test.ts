import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RotatingFile } from './rotatingFile.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldroom-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('keeps a bounded number of files of bounded size, newest lines last', async () => {
  const log = new RotatingFile(join(folder, 'deep', 'a.log'), { maxBytes: 1000, keep: 2 });
  for (let n = 0; n < 1000; n += 1) {
    log.write(`line ${String(n).padStart(4, '0')}`);
    if (n % 7 === 0) await log.flush();
  }
  await log.close();
  const names = (await readdir(join(folder, 'deep'))).sort();
  expect(names).toEqual(['a.log', 'a.log.1', 'a.log.2']);
  for (const name of names) expect((await stat(join(folder, 'deep', name))).size).toBeLessThanOrEqual(1000);
  const kept = (
    await Promise.all(['a.log.2', 'a.log.1', 'a.log'].map((name) => readFile(join(folder, 'deep', name), 'utf8')))
  )
    .join('')
    .trim()
    .split('\n');
  expect(kept).toEqual(
    Array.from({ length: kept.length }, (_, n) => `line ${String(1000 - kept.length + n).padStart(4, '0')}`),
  );
  expect(kept.length).toBeGreaterThan(100);
});

test('a burst also respects the size limit', async () => {
  const log = new RotatingFile(join(folder, 'a.log'), { maxBytes: 1000, keep: 1 });
  for (let n = 0; n < 500; n += 1) log.write(`line ${n}`);
  await log.close();
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).size).toBeLessThanOrEqual(1000);
  expect((await readFile(join(folder, 'a.log'), 'utf8')).endsWith('line 499\n')).toBe(true);
});

test('continues the file of an earlier run', async () => {
  for (const line of ['one', 'two']) {
    const log = new RotatingFile(join(folder, 'a.log'));
    log.write(line);
    await log.close();
  }
  expect(await readFile(join(folder, 'a.log'), 'utf8')).toBe('one\ntwo\n');
});

test('counts what it had to drop, and cuts a line that is far too long', async () => {
  const log = new RotatingFile(join(folder, 'a.log'));
  log.write('x'.repeat(50_000));
  for (let n = 0; n < 200_000; n += 1) log.write(`line ${n}`);
  await log.close();
  const text = await readFile(join(folder, 'a.log'), 'utf8');
  const dropped = Number(/\((\d+) lines were not written/.exec(text)?.[1]);
  expect(dropped).toBeGreaterThan(0);
  expect(text.split('\n').length - 1 - 2 + dropped).toBe(200_000);
  expect(text.indexOf('\n')).toBeLessThan(17_000);
});

test('a failing disk is reported once and blocks nothing', async () => {
  const errors: Error[] = [];
  await mkdir(join(folder, 'a.log'));
  const log = new RotatingFile(join(folder, 'a.log'), { maxBytes: 1_000_000, onError: (error) => errors.push(error) });
  for (let n = 0; n < 3; n += 1) {
    log.write('line');
    await log.flush();
  }
  expect(errors).toHaveLength(1);
  await rm(join(folder, 'a.log'), { recursive: true });
  log.write('better');
  await log.close();
  expect(await readFile(join(folder, 'a.log'), 'utf8')).toBe('better\n');
});
