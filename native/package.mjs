// `npm run package`: the app for this system, unpacked in dist/; `npm run package -- installers` its installers as well.
import { cp, mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { buildApp, buildIsThere } from './appBuild.mjs';
import { findElectron, findPinnedLivekit, nodeExecutable, root } from './locate.mjs';
import { runTool, withProgress } from './progress.mjs';
import { SetupError, tellError } from './setupError.mjs';

const exe = process.platform === 'win32' ? '.exe' : '';
const output = join(root, 'dist');
/** Chromium's own files are all there is in it: what an Electron runs by default must not be in the product. */
const dist = join(root, 'out', 'electron');

/** The Electron runtime without a default app. electron-builder copies it, names it and sets its fuses. */
async function bareElectron() {
  const electron = findElectron();
  if (!electron)
    throw new SetupError('package.no-electron', 'There is no Electron to pack.', 'Start it through: npm run package.');
  const apps = ['app', 'default_app.asar'].map((name) => join('resources', name));
  await rm(dist, { recursive: true, force: true });
  await cp(electron.dist, dist, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !apps.some((app) => path.endsWith(app)),
  });
  return electron;
}

async function bringLivekit() {
  const livekit = findPinnedLivekit();
  if (!livekit)
    throw new SetupError(
      'package.no-livekit',
      'There is no livekit-server to pack.',
      'Start it through: npm run package.',
    );
  const folder = join(root, 'out', 'bin');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(livekit.executable, join(folder, `livekit-server${exe}`));
}

async function pack(installers) {
  if (!buildIsThere()) await buildApp();
  await bringLivekit();
  const electron = await bareElectron();
  const args = [
    join(root, 'node_modules', 'electron-builder', 'cli.js'),
    ...(installers ? [] : ['--dir']),
    '--publish=never',
    `--config.electronDist=${dist}`,
    `--config.electronVersion=${electron.version}`,
  ];
  await withProgress(installers ? 'packing the app and its installers' : 'packing the app', (note) =>
    runTool(nodeExecutable, args, {
      cwd: root,
      // Signing is asked for by name (CSC_LINK, CSC_NAME), never taken from whatever key this machine has.
      env: { CSC_IDENTITY_AUTO_DISCOVERY: 'false', ...process.env, PATH: pathWithOwnNode() },
      note,
      stdoutToNote: true,
      code: 'package.failed',
      nextStep: installers
        ? 'Installers need tools that electron-builder fetches: check that this machine reaches github.com, or pack without them.'
        : 'Mend what electron-builder names, then start again.',
    }),
  );
  await rm(dist, { recursive: true, force: true });
  process.stdout.write(`${output}\n`);
}

/** electron-builder asks npm which modules are for production; npm runs on the Node of the set-up. */
function pathWithOwnNode() {
  const separator = process.platform === 'win32' ? ';' : ':';
  return [dirname(nodeExecutable), process.env.PATH ?? process.env.Path ?? ''].join(separator);
}

const [wish, ...more] = process.argv.slice(2);
try {
  if (more.length > 0 || (wish !== undefined && wish !== 'installers'))
    throw new SetupError(
      'package.usage',
      `${basename(process.argv[1])} does not know "${[wish, ...more].join(' ')}".`,
      'npm run package, or: npm run package -- installers',
    );
  await pack(wish === 'installers');
} catch (error) {
  process.exitCode = tellError(error);
}
