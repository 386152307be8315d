// The third-party parts of a package, and a check that each is the pinned original.
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bridgeExecutable, buildBridge, findBridge } from './bridge.mjs';
import { buildLivekit } from './livekitServer.mjs';
import {
  electronVersion,
  findElectron,
  findPinnedLivekit,
  livekitFolder,
  nodeExecutable,
  nodeVersion,
  onPath,
  packageJson,
  pins,
  root,
  target,
} from './locate.mjs';
import { putNode, sha256Of } from './nodeRuntime.mjs';
import { SetupError } from './setupError.mjs';

const exe = process.platform === 'win32' ? '.exe' : '';

/**
 * The parts of this build. `official`: all are pinned originals; otherwise `reasons` lists those that are not.
 * @returns {Promise<{name: string, version: string, target: string, official: boolean, reasons: string[], electron: object, node: object}>}
 */
export async function buildFacts() {
  const electron = findElectron();
  if (!electron)
    throw new SetupError(
      'package.no-electron',
      'Electron is missing, so nothing can be packaged.',
      'Run: npm run package.',
    );
  const node = { version: nodeVersion, sha256: await sha256Of(nodeExecutable) };
  const reasons = [];
  if (electron.from !== 'electron package')
    reasons.push(
      `Electron is ${electron.version} (from ${electron.from}), not the official ${electronVersion}; its Chromium has known security holes`,
    );
  const pinned = pins.node[target]?.sha256;
  if (pinned !== node.sha256)
    reasons.push(
      pinned ? `Node ${nodeVersion} is not the pinned one` : `no hash of Node ${nodeVersion} for ${target} is pinned`,
    );
  const { name, version } = packageJson;
  const from = { version: electron.version, from: electron.from };
  return { name, version, target, official: reasons.length === 0, reasons, electron: from, node };
}

/** @throws {SetupError} `package.not-official` */
export function refuseRelease({ official, reasons }) {
  if (official) return;
  throw new SetupError(
    'package.not-official',
    `This build cannot be released: ${reasons.join('; ')}.`,
    'Install the official parts with `node native/setup.mjs electron-official node`, or build with the workflow .github/workflows/package.yml.',
  );
}

/** `0.1.0`, or for a test build a version that every package manager sorts before that. */
export const debianVersion = ({ version, official, electron }) =>
  official ? version : `${version}~test.electron${electron.version}`;

/** Suffix in the file name of a test build. */
export const mark = ({ official }) => (official ? '' : '-TEST-BUILD');

/** The Electron runtime without a default app. electron-builder copies it, renames it and sets its fuses. */
export async function bareElectron() {
  const runtime = join(root, 'out', 'electron');
  const apps = ['app', 'default_app.asar'].map((name) => join('resources', name));
  await rm(runtime, { recursive: true, force: true });
  await cp(findElectron().dist, runtime, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !apps.some((app) => path.endsWith(app)),
  });
  return runtime;
}

/** Copies this system's programs into out/bin, where electron-builder expects them. */
export async function bringServers() {
  const livekit = findPinnedLivekit();
  if (!livekit)
    throw new SetupError(
      'package.no-livekit',
      'livekit-server is missing, so nothing can be packaged.',
      'Run: npm run package.',
    );
  const bridge = findBridge();
  if (!bridge)
    throw new SetupError(
      'package.no-bridge',
      'The bridge is missing, so nothing can be packaged.',
      'Run: npm run package.',
    );
  const folder = join(root, 'out', 'bin');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(livekit.executable, join(folder, `livekit-server${exe}`));
  await cp(bridge.executable, join(folder, `fieldroom-bridge${exe}`));
  for (const name of ['livekit-server', 'fieldroom-bridge']) await chmod(join(folder, `${name}${exe}`), 0o755);
}

/** For the universal macOS app: puts Node, livekit-server and the bridge of both processors where beforePack.mjs expects them. */
export async function bringBothProcessors(note) {
  const nextStep = 'Install Go from go.dev and pin the hash of Node for macOS in native/pins.json.';
  for (const processor of ['x64', 'arm64']) {
    const of = `darwin-${processor}`;
    const folder = join(root, 'out', `bin-${processor}`);
    if (!pins.node[of])
      throw new SetupError('package.not-pinned', `No hash of Node ${nodeVersion} for ${of} is pinned.`, nextStep);
    await mkdir(folder, { recursive: true });
    await putNode(of, join(folder, 'node'), { note, nextStep });
    const go = onPath('go');
    const server = join(livekitFolder(process.env, of), 'livekit-server');
    if (!existsSync(server)) {
      if (!go) throw new SetupError('package.no-go', 'Building livekit-server requires Go.', nextStep);
      await buildLivekit(go, of, note);
    }
    await cp(server, join(folder, 'livekit-server'));
    const bridge = bridgeExecutable(process.env, of);
    if (!existsSync(bridge)) {
      if (!go) throw new SetupError('package.no-go', 'Building the bridge requires Go.', nextStep);
      await buildBridge(go, of, note);
    }
    await cp(bridge, join(folder, 'fieldroom-bridge'));
  }
}
