import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { autoStartFile, systemAutoStart, xdgAutoStart } from './autoStart.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fieldroom-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it('is a file of the user on Linux, removed by the same switch', () => {
  const file = autoStartFile(home, {});
  expect(file).toBe(join(home, '.config/autostart/fieldroom.desktop'));
  expect(autoStartFile('/home/u', { XDG_CONFIG_HOME: '/c' })).toBe(join('/c', 'autostart', 'fieldroom.desktop'));
  const start = xdgAutoStart(file, ['/opt/My Tools/fieldroom', '100%', 'a"b$c\\d']);
  expect(start.on).toBe(false);
  start.set(true);
  expect(start.on).toBe(true);
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines[0]).toBe('[Desktop Entry]');
  expect(lines).toContain('Exec="/opt/My Tools/fieldroom" "100%%" "a\\\\"b\\\\$c\\\\\\\\d"');
  start.set(false);
  expect(start.on).toBe(false);
  start.set(false);
});

it('follows an app that was moved, and keeps an entry that the desktop disabled', () => {
  const file = autoStartFile(home, {});
  xdgAutoStart(file, ['/old/fieldroom']).set(true);
  expect(xdgAutoStart(file, ['/new/fieldroom']).on).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain('Exec="/new/fieldroom"');
  writeFileSync(file, `${readFileSync(file, 'utf8')}Hidden=true\n`);
  expect(xdgAutoStart(file, ['/newer/fieldroom']).on).toBe(false);
  expect(readFileSync(file, 'utf8')).toContain('/new/fieldroom');
});

it('uses the login items of Windows and macOS', () => {
  let openAtLogin = false;
  const start = systemAutoStart({
    getLoginItemSettings: () => ({ openAtLogin }),
    setLoginItemSettings: (settings) => {
      openAtLogin = settings.openAtLogin;
    },
  });
  start.set(true);
  expect(start.on).toBe(true);
  start.set(false);
  expect(start.on).toBe(false);
});
