/** Files as other programs and other systems leave them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CLOCK,
  sampleStream,
  testFit,
  testMeta,
  testPacket,
  testSamples,
  testStore,
  videoStream,
} from '../../electron/engine/store/testKit.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { replaceFile } from '../../electron/session/folder/replaceFile.ts';
import { sealSession } from '../../electron/session/seal/seal.ts';

/** libuv's UV_FS_O_EXLOCK: on Windows no other program may open, rename or delete the file while it is open. */
const EXCLUSIVE = process.platform === 'win32' ? 0x1000_0000 : 0;

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'fr-files-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

/** Another program that locks a file for a while, such as an antivirus program. */
async function holder(path: string, ms: number): Promise<{ ended: Promise<unknown> }> {
  const code = `require('fs').openSync(${JSON.stringify(path)}, ${EXCLUSIVE}); console.log('held'); setTimeout(() => {}, ${ms})`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  return { ended };
}

describe('a file that another program has locked', () => {
  it.each(['new', 'old'])('is replaced once the program releases the %s file', async (which) => {
    const [from, to] = [join(place, 'manifest.json.new'), join(place, 'manifest.json')];
    writeFileSync(from, 'new');
    writeFileSync(to, 'old');
    const { ended } = await holder(which === 'new' ? from : to, 700);
    replaceFile(from, to);
    expect(readFileSync(to, 'utf8')).toBe('new');
    await ended;
  });

  it('is unchanged when the program never releases it', async () => {
    const to = join(place, 'manifest.json');
    writeFileSync(to, 'old');
    expect(() => replaceFile(join(place, 'not there'), to)).toThrow(/ENOENT/);
    expect(readFileSync(to, 'utf8')).toBe('old');
  });
});

it('a session in a deep folder, with paths longer than 260 characters, is written, sealed and whole', async () => {
  const deep = join(place, ...Array.from({ length: 5 }, (_, i) => `${i}`.repeat(50)));
  mkdirSync(deep, { recursive: true });
  const folder = join(deep, '20261130-101500-000000');
  const { store, open, declare } = testStore();
  open(folder, testMeta());
  store.handle({ type: 'fit', fit: testFit(0n) });
  await declare(videoStream('cam-1'));
  await declare(sampleStream('heart'));
  for (let seq = 0; seq < 40; seq += 1)
    store.handle({ type: 'packet', stream: 'cam-1', clock: CLOCK, bytes: testPacket(seq, { key: seq === 0 }) });
  store.handle({ type: 'samples', stream: 'heart', clock: CLOCK, bytes: testSamples(0, 100) });
  store.handle({ type: 'close', request: 1 });
  await sealSession(folder);
  expect(join(folder, 'media', 'cam-1', '0001.mkv').length).toBeGreaterThan(260);
  expect(await verifySession(folder)).toMatchObject({ ok: true, sealed: true, findings: [] });
});
