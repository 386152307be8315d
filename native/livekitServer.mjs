// livekit-server: built from the pinned Go module, or an installed one that is new enough.
import { existsSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { intoCache } from './electronRuntime.mjs';
import { cacheFolder, findPinnedLivekit, livekitFolder, onPath, pins, readJson, root, target } from './locate.mjs';
import { runTool, withProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

const pin = pins.livekitServer;
const moduleFolder = join(root, 'native');
const foundNote = () => join(cacheFolder(), 'livekit-server-found.json');

/** The server to start: built, or found on PATH with its version checked earlier. Runs nothing. */
export function findLivekit() {
  const pinned = findPinnedLivekit();
  if (pinned) return pinned;
  const file = onPath('livekit-server');
  if (!file || !existsSync(foundNote())) return undefined;
  const note = readJson(foundNote());
  const same = note.executable === file && note.stamp === stampOf(file) && isAtLeast(note.version, pin.oldestUsable);
  return same ? { from: 'PATH', version: note.version, executable: file } : undefined;
}

/** Builds the server, or uses the one on PATH. */
export async function installLivekit() {
  let why = 'Building it requires Go, which is not installed';
  const go = onPath('go');
  if (go) {
    try {
      await withProgress(`livekit-server ${pin.version}: building (2 to 5 minutes, once)`, (note) =>
        buildLivekit(go, target, note),
      );
      return findPinnedLivekit();
    } catch (error) {
      why = error.message.replace(/\.$/, '');
    }
  }
  const found = onPath('livekit-server');
  const version = found && (await versionOf(found));
  if (found && version && isAtLeast(version, pin.oldestUsable)) {
    await mkdir(cacheFolder(), { recursive: true });
    await writeFile(foundNote(), JSON.stringify({ executable: found, version, stamp: stampOf(found) }));
    process.stderr.write(`fieldroom: livekit-server ${version} found at ${found}\n`);
    return { from: 'PATH', version, executable: found };
  }
  if (found) why += `, and ${found} is version ${version ?? 'unknown'}, older than ${pin.oldestUsable}`;
  throw new SetupError(
    'setup.livekit-server',
    `livekit-server ${pin.version} was not found. ${why}.`,
    howToGetLivekit(),
  );
}

/** How to install a server on this system. */
export function howToGetLivekit() {
  const byHand = `put livekit-server ${pin.oldestUsable} or newer on PATH (or set FIELDROOM_LIVEKIT_SERVER to it)`;
  const ways = {
    darwin: 'with `brew install livekit`',
    win32: 'from https://github.com/livekit/livekit/releases',
    linux: 'from https://github.com/livekit/livekit/releases',
  };
  return `Install Go ${pin.oldestGo} or newer from https://go.dev/dl/ and start again: livekit-server is then built automatically. Or ${byHand}, ${ways[process.platform] ?? ways.linux}.`;
}

/** Go's names for the systems we build for. */
export const goSystems = {
  'win32-x64': { GOOS: 'windows', GOARCH: 'amd64' },
  'darwin-x64': { GOOS: 'darwin', GOARCH: 'amd64' },
  'darwin-arm64': { GOOS: 'darwin', GOARCH: 'arm64' },
};

/** Builds the server into the cache, for this system or another (`win32-x64`). */
export async function buildLivekit(go, of, note) {
  const foreign = of !== target;
  await intoCache(livekitFolder(process.env, of), async (temporary) => {
    const out = join(temporary, `livekit-server${of.startsWith('win32') ? '.exe' : ''}`);
    await runTool(go, ['build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-v', '-o', out, pin.goModule], {
      cwd: moduleFolder,
      env: {
        ...process.env,
        CGO_ENABLED: '0',
        GOWORK: 'off',
        GOFLAGS: '',
        ...(foreign ? goSystems[of] : { GOOS: '', GOARCH: '' }),
      },
      note,
      code: 'setup.go-build',
      nextStep: howToGetLivekit(),
    });
    if (foreign) return;
    // The build only counts if it starts on this machine.
    const version = await versionOf(out);
    if (version === pin.version) return;
    throw new SetupError(
      'setup.go-build',
      `The built livekit-server reports version ${version ?? 'none'}.`,
      howToGetLivekit(),
    );
  });
}

async function versionOf(file) {
  try {
    const said = await runTool(file, ['--version'], { code: 'setup.livekit-version', nextStep: howToGetLivekit() });
    return said.match(/\d+\.\d+\.\d+/)?.[0];
  } catch {
    return undefined;
  }
}

function stampOf(file) {
  const { size, mtimeMs } = statSync(file);
  return `${size}-${mtimeMs}`;
}

export function isAtLeast(version, oldest) {
  const [a, b] = [version, oldest].map((text) => text.split('.').map(Number));
  for (let i = 0; i < b.length; i += 1) if ((a[i] ?? 0) !== b[i]) return (a[i] ?? 0) > b[i];
  return true;
}
