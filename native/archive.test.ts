import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkIntegrity, takeFromTgz, unzip } from './archive.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldroom-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a download that differs from its pinned hash by one bit is refused', async () => {
  const file = join(folder, 'x');
  const bytes = randomBytes(100_000);
  writeFileSync(file, bytes);
  const pinned = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  await checkIntegrity(file, pinned);
  bytes[50_000] = (bytes[50_000] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  await expect(checkIntegrity(file, pinned)).rejects.toMatchObject({ code: 'setup.integrity' });
});

/** A tar as npm writes it: one header block per file, padded to 512 bytes. */
function tar(files: [string, Buffer][]): Buffer {
  const blocks = files.flatMap(([name, bytes]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${bytes.length.toString(8).padStart(11, '0')} `, 124);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

test('one file is extracted complete from a tgz, whatever its size relative to the blocks', async () => {
  for (const size of [0, 1, 511, 512, 513, 300_001]) {
    const wanted = randomBytes(size);
    const tgz = join(folder, 'x.tgz');
    const files: [string, Buffer][] = [
      ['package/a', randomBytes(700)],
      ['package/wanted', wanted],
      ['package/z', randomBytes(99)],
    ];
    writeFileSync(tgz, gzipSync(tar(files)));
    await takeFromTgz(tgz, 'package/wanted', join(folder, 'out'));
    expect(readFileSync(join(folder, 'out')).equals(wanted)).toBe(true);
  }
});

test('a tgz that is truncated or lacks the file is refused', async () => {
  const tgz = join(folder, 'x.tgz');
  const whole = tar([['package/wanted', randomBytes(5000)]]);
  writeFileSync(tgz, gzipSync(whole.subarray(0, 3000)));
  await expect(takeFromTgz(tgz, 'package/wanted', join(folder, 'out'))).rejects.toMatchObject({
    code: 'setup.archive',
  });
  writeFileSync(tgz, gzipSync(whole));
  await expect(takeFromTgz(tgz, 'package/other', join(folder, 'out'))).rejects.toMatchObject({ code: 'setup.archive' });
});

function zip(files: { name: string; bytes: Buffer; method: 0 | 8; mode: number }[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, method, mode } of files) {
    const packed = method === 8 ? deflateRawSync(bytes) : bytes;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE((mode << 16) >>> 0, 38);
    central.writeUInt32LE(at, 42);
    parts.push(local, Buffer.from(name), packed);
    directory.push(central, Buffer.from(name));
    at += 30 + name.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, list, end]);
}

test('a zip is unpacked as requested: renamed, filtered, executable, and never outside its folder', async () => {
  const program = randomBytes(50_000);
  const text = Buffer.from('text '.repeat(9999));
  const files = [
    { name: 'App/', bytes: Buffer.alloc(0), method: 0, mode: 0o755 },
    { name: 'App/Program', bytes: program, method: 0, mode: 0o755 },
    { name: 'App/sub/text', bytes: text, method: 8, mode: 0o644 },
    { name: 'App/empty', bytes: Buffer.alloc(0), method: 0, mode: 0o644 },
    { name: 'App/left', bytes: text, method: 8, mode: 0o644 },
    { name: 'App/../../escaped', bytes: text, method: 8, mode: 0o644 },
  ] as const;
  writeFileSync(join(folder, 'x.zip'), zip([...files]));
  const out = join(folder, 'deep', 'out');
  await unzip(join(folder, 'x.zip'), out, (name) => {
    if (name === 'App/left') return undefined;
    return name === 'App/Program' ? 'program' : name.slice('App/'.length);
  });
  expect((await readdir(out, { recursive: true })).sort()).toEqual(['empty', 'program', 'sub', join('sub', 'text')]);
  expect(readFileSync(join(out, 'program')).equals(program)).toBe(true);
  expect(readFileSync(join(out, 'sub', 'text')).equals(text)).toBe(true);
  if (process.platform !== 'win32') expect(statSync(join(out, 'program')).mode & 0o111).toBe(0o111);
  expect(await readdir(folder)).not.toContain('escaped');
});
