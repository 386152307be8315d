import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installedNames } from './systemPackages.mjs';

interface Part {
  name: string;
  state: 'there' | 'missing' | 'look';
  do?: string;
}

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fieldroom-doctor-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Runs the doctor with an empty PATH, an empty cache and no display. */
function doctor(...args: string[]) {
  const entry = join(import.meta.dirname, 'fieldroom.mjs');
  const env = { PATH: home, HOME: home, XDG_CACHE_HOME: home, LOCALAPPDATA: home };
  return spawnSync(process.execPath, [entry, 'doctor', ...args], { cwd: home, env, encoding: 'utf8' });
}

test('the doctor names each missing part and how to fix it, exits with 1 and changes nothing', () => {
  const { stdout, status } = doctor('--json');
  expect(status).toBe(1);
  const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { ok: boolean; parts: Part[] };
  expect(report.ok).toBe(false);
  const missing = report.parts.filter((part) => part.state === 'missing');
  expect(missing.map((part) => part.name)).toEqual(expect.arrayContaining(['Electron', 'livekit-server']));
  if (process.platform === 'linux') expect(missing.map((part) => part.name)).toContain('display');
  for (const part of missing) expect(part.do, part.name).toBeTruthy();
  expect(missing.find((part) => part.name === 'livekit-server')?.do).toContain('go.dev');
  expect(readdirSync(home)).toEqual([]);
});

test('the table shows the same', () => {
  const { stdout, status } = doctor();
  expect(status).toBe(1);
  expect(stdout).toMatch(/Electron +missing/);
  expect(stdout).toContain('Something needed to record is missing');
});

test('a provided name counts as installed, a removed package does not', () => {
  const status = [
    'Package: gone\nStatus: deinstall ok config-files',
    'Package: libasound2t64\nStatus: install ok installed\nProvides: libasound2 (= 1.2.11), other',
    'Package: half\nStatus: install ok half-configured',
  ].join('\n\n');
  expect([...installedNames(status)].sort()).toEqual(['libasound2', 'libasound2t64', 'other']);
});
