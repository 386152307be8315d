import { describe, expect, test } from 'vitest';
import { explainExit, explainSpawnError, isPermanent } from './livekitErrors.ts';

const ended = { code: 0, signal: null };

describe('explainExit', () => {
  test.each([
    ['listen tcp 127.0.0.1:20001: bind: address already in use', 'livekit.port-busy', 'TCP port 20001'],
    ['listen udp4 127.0.0.1:20002: bind: address already in use', 'livekit.port-busy', 'UDP port 20002'],
    [
      'listen tcp 127.0.0.1:80: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.',
      'livekit.port-busy',
      'TCP port 80',
    ],
    ['listen udp4 192.168.7.1:20002: bind: cannot assign requested address', 'livekit.address-gone', 'network address'],
    [
      'could not parse config: yaml: unmarshal errors:\n  line 1: field news not found in type config.Config',
      'livekit.bad-config',
      'configuration',
    ],
    ['panic: runtime error', 'livekit.ended', 'unexpectedly'],
    ['', 'livekit.ended', 'unexpectedly'],
  ])('%j is %s', (text, code, words) => {
    const error = explainExit(text, ended);
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(error.nextStep).toMatch(/\.$/);
  });

  test('names the signal', () => {
    expect(explainExit('', { code: null, signal: 'SIGKILL' }).message).toContain('SIGKILL');
  });
});

test('only errors that a person must fix are permanent', () => {
  expect(['ENOENT', 'EACCES', 'ENOEXEC', 'EAGAIN'].map((code) => isPermanent(explainSpawnError('/x', code)))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(isPermanent(explainExit('address already in use', ended))).toBe(false);
});
