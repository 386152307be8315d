/** The bundle for a machine without a network, with small folders instead of the real ones. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeBundle, useBundle } from './bundle.mjs';

let place: string;
let file: string;
const clone = (name: string, lock = '{"lockfileVersion":3}'): string => {
  const folder = join(place, name);
  mkdirSync(join(folder, 'node_modules', 'a'), { recursive: true });
  writeFileSync(join(folder, 'package-lock.json'), lock);
  return folder;
};

beforeEach(async () => {
  place = mkdtempSync(join(tmpdir(), 'fr-bundle-'));
  file = join(place, 'school.fieldroom-setup');
  const from = clone('here');
  writeFileSync(join(from, 'node_modules', 'a', 'index.js'), 'module');
  const part = join(place, 'cache-here', 'electron-1');
  mkdirSync(part, { recursive: true });
  writeFileSync(join(part, 'electron'), 'program', { mode: 0o755 });
  await makeBundle(file, { clone: from, target: 'linux-x64', parts: [part] });
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

it('unpacks the packages and the parts into another clone and cache, replacing existing files', async () => {
  const there = clone('there');
  writeFileSync(join(there, 'node_modules', 'old.js'), 'old');
  const cache = join(place, 'cache-there');
  await useBundle(file, { clone: there, target: 'linux-x64', cache });
  expect(readFileSync(join(there, 'node_modules', 'a', 'index.js'), 'utf8')).toBe('module');
  expect(() => statSync(join(there, 'node_modules', 'old.js'))).toThrow(/ENOENT/);
  expect(readFileSync(join(cache, 'electron-1', 'electron'), 'utf8')).toBe('program');
  if (process.platform !== 'win32') expect(statSync(join(cache, 'electron-1', 'electron')).mode & 0o111).not.toBe(0);
});

it.each([
  ['another system', 'darwin-arm64', undefined],
  ['other packages', 'linux-x64', '{"lockfileVersion":4}'],
])('is refused for %s, and nothing is changed', async (_, target, lock) => {
  const there = clone('there', lock);
  writeFileSync(join(there, 'node_modules', 'own.js'), 'own');
  const cache = join(place, 'cache-there');
  await expect(useBundle(file, { clone: there, target, cache })).rejects.toMatchObject({ code: 'setup.bundle-other' });
  expect(readFileSync(join(there, 'node_modules', 'own.js'), 'utf8')).toBe('own');
  expect(() => statSync(cache)).toThrow(/ENOENT/);
});

it.runIf(process.platform === 'linux')('is refused when a name in it leads outside the target folder', async () => {
  const work = join(place, 'work');
  mkdirSync(work);
  execFileSync('tar', ['-xf', file, '-C', work]);
  writeFileSync(join(place, 'evil'), 'evil');
  execFileSync('tar', ['-czPf', join(work, 'cache'), '-C', work, '../evil']);
  execFileSync('tar', ['-cf', file, '-C', work, 'fieldroom-bundle.json', 'cache', 'clone']);
  const to = { clone: clone('there'), target: 'linux-x64', cache: join(place, 'x', 'cache-there') };
  await expect(useBundle(file, to)).rejects.toThrow(/contains an unexpected name/);
  expect(() => statSync(join(place, 'x', 'evil'))).toThrow(/ENOENT/);
});
