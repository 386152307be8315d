// Windows for tests on Debian: a root folder with Wine, and the clone's packages for Windows. Node for Windows needs Wine 10,
// which is newer than on most systems, so it runs in a separate small Debian, created once and kept in the cache.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bridgeExecutable, buildBridge } from './bridge.mjs';
import { makeRoot, nextStep } from './debianRoot.mjs';
import { intoCache } from './electronRuntime.mjs';
import { buildLivekit } from './livekitServer.mjs';
import { cacheFolder, livekitFolder, nodeVersion, onPath, pins, root } from './locate.mjs';
import { putNode } from './nodeRuntime.mjs';
import { runNpm } from './npm.mjs';
import { withProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';
import { isDebian } from './systemPackages.mjs';

const target = 'win32-x64';

/** The root folder; a change of the recipe gives it another name. */
export const wineRoot = () => join(cacheFolder(), `wine-${pins.wine.release}-r${pins.wine.recipe}`);

/** Node, the packages of package-lock.json for Windows, and nothing else. */
export const windowsPackages = () => join(cacheFolder(), `packages-${target}-${nodeVersion}-${lockKey()}`);

const lockKey = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
    .slice(0, 12);

export const windowsLivekit = () => join(livekitFolder(process.env, target), 'livekit-server.exe');

export const windowsBridge = () => bridgeExecutable(process.env, target);

/** Why Wine cannot be installed on this machine; undefined: it can. */
export function whyNoWine() {
  if (!isDebian() || process.arch !== 'x64') return 'it needs Debian or a derivative on x86-64';
  if (process.getuid?.() !== 0) return 'it needs root to create a root folder and to enter it';
  return undefined;
}

export const wineIsThere = () =>
  [wineRoot(), windowsPackages()].every((folder) => existsSync(folder)) &&
  ([windowsLivekit(), windowsBridge()].every((file) => existsSync(file)) || !onPath('go'));

export async function installWine() {
  const why = whyNoWine();
  if (why)
    throw new SetupError(
      'setup.no-wine',
      `Windows tests cannot run here: ${why}.`,
      'Run them on Windows: npm run test:portable.',
    );
  if (!existsSync(wineRoot())) await withProgress('a root folder with Wine (a minute, once)', makeWineRoot);
  if (!existsSync(windowsPackages())) await withProgress('npm packages for Windows', makePackages);
  const go = onPath('go');
  if (go && !existsSync(windowsLivekit()))
    await withProgress('livekit-server for Windows: building (some minutes, once)', (note) =>
      buildLivekit(go, target, note),
    );
  if (go && !existsSync(windowsBridge()))
    await withProgress('bridge for Windows: building', (note) => buildBridge(go, target, note));
}

const makeWineRoot = (note) =>
  makeRoot(
    wineRoot(),
    pins.wine,
    note,
    async (inside) => {
      note('first start of Wine');
      await inside('sh', '-c', 'wineboot --init && wineserver -w');
    },
    wineEnvironment,
  );

/** No Mono, no browser engine, no debug output. */
export const wineEnvironment = { WINEPREFIX: '/wine', WINEDEBUG: '-all', WINEDLLOVERRIDES: 'mscoree,mshtml=' };

async function makePackages(note) {
  // Each change of package-lock.json creates a new folder of 600 MB.
  for (const name of await readdir(cacheFolder()))
    if (name.startsWith(`packages-${target}-`)) await rm(join(cacheFolder(), name), { recursive: true, force: true });
  await intoCache(windowsPackages(), async (folder) => {
    for (const name of ['package.json', 'package-lock.json']) await cp(join(root, name), join(folder, name));
    const install = ['ci', '--os=win32', '--cpu=x64', '--ignore-scripts', '--include=dev', '--include=optional'];
    await runNpm([...install, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      note,
      code: 'setup.wine',
      nextStep,
    });
    await putNode(target, join(folder, 'node_modules', 'node', 'bin', 'node.exe'), { note, nextStep });
    await mkdir(join(folder, 'node_modules', '.vite'), { recursive: true });
    await rm(join(folder, 'package-lock.json'));
  });
}
