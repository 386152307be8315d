// A system's Node runtime from the package registry, checked against the pinned hash before it is used.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { checkIntegrity, takeFromTgz } from './archive.mjs';
import { pins } from './locate.mjs';
import { runNpm } from './npm.mjs';

/** Puts the pinned Node of `target` (`win32-x64`) at the path `to`. */
export async function putNode(target, to, { note = () => {}, nextStep }) {
  const pin = pins.node[target];
  const work = await mkdtemp(join(tmpdir(), 'fieldroom-node-'));
  try {
    note('downloading');
    const pack = ['pack', pin.package, '--pack-destination', work, '--ignore-scripts', '--silent'];
    await runNpm(pack, { cwd: work, code: 'setup.node', nextStep });
    const tgz = join(work, (await readdir(work)).find((name) => name.endsWith('.tgz')) ?? 'nothing.tgz');
    note('checking');
    await checkIntegrity(tgz, pin.integrity);
    note('unpacking');
    await mkdir(dirname(to), { recursive: true });
    // Renamed when complete, so an interrupted start leaves no partial Node.
    await takeFromTgz(tgz, `package/bin/node${target.startsWith('win32') ? '.exe' : ''}`, `${to}.new`);
    await chmod(`${to}.new`, 0o755);
    await rename(`${to}.new`, to);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The SHA-256 of a file in hex, as in `pins.json`. */
export async function sha256Of(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
