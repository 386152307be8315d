// Makes sure that what a command needs is there, once. When it is, no process is started and nothing is written.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildApp, buildIsThere } from './appBuild.mjs';
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
} from './locate.mjs';
import { withLock } from './lock.mjs';
import { installNode, installPackages, nodeIsThere, packagesAreThere } from './packages.mjs';
import { SetupError, tellError } from './setupError.mjs';
import { installSystemPackages, missingSystemPackages } from './systemPackages.mjs';
import { findTestReaders, installTestReaders, testReadersAreThere } from './testReaders.mjs';
import { findTestServers, installTestServers, testServersAreThere } from './testServers.mjs';
import { installWine, wineIsThere } from './wine.mjs';

/** What can be asked for, in the order in which it is made. Each tells whether it is there and how it gets there. */
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
  // The same packages for a command that opens its own display (electron/cli/headless.entry.ts).
  'own-display': systemMaker(() => (isDisplayMissing() ? ['display'] : [])),
  'test-servers': { lock: 'test-servers', isThere: testServersAreThere, make: installTestServers },
  'test-readers': { lock: 'test-readers', isThere: testReadersAreThere, make: installTestReaders },
  'test-tools': { after: ['test-servers', 'test-readers'], ...systemMaker(() => ['system', 'display', 'test-tools']) },
  wine: {
    after: ['packages'],
    lock: 'wine',
    isThere: wineIsThere,
    make: async () => {
      if (missingSystemPackages(['roots']).length > 0) await installSystemPackages(missingSystemPackages(['roots']));
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
  livekit: { lock: 'livekit-server', isThere: () => Boolean(findLivekit()), make: installLivekit },
  build: { after: ['node'], lock: `build-${cloneKey}`, isThere: buildIsThere, make: buildApp },
};

export const needNames = Object.keys(makers);

function systemMaker(groups) {
  return {
    lock: 'system-packages',
    isThere: () => missingSystemPackages(groups()).length === 0,
    make: () => installSystemPackages(missingSystemPackages(groups())),
  };
}

/**
 * Makes what is missing of `needs` and returns where the parts are.
 * @throws {SetupError} with what to do, when a part cannot be had
 */
export async function ensure(needs) {
  const unknown = needs.filter((need) => !makers[need]);
  if (unknown.length > 0)
    throw new SetupError(
      'setup.unknown-need',
      `Nobody knows the need "${unknown[0]}".`,
      `Ask for some of: ${needNames.join(', ')}.`,
    );
  const wanted = new Set(needs.flatMap((need) => [...withBefore(need)]));
  for (const need of needNames) {
    if (!wanted.has(need)) continue;
    const { lock, isThere, make } = makers[need];
    if (isThere()) continue;
    await withLock(join(cacheFolder(), 'locks'), lock, async () => {
      // Another start may have made it while this one waited.
      if (!isThere()) await make();
    });
  }
  return locateParts();
}

function withBefore(need) {
  return [...(makers[need].after ?? []).flatMap(withBefore), need];
}

/** Absolute paths of the parts that are there. */
export function locateParts() {
  const electron = findElectron();
  return {
    node: nodeIsThere() ? nodeExecutable : undefined,
    electronDist: electron?.dist,
    electronExecutable: electron?.executable,
    livekitServer: findLivekit()?.executable,
    testServers: findTestServers(),
    testPython: findTestReaders(),
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const asked = process.argv.slice(2).flatMap((arg) => arg.split(','));
  try {
    const needs = asked.length > 0 ? asked : needNames.filter((need) => !['electron-official', 'wine'].includes(need));
    process.stdout.write(`${JSON.stringify(await ensure(needs), undefined, 2)}\n`);
  } catch (error) {
    process.exitCode = tellError(error);
  }
}
