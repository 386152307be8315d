// The small subset of tar and zip that set-up needs before any package is installed.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, open } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createInflateRaw } from 'node:zlib';
import { SetupError } from './setupError.mjs';

/** Rejects a file whose hash is not the pinned one (in npm's form, `sha512-<base64>`). */
export async function checkIntegrity(file, integrity) {
  const [algorithm, expected] = [
    integrity.slice(0, integrity.indexOf('-')),
    integrity.slice(integrity.indexOf('-') + 1),
  ];
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest('base64');
  if (actual === expected) return;
  throw new SetupError(
    'setup.integrity',
    `The download does not match its pinned hash: ${file} has ${algorithm}-${actual}, expected ${integrity}.`,
    'Start again. If this repeats, something between you and the package registry is changing files: do not use them.',
  );
}

/** Extracts one file of a .tgz to `to`. */
export async function takeFromTgz(tgz, name, to) {
  let state = 'header';
  let left = 0;
  let padding = 0;
  let held = Buffer.alloc(0);
  let found = false;
  async function* entry(source) {
    for await (const chunk of source) {
      held = held.length ? Buffer.concat([held, chunk]) : chunk;
      for (;;) {
        if (state === 'header') {
          if (held.length < 512) break;
          const text = (from, length) => held.toString('utf8', from, from + length).split('\0')[0];
          const entryName = (text(345, 155) ? `${text(345, 155)}/` : '') + text(0, 100);
          left = Number.parseInt(text(124, 12).trim() || '0', 8);
          padding = (512 - (left % 512)) % 512;
          state = entryName === name ? 'wanted' : 'other';
          found ||= state === 'wanted';
          held = held.subarray(512);
        }
        const part = held.subarray(0, left);
        held = held.subarray(part.length);
        left -= part.length;
        if (state === 'wanted' && part.length) yield part;
        if (left > 0) break;
        if (held.length < padding) break;
        held = held.subarray(padding);
        padding = 0;
        state = 'header';
      }
    }
  }
  await pipeline(createReadStream(tgz), createGunzip(), entry, createWriteStream(to));
  if (!found || left > 0)
    throw new SetupError('setup.archive', `${tgz} does not contain a complete ${name}.`, 'Start again.');
}

/** Unpacks the files of a zip for which `rename(name)` returns a relative path; keeps file modes. */
export async function unzip(zip, folder, rename) {
  const file = await open(zip, 'r');
  try {
    const entries = await readDirectory(file);
    for (const { name, method, mode, packedBytes, headerAt } of entries) {
      const to = rename(name);
      if (!to || name.endsWith('/')) continue;
      const relative = normalize(to);
      if (relative.startsWith('..') || relative.startsWith(sep)) continue;
      const local = await readAt(file, headerAt, 30);
      const start = headerAt + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
      const path = join(folder, relative);
      await mkdir(dirname(path), { recursive: true });
      const sink = createWriteStream(path);
      if (packedBytes === 0) {
        await pipeline([], sink);
        continue;
      }
      const source = createReadStream(zip, { start, end: start + packedBytes - 1 });
      if (method === 0) await pipeline(source, sink);
      else if (method === 8) await pipeline(source, createInflateRaw(), sink);
      else
        throw new SetupError(
          'setup.archive',
          `${zip} compresses ${name} with an unknown method (${method}).`,
          'Report it.',
        );
      if (mode & 0o111) await chmod(path, 0o755);
    }
  } finally {
    await file.close();
  }
}

async function readDirectory(file) {
  const { size } = await file.stat();
  const endBytes = Math.min(size, 65_557);
  const end = await readAt(file, size - endBytes, endBytes);
  const at = end.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (at < 0) throw new SetupError('setup.archive', 'The zip file is incomplete.', 'Start again.');
  const directory = await readAt(file, end.readUInt32LE(at + 16), end.readUInt32LE(at + 12));
  const entries = [];
  for (let p = 0; p + 46 <= directory.length && directory.readUInt32LE(p) === 0x02014b50; ) {
    const nameBytes = directory.readUInt16LE(p + 28);
    entries.push({
      name: directory.toString('utf8', p + 46, p + 46 + nameBytes),
      method: directory.readUInt16LE(p + 10),
      packedBytes: directory.readUInt32LE(p + 20),
      mode: directory.readUInt32LE(p + 38) >>> 16,
      headerAt: directory.readUInt32LE(p + 42),
    });
    p += 46 + nameBytes + directory.readUInt16LE(p + 30) + directory.readUInt16LE(p + 32);
  }
  return entries;
}

async function readAt(file, position, length) {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) throw new SetupError('setup.archive', 'The archive is incomplete.', 'Start again.');
    done += bytesRead;
  }
  return buffer;
}
