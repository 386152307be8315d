// `npm run package`: builds the app for this system into dist/: the unpacked app, on Linux also a .tar.gz and a .deb.
//   npm run package                 everything that needs no downloads
//   npm run package -- dir          only the unpacked app
//   npm run package -- installers   also electron-builder's installers (it downloads tools)
//   npm run package -- release      the same for publication; refused unless every part is the pinned original
import { rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { buildApp, buildIsThere } from './appBuild.mjs';
import { checkBinaries } from './binaries.mjs';
import { nodeExecutable, root } from './locate.mjs';
import { makeDeb, makeTarGz } from './packageLinux.mjs';
import { bareElectron, bringBothProcessors, bringServers, buildFacts, refuseRelease } from './packageParts.mjs';
import { runTool, withProgress } from './progress.mjs';
import { writeSbom } from './sbom.mjs';
import { SetupError, tellError } from './setupError.mjs';

const output = join(root, 'dist');
const WISHES = ['', 'dir', 'installers', 'release'];

async function pack(wish) {
  const facts = await buildFacts();
  if (wish === 'release') refuseRelease(facts);
  if (!facts.official) tellLoudly(facts);
  if (!buildIsThere()) await buildApp();
  await bringServers();
  const runtime = await bareElectron();
  await withProgress('software bill of materials', () => writeSbom(join(root, 'out', 'sbom.cdx.json'), facts));
  await writeFile(join(root, 'out', 'build.json'), `${JSON.stringify(facts, undefined, 2)}\n`);
  const installers = wish === 'installers' || wish === 'release';
  if (installers && process.platform === 'darwin')
    await withProgress('Node and livekit-server for both processors', bringBothProcessors);
  await runBuilder(runtime, facts, installers);
  await rm(runtime, { recursive: true, force: true });
  const app = join(output, unpackedFolder(installers));
  await checkBinaries(modulesOf(app), facts.target);
  const made = [];
  if (process.platform === 'linux' && wish !== 'dir') {
    made.push(await withProgress('.tar.gz', () => makeTarGz(app, output, facts)));
    made.push(await withProgress('.deb', (note) => makeDeb(app, output, facts, note)));
  }
  process.stdout.write(`${[output, ...made].join('\n')}\n`);
  if (!facts.official) tellLoudly(facts);
}

/** electron-builder's names. */
function unpackedFolder(installers) {
  if (process.platform === 'darwin')
    return installers ? 'mac-universal' : process.arch === 'arm64' ? 'mac-arm64' : 'mac';
  const system = process.platform === 'win32' ? 'win' : 'linux';
  return process.arch === 'x64' ? `${system}-unpacked` : `${system}-${process.arch}-unpacked`;
}

const modulesOf = (app) =>
  process.platform === 'darwin'
    ? join(app, 'Fieldroom.app', 'Contents', 'Resources', 'app.asar.unpacked', 'node_modules')
    : join(app, 'resources', 'app.asar.unpacked', 'node_modules');

async function runBuilder(runtime, facts, installers) {
  const args = [
    join(root, 'node_modules', 'electron-builder', 'cli.js'),
    ...(installers ? [] : ['--dir']),
    '--publish=never',
    `--config.electronDist=${runtime}`,
    `--config.electronVersion=${facts.electron.version}`,
  ];
  await withProgress(installers ? 'packing the app and its installers' : 'packing the app', (note) =>
    runTool(nodeExecutable, args, {
      cwd: root,
      // Sign only with a key named explicitly (CSC_LINK, CSC_NAME), never with whatever key this machine has.
      env: { CSC_IDENTITY_AUTO_DISCOVERY: 'false', ...process.env, PATH: pathWithOwnNode() },
      note,
      stdoutToNote: true,
      code: 'package.failed',
      nextStep: installers
        ? 'Installers need tools that electron-builder downloads. Check that this machine can reach github.com, or package without installers.'
        : 'Fix the errors from electron-builder, then start again.',
    }),
  );
}

function tellLoudly({ reasons }) {
  const line = '='.repeat(78);
  const text = reasons.map((reason) => `  - ${reason}`).join('\n');
  process.stderr.write(`\n${line}\nNOT FOR RELEASE. This is a test build:\n${text}\n${line}\n`);
}

/** electron-builder asks npm for the production modules; npm runs with the Node from set-up. */
function pathWithOwnNode() {
  const separator = process.platform === 'win32' ? ';' : ':';
  return [dirname(nodeExecutable), process.env.PATH ?? process.env.Path ?? ''].join(separator);
}

const [wish = '', ...more] = process.argv.slice(2);
try {
  if (more.length > 0 || !WISHES.includes(wish))
    throw new SetupError(
      'package.usage',
      `${basename(process.argv[1])} does not know "${[wish, ...more].join(' ')}".`,
      'npm run package, or with: -- dir, -- installers, -- release',
    );
  await pack(wish);
} catch (error) {
  process.exitCode = tellError(error);
}
