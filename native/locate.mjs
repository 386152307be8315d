// Where everything is. Paths are computed from the pins; nothing is stored or run.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const pins = readJson(join(root, 'native', 'pins.json'));
export const packageJson = readJson(join(root, 'package.json'));
export const nodeVersion = packageJson.dependencies.node;
export const electronVersion = packageJson.devDependencies.electron;

const windows = process.platform === 'win32';
/** This system, as `linux-x64`. */
export const target = `${process.platform}-${process.arch}`;
const exe = windows ? '.exe' : '';

/** The per-user cache folder: outside the clone, shared by all clones. */
export function cacheFolder(env = process.env) {
  if (env.XDG_CACHE_HOME) return join(resolve(env.XDG_CACHE_HOME), 'fieldroom');
  if (windows) return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'fieldroom');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'fieldroom');
  return join(homedir(), '.cache', 'fieldroom');
}

/** Each clone has its own locks for parts inside the clone. */
export const cloneKey = createHash('sha256').update(root).digest('hex').slice(0, 12);

export const nodeExecutable = join(root, 'node_modules', 'node', 'bin', `node${exe}`);

/** Electron's executable within its dist folder. */
export function executableIn(distFolder) {
  if (process.platform === 'darwin') return join(distFolder, 'Electron.app', 'Contents', 'MacOS', 'Electron');
  return join(distFolder, `electron${exe}`);
}

export const electronFallback = pins.electron.fallback[target];

/** The two folders where our Electron can be, best first. */
export function electronCandidates(cache = cacheFolder()) {
  const official = {
    from: 'electron package',
    version: electronVersion,
    dist: join(cache, `electron-${electronVersion}-${target}`),
  };
  if (!electronFallback) return [official];
  const name = `electron-${electronFallback.version}-${target}-r${electronFallback.recipe}`;
  return [official, { from: electronFallback.package, version: electronFallback.version, dist: join(cache, name) }];
}

/** The Electron to start, or undefined if none is installed yet. One named by the environment comes first. */
export function findElectron(env = process.env) {
  const named = env.FIELDROOM_ELECTRON;
  if (named && existsSync(named)) {
    // The executable is at the top of its dist folder, except in a macOS bundle.
    const up = process.platform === 'darwin' ? join(named, '..', '..', '..', '..') : dirname(named);
    return { from: 'FIELDROOM_ELECTRON', version: readText(join(up, 'version')), dist: up, executable: named };
  }
  const folder = env.ELECTRON_OVERRIDE_DIST_PATH;
  if (folder && existsSync(executableIn(folder))) {
    const version = readText(join(folder, 'version'));
    return { from: 'ELECTRON_OVERRIDE_DIST_PATH', version, dist: folder, executable: executableIn(folder) };
  }
  for (const candidate of electronCandidates(cacheFolder(env))) {
    const executable = executableIn(candidate.dist);
    if (existsSync(executable)) return { ...candidate, executable };
  }
  return undefined;
}

export const livekitFolder = (env = process.env, of = target) =>
  join(cacheFolder(env), `livekit-server-${pins.livekitServer.version}-${of}`);

export const livekitExecutable = (env = process.env) => join(livekitFolder(env), `livekit-server${exe}`);

/** The LiveKit server named by the environment, or the built pinned one; undefined if there is neither. */
export function findPinnedLivekit(env = process.env) {
  const named = env.FIELDROOM_LIVEKIT_SERVER;
  if (named && existsSync(named)) return { from: 'FIELDROOM_LIVEKIT_SERVER', version: undefined, executable: named };
  const executable = livekitExecutable(env);
  if (!existsSync(executable)) return undefined;
  return { from: 'built from the pinned module', version: pins.livekitServer.version, executable };
}

/** The first executable of that name on PATH, outside this clone's own node_modules. */
export function onPath(name, env = process.env) {
  const endings = windows ? (env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];
  const own = join(root, 'node_modules');
  for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter)) {
    if (!folder || resolve(folder).startsWith(own)) continue;
    for (const ending of endings) {
      const file = join(folder, name + ending.toLowerCase());
      if (existsSync(file)) return file;
    }
  }
  return undefined;
}

/** The environment variables with which a started program finds its parts. */
export function partsEnvironment(parts) {
  const env = {};
  if (parts.node) env.FIELDROOM_NODE = parts.node;
  if (parts.electronExecutable) {
    env.FIELDROOM_ELECTRON = parts.electronExecutable;
    // Variable names of electron-vite and of the electron package.
    env.ELECTRON_EXEC_PATH = parts.electronExecutable;
    env.ELECTRON_OVERRIDE_DIST_PATH = parts.electronDist;
  }
  env.ELECTRON_MAJOR_VER = String(pins.electron.oldestMajor);
  if (parts.livekitServer) env.FIELDROOM_LIVEKIT_SERVER = parts.livekitServer;
  if (parts.testPython) env.FIELDROOM_TEST_PYTHON = parts.testPython;
  if (parts.bridge) env.FIELDROOM_BRIDGE = parts.bridge;
  if (parts.testServers?.weed) env.FIELDROOM_TEST_WEED = parts.testServers.weed;
  if (parts.testServers?.rclone) env.FIELDROOM_TEST_RCLONE = parts.testServers.rclone;
  return env;
}

export function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function readText(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : undefined;
}
