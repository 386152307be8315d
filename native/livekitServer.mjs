// livekit-server: built from the pinned Go module, or a new enough one found on the machine.
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

/** The server to start, without running anything: built, or found on PATH and looked at before. */
export function findLivekit() {
  const pinned = findPinnedLivekit();
  if (pinned) return pinned;
  const file = onPath('livekit-server');
  if (!file || !existsSync(foundNote())) return undefined;
  const note = readJson(foundNote());
  const same = note.executable === file && note.stamp === stampOf(file) && isAtLeast(note.version, pin.oldestUsable);
  return same ? { from: 'PATH', version: note.version, executable: file } : undefined;
}

/** Builds the server, or takes the one on PATH. */
export async function installLivekit() {
  let why = 'There is no Go on this machine to build it with';
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
  throw new SetupError('setup.livekit-server', `There is no livekit-server ${pin.version}. ${why}.`, howToGetLivekit());
}

/** How a person gets a server, in words for this system. */
export function howToGetLivekit() {
  const byHand = `put a livekit-server ${pin.oldestUsable} or newer on PATH (or name it in FIELDROOM_LIVEKIT_SERVER)`;
  const ways = {
    darwin: 'with `brew install livekit`',
    win32: 'from https://github.com/livekit/livekit/releases',
    linux: 'from https://github.com/livekit/livekit/releases',
  };
  return `Install Go ${pin.oldestGo} or newer from https://go.dev/dl/ and start again: livekit-server is then built automatically. Or ${byHand}, ${ways[process.platform] ?? ways.linux}.`;
}

/** Go's names of the systems that programs are built for here. */
export const goSystems = {
  'win32-x64': { GOOS: 'windows', GOARCH: 'amd64' },
  'darwin-x64': { GOOS: 'darwin', GOARCH: 'amd64' },
  'darwin-arm64': { GOOS: 'darwin', GOARCH: 'arm64' },
};

/** Builds the server into the cache, for this system or another one (`win32-x64`). */
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
    // What was built must start on this machine before it counts.
    const version = await versionOf(out);
    if (version === pin.version) return;
    throw new SetupError(
      'setup.go-build',
      `The built livekit-server says version ${version ?? 'nothing'}.`,
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
