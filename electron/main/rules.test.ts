import { resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy } from './pageHeaders.ts';
import { type Asker, isOwnPage, mayCall, mayRequest, maySee } from './rules.ts';
import { fileInside } from './staticFiles.ts';

const capture: Asker = { window: 'capture', url: 'app://fieldroom/capture.html', mainFrame: true };
const operator: Asker = { window: 'operator', url: 'app://fieldroom/operator.html', mainFrame: true };

describe('permissions', () => {
  it('gives camera, microphone and screen only to the capture window', () => {
    for (const permission of ['media', 'display-capture']) {
      expect(maySee(permission, capture)).toBe(true);
      expect(maySee(permission, operator)).toBe(false);
      expect(maySee(permission, { ...capture, url: 'https://example.org/' })).toBe(false);
      expect(maySee(permission, { ...capture, window: null })).toBe(false);
    }
  });

  it.each([
    'geolocation',
    'notifications',
    'midi',
    'hid',
    'serial',
    'usb',
    'clipboard-read',
    'openExternal',
    'fullscreen',
    'unknown',
  ])('denies %s to every window', (permission) => {
    expect(maySee(permission, capture)).toBe(false);
    expect(maySee(permission, operator)).toBe(false);
  });
});

describe('calls from a window', () => {
  it('are allowed only for the windows in the table', () => {
    expect(mayCall('door', capture)).toBe(true);
    expect(mayCall('door', operator)).toBe(true);
    expect(mayCall('openFolder', operator)).toBe(true);
    expect(mayCall('openFolder', capture)).toBe(false);
    expect(mayCall('chooseScreen', operator)).toBe(false);
  });

  it.each([
    ['a frame inside the window', { ...operator, mainFrame: false }],
    ['another address', { ...operator, url: 'https://fieldroom/operator.html' }],
    ['an address that only begins like ours', { ...operator, url: 'app://fieldroom.evil/operator.html' }],
    ['a window that is not ours', { ...operator, window: null }],
  ])('are refused to %s', (_, asker) => {
    expect(mayCall('door', asker)).toBe(false);
  });
});

it('knows its own pages', () => {
  expect(isOwnPage('app://fieldroom/operator.html')).toBe(true);
  expect(isOwnPage('app://fieldroom@evil/operator.html')).toBe(false);
  expect(isOwnPage('file:///operator.html')).toBe(false);
});

it('allows requests only to loopback', () => {
  for (const url of [
    'http://127.0.0.1:4711/v1/health',
    'ws://127.0.0.1:7880/rtc',
    'blob:app://fieldroom/1',
    'app://fieldroom/a.js',
  ])
    expect(mayRequest(url, undefined)).toBe(true);
  for (const url of [
    'https://example.org/',
    'http://127.0.0.1.evil.org/',
    'http://192.168.1.4/',
    'file:///etc/passwd',
    'http://127.0.0.1:80@evil.org/',
  ])
    expect(mayRequest(url, undefined)).toBe(false);
});

describe('files of the pages', () => {
  const folder = resolve('/app/out/renderer');
  it('are inside the folder', () => {
    expect(fileInside(folder, '/assets/a.js')).toBe([folder, 'assets', 'a.js'].join(sep));
  });
  it.each([
    '/../main/main.entry.js',
    '/%2e%2e/%2e%2e/secret',
    '/..%2fmain',
    '/%00',
    '/%',
    '/',
    '/../renderer-evil/a.js',
  ])('never outside it: %s', (path) => {
    expect(fileInside(folder, path)).toBeNull();
  });
});

it('has a policy without inline scripts, eval or other origins', () => {
  const policy = contentSecurityPolicy(false);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https:|\*(?!;|$| )|http:\/\/(?!127)/);
});
