// The native modules that ship, each with its pinned hash. Each npm package contains the prebuilt binaries of all systems.
//   node native/binaries.mjs      writes native/binaries.json from the installed packages (npm has checked them against the lock file)
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readJson, root } from './locate.mjs';
import { sha256Of } from './nodeRuntime.mjs';
import { SetupError } from './setupError.mjs';

const PINS = join(root, 'native', 'binaries.json');
/** Production packages with native modules. */
const PACKAGES = ['better-sqlite3', 'node-hid', '@serialport/bindings-cpp'];
/** Systems we build packages for. */
export const TARGETS = ['linux-x64', 'linux-arm64', 'win32-x64', 'darwin-x64', 'darwin-arm64'];

export const pinnedBinaries = () => readJson(PINS);

/** Hashes of the native modules in a node_modules folder, by relative path. */
export async function binariesIn(modules) {
  const found = {};
  for (const name of PACKAGES) {
    const folder = join(modules, ...name.split('/'), 'prebuilds');
    if (!existsSync(folder)) continue;
    const files = readdirSync(folder, { recursive: true })
      .filter((file) => file.endsWith('.node'))
      .sort();
    for (const file of files)
      found[`${name}/prebuilds/${file.split(sep).join('/')}`] = await sha256Of(join(folder, file));
  }
  return found;
}

/** The system a binary is for, by its path; undefined: a system we build nothing for. */
export const targetOf = (path) =>
  TARGETS.filter((target) => {
    const [system, processor] = target.split('-');
    return new RegExp(`${system}-(?:${processor}|x64\\+arm64)(?![a-z-]*musl)`).test(path) && !/android|musl/.test(path);
  });

/** @throws {SetupError} `package.binary` when a packed native module is not the pinned one, or one of `target` is missing */
export async function checkBinaries(modules, target) {
  const pinned = pinnedBinaries();
  const packed = await binariesIn(modules);
  const wrong = Object.keys(packed).filter((path) => packed[path] !== pinned[path]);
  const missing = PACKAGES.filter(
    (name) => !Object.keys(packed).some((path) => path.startsWith(`${name}/`) && targetOf(path).includes(target)),
  );
  if (wrong.length === 0 && missing.length === 0) return;
  throw new SetupError(
    'package.binary',
    `Native modules do not match their pinned hashes: ${[...wrong, ...missing.map((name) => `${name} for ${target} is missing`)].join(', ')}.`,
    'If you changed versions on purpose, run: node native/binaries.mjs. Otherwise delete node_modules and start again.',
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(PINS, `${JSON.stringify(await binariesIn(join(root, 'node_modules')), undefined, 2)}\n`);
