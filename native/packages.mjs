// The npm packages, including the pinned Node.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeExecutable, nodeVersion, pins, readJson, root, target } from './locate.mjs';
import { putNode } from './nodeRuntime.mjs';
import { runNpm } from './npm.mjs';
import { withProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

/**
 * Whether node_modules matches package-lock.json. After a complete installation npm lists the installed packages in
 * node_modules/.package-lock.json; the two lists are compared, so a package added by hand counts as installed.
 */
export function packagesAreThere(folder = root) {
  const note = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(note)) return false;
  const installed = readJson(note).packages;
  const { '': top, ...locked } = readJson(join(folder, 'package-lock.json')).packages;
  if (!lockIsOf(readJson(join(folder, 'package.json')), top)) return false;
  return Object.entries(locked).every(([path, wanted]) => {
    const got = installed[path];
    // Packages for other systems are optional and not installed.
    if (!got) return Boolean(wanted.optional || wanted.devOptional || wanted.peer);
    return got.version === wanted.version && got.integrity === wanted.integrity;
  });
}

function lockIsOf(about, top) {
  return ['dependencies', 'devDependencies'].every((kind) => {
    const [wanted, locked] = [about[kind] ?? {}, top[kind] ?? {}];
    const names = Object.keys({ ...wanted, ...locked });
    return names.every((name) => wanted[name] === locked[name]);
  });
}

export const nodeIsThere = () => existsSync(nodeExecutable);

// No install scripts run: every native module here ships prebuilt binaries, so no compiler is needed.
// installNode installs the Node that the script of the package `node` would install.
const quiet = [
  '--ignore-scripts',
  '--include=dev',
  '--include=optional',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
];

export async function installPackages() {
  const nextStep =
    process.platform === 'win32'
      ? 'Close every Fieldroom process, run `npm ci` in the clone, then start again.'
      : 'Check that this machine can reach the npm registry, run `npm ci` in the clone, then start again.';
  await withProgress('npm packages', async (note) => {
    await runNpm(['ci', ...quiet], { note, code: 'setup.packages', nextStep });
    if (packagesAreThere()) return;
    const message = 'The packages that npm installed do not match package-lock.json.';
    throw new SetupError(
      'setup.packages-differ',
      message,
      'Run `npm install` in the clone and check what changed in package-lock.json.',
    );
  });
}

/** Installs the pinned Node: checks the archive against its pinned hash instead of running the install script of the package `node`. */
export async function installNode() {
  const nextStep = 'Check that this machine can reach the npm registry, then start again.';
  if (pins.node[target]) {
    await withProgress(`Node ${nodeVersion}`, (note) => putNode(target, nodeExecutable, { note, nextStep }));
    return;
  }
  process.stderr.write(
    `fieldroom: no hash of Node ${nodeVersion} for ${target} is pinned (native/pins.json), so npm installs it unchecked.\n`,
  );
  await withProgress(`Node ${nodeVersion}`, (note) =>
    runNpm(['rebuild', 'node', '--ignore-scripts=false'], { note, code: 'setup.node', nextStep }),
  );
  if (nodeIsThere()) return;
  throw new SetupError(
    'setup.node',
    `npm did not install Node ${nodeVersion} at ${nodeExecutable}.`,
    'Run `npm ci --ignore-scripts=false` in the clone, then start again.',
  );
}
