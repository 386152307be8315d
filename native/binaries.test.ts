/** Every native module of every supported system is pinned by its hash and has the binary format of that system. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { binariesIn, checkBinaries, pinnedBinaries, TARGETS, targetOf } from './binaries.mjs';
import { root } from './locate.mjs';

const MODULES = join(root, 'node_modules');
const PACKAGES = ['better-sqlite3', 'node-hid', '@serialport/bindings-cpp'];

it('pins the installed modules', async () => {
  expect(await binariesIn(MODULES)).toEqual(pinnedBinaries());
});

it.each(TARGETS)('has each native module for %s, in the format of that system', (target) => {
  const paths = Object.keys(pinnedBinaries()).filter((path) => targetOf(path).includes(target));
  for (const name of PACKAGES)
    expect(
      paths.filter((path) => path.startsWith(name)),
      name,
    ).not.toEqual([]);
  for (const path of paths) {
    const bytes = readFileSync(join(MODULES, ...path.split('/')));
    expect(formatOf(bytes), path).toContain(target);
  }
});

it('refuses a package with a changed or missing module', async () => {
  const modules = mkdtempSync(join(tmpdir(), 'fr-binaries-'));
  try {
    await expect(checkBinaries(modules, 'linux-x64')).rejects.toThrow(/node-hid for linux-x64 is missing/);
    for (const name of PACKAGES)
      cpSync(join(MODULES, ...name.split('/'), 'prebuilds'), join(modules, ...name.split('/'), 'prebuilds'), {
        recursive: true,
      });
    await expect(checkBinaries(modules, 'linux-x64')).resolves.toBeUndefined();
    writeFileSync(join(modules, 'better-sqlite3', 'prebuilds', 'linux-x64.node'), 'other');
    await expect(checkBinaries(modules, 'linux-x64')).rejects.toThrow(/better-sqlite3\/prebuilds\/linux-x64\.node/);
  } finally {
    rmSync(modules, { recursive: true, force: true });
  }
});

/** By the headers of ELF (e_machine), PE (Machine) and Mach-O (cputype; a universal file lists its parts). */
function formatOf(bytes: Buffer): string[] {
  if (bytes.readUInt32BE(0) === 0x7f454c46) return [`linux-${bytes.readUInt16LE(18) === 0x3e ? 'x64' : 'arm64'}`];
  if (bytes.toString('latin1', 0, 2) === 'MZ')
    return [`win32-${bytes.readUInt16LE(bytes.readUInt32LE(0x3c) + 4) === 0x8664 ? 'x64' : 'arm64'}`];
  const processor = (type: number): string => (type === 0x0100_0007 ? 'darwin-x64' : 'darwin-arm64');
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return [processor(bytes.readUInt32LE(4))];
  if (bytes.readUInt32BE(0) === 0xcafebabe)
    return Array.from({ length: bytes.readUInt32BE(4) }, (_, i) => processor(bytes.readUInt32BE(8 + 20 * i)));
  return [];
}
