// The npm packages and the pinned Node among them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeExecutable, nodeVersion, readJson, root } from './locate.mjs';
import { runNpm } from './npm.mjs';
import { withProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

/**
 * Whether node_modules holds what package-lock.json names. npm notes what it installed, after it is whole, in
 * node_modules/.package-lock.json: the two are compared, so a package added by hand counts as installed.
 */
export function packagesAreThere(folder = root) {
  const note = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(note)) return false;
  const installed = readJson(note).packages;
  return Object.entries(readJson(join(folder, 'package-lock.json')).packages).every(([path, wanted]) => {
    if (path === '') return true;
    const got = installed[path];
    // A package for another system is optional and absent.
    if (!got) return Boolean(wanted.optional || wanted.devOptional || wanted.peer);
    return got.version === wanted.version && got.integrity === wanted.integrity;
  });
}

export const nodeIsThere = () => existsSync(nodeExecutable);

export async function installPackages() {
  await withProgress('npm packages', (note) =>
    runNpm(['ci', '--include=dev', '--no-audit', '--no-fund', '--foreground-scripts=false'], {
      note,
      code: 'setup.packages',
      nextStep:
        process.platform === 'win32'
          ? 'Close every Fieldroom process, run `npm ci` in the clone, then start again.'
          : 'Check that this machine reaches the npm registry, run `npm ci` in the clone, then start again.',
    }),
  );
}

/** The pinned Node comes by the install script of the package `node`; where scripts were not run, it is run alone. */
export async function installNode() {
  await withProgress(`Node ${nodeVersion}`, (note) =>
    runNpm(['rebuild', 'node', '--ignore-scripts=false'], {
      note,
      code: 'setup.node',
      nextStep: 'Run `npm ci --ignore-scripts=false` in the clone, then start again.',
    }),
  );
  if (nodeIsThere()) return;
  throw new SetupError(
    'setup.node',
    `npm put no Node ${nodeVersion} at ${nodeExecutable}.`,
    'Run `npm ci --ignore-scripts=false` in the clone, then start again.',
  );
}
