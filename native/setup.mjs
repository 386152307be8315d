// Installs what a command needs, once. When everything is installed, it starts no process and writes nothing.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildApp, buildIsThere } from './appBuild.mjs';
import { findBridge, installBridge } from './bridge.mjs';
import { makeBundle, useBundle } from './bundle.mjs';
import { freshRootIsThere, makeFreshRoot } from './debianRoot.mjs';
import { isDisplayMissing } from './display.mjs';
import { installElectron } from './electronRuntime.mjs';
import { findLivekit, installLivekit } from './livekitServer.mjs';
import {
  cacheFolder,
  cloneKey,
  electronCandidates,
  executableIn,
  findElectron,
  nodeExecutable,
  root,
  target,
} from './locate.mjs';
import { withLock } from './lock.mjs';
import { installNode, installPackages, nodeIsThere, packagesAreThere } from './packages.mjs';
import { withProgress } from './progress.mjs';
import { SetupError, tellError } from './setupError.mjs';
import { installSystemPackages, missingSystemPackages } from './systemPackages.mjs';
import { findTestReaders, installTestReaders, testReadersAreThere } from './testReaders.mjs';
import { findTestServers, installTestServers, testServersAreThere } from './testServers.mjs';
import { installWine, wineIsThere } from './wine.mjs';

/** The parts that can be requested, in installation order; each checks whether it is installed and can install itself. */
const makers = {
  packages: {
    lock: `packages-${cloneKey}`,
    isThere: () => {
      if (!existsSync(join(root, 'package-lock.json'))) return true;
      return packagesAreThere();
    },
    make: installPackages,
  },
  node: { after: ['packages'], lock: `packages-${cloneKey}`, isThere: nodeIsThere, make: installNode },
  system: systemMaker(() => ['system']),
  display: systemMaker(() => (isDisplayMissing() ? ['display'] : [])),
  // The same packages, for a command that starts its own display (electron/cli/headless.entry.ts).
  'own-display': systemMaker(() => (isDisplayMissing() ? ['display'] : [])),
  'test-servers': { lock: 'test-servers', isThere: testServersAreThere, make: installTestServers },
  'test-readers': { lock: 'test-readers', isThere: testReadersAreThere, make: installTestReaders },
  'test-tools': { after: ['test-servers', 'test-readers'], ...systemMaker(() => ['system', 'display', 'test-tools']) },
  'debian-root': {
    lock: 'debian-root',
    isThere: freshRootIsThere,
    make: async () => {
      await installRootTools();
      await makeFreshRoot();
    },
  },
  wine: {
    after: ['packages'],
    lock: 'wine',
    isThere: wineIsThere,
    make: async () => {
      await installRootTools();
      await installWine();
    },
  },
  electron: {
    after: ['node'],
    lock: 'electron',
    isThere: () => Boolean(findElectron()),
    make: () => installElectron(),
  },
  'electron-official': {
    after: ['node'],
    lock: 'electron',
    isThere: () => existsSync(executableIn(electronCandidates()[0].dist)),
    make: () => installElectron({ officialOnly: true }),
  },
  bridge: { lock: 'bridge', isThere: () => Boolean(findBridge()), make: installBridge },
  livekit: { after: ['bridge'], lock: 'livekit-server', isThere: () => Boolean(findLivekit()), make: installLivekit },
  build: { after: ['node'], lock: `build-${cloneKey}`, isThere: buildIsThere, make: buildApp },
};

async function installRootTools() {
  const missing = missingSystemPackages(['roots']);
  if (missing.length > 0) await installSystemPackages(missing);
}

export const needNames = Object.keys(makers);
const forTestsOfSystems = ['electron-official', 'wine', 'debian-root'];

function systemMaker(groups) {
  return {
    lock: 'system-packages',
    isThere: () => missingSystemPackages(groups()).length === 0,
    make: () => installSystemPackages(missingSystemPackages(groups())),
  };
}

/**
 * Installs the missing parts of `needs` and returns the paths of all parts.
 * @throws {SetupError} with a next step, when a part cannot be installed
 */
export async function ensure(needs) {
  const unknown = needs.filter((need) => !makers[need]);
  if (unknown.length > 0)
    throw new SetupError(
      'setup.unknown-need',
      `Unknown need "${unknown[0]}".`,
      `Choose from: ${needNames.join(', ')}.`,
    );
  const wanted = new Set(needs.flatMap((need) => [...withBefore(need)]));
  for (const need of needNames) {
    if (!wanted.has(need)) continue;
    const { lock, isThere, make } = makers[need];
    if (isThere()) continue;
    await withLock(join(cacheFolder(), 'locks'), lock, async () => {
      // Another start may have installed it while this one waited.
      if (!isThere()) await make();
    });
  }
  return locateParts();
}

function withBefore(need) {
  return [...(makers[need].after ?? []).flatMap(withBefore), need];
}

/** Absolute paths of the installed parts. */
export function locateParts() {
  const electron = findElectron();
  return {
    node: nodeIsThere() ? nodeExecutable : undefined,
    electronDist: electron?.dist,
    electronExecutable: electron?.executable,
    livekitServer: findLivekit()?.executable,
    bridge: findBridge()?.executable,
    testServers: findTestServers(),
    testPython: findTestReaders(),
  };
}

/** Everything needed to run the app, without the parts that only tests of other systems need. */
const ordinary = () => needNames.filter((need) => !forTestsOfSystems.includes(need));

async function bundle(file) {
  await ensure(['packages', 'node', 'electron', 'livekit']);
  const parts = [findElectron(), findLivekit(), findBridge()].map(
    ({ dist, executable }) => dist ?? dirname(executable),
  );
  const strange = parts.find((part) => dirname(part) !== cacheFolder());
  if (strange)
    throw new SetupError(
      'setup.bundle',
      `${strange} was not installed by set-up.`,
      'Unset FIELDROOM_ELECTRON and FIELDROOM_LIVEKIT_SERVER, remove livekit-server from PATH, then start again.',
    );
  await withProgress(`bundle for ${target}`, (note) => makeBundle(file, { clone: root, target, parts }, note));
}

async function main([first, file, ...more]) {
  if (first === '--bundle' || first === '--from') {
    if (file === undefined || more.length > 0)
      throw new SetupError('setup.usage', `${first} needs exactly one file.`, `npm run setup -- ${first} FILE`);
    if (first === '--bundle') return bundle(file);
    return withProgress('unpacking the bundle', (note) =>
      useBundle(file, { clone: root, target, cache: cacheFolder() }, note),
    );
  }
  const asked = [first, file, ...more].filter((word) => word !== undefined).flatMap((word) => word.split(','));
  process.stdout.write(`${JSON.stringify(await ensure(asked.length > 0 ? asked : ordinary()), undefined, 2)}\n`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await main(process.argv.slice(2)).catch((error) => {
    process.exitCode = tellError(error);
  });
