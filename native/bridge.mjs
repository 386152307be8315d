// The bridge to the live room, built from our Go sources in bridge/ and the same Go modules as livekit-server.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { intoCache } from './electronRuntime.mjs';
import { goSystems } from './livekitServer.mjs';
import { cacheFolder, onPath, root, target } from './locate.mjs';
import { runTool, withProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

const moduleFolder = join(root, 'native');

/** The program named by the environment, or the built one; undefined if there is neither. Runs nothing. */
export function findBridge(env = process.env) {
  const named = env.FIELDROOM_BRIDGE;
  if (named && existsSync(named)) return { from: 'FIELDROOM_BRIDGE', executable: named };
  const executable = bridgeExecutable(env);
  return existsSync(executable) ? { from: 'built from native/bridge', executable } : undefined;
}

/** Builds it. @throws {SetupError} `setup.bridge` without Go */
export async function installBridge() {
  const go = onPath('go');
  if (!go) throw new SetupError('setup.bridge', 'Building the bridge to the live room requires Go.', howToGetBridge());
  await withProgress('bridge: building (a minute, once)', (note) => buildBridge(go, target, note));
  return findBridge();
}

export const howToGetBridge = () =>
  'Install Go from go.dev and start again; the bridge is then built automatically. Or set FIELDROOM_BRIDGE to a built bridge.';

/** Builds it into the cache, for this system or another (`win32-x64`). */
export async function buildBridge(go, of, note) {
  const foreign = of !== target;
  const built = bridgeExecutable(process.env, of);
  await intoCache(dirname(built), async (temporary) => {
    const out = join(temporary, basename(built));
    await runTool(go, ['build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-v', '-o', out, './bridge'], {
      cwd: moduleFolder,
      env: {
        ...process.env,
        CGO_ENABLED: '0',
        GOWORK: 'off',
        GOFLAGS: '-buildvcs=false',
        ...(foreign ? goSystems[of] : { GOOS: '', GOARCH: '' }),
      },
      note,
      code: 'setup.go-build',
      nextStep: howToGetBridge(),
    });
    if (!foreign) await runTool(out, ['--version'], { code: 'setup.go-build', nextStep: howToGetBridge() });
  });
}

/** The folder depends on the sources, so changed sources are built again and an older clone keeps its own build. */
export function bridgeExecutable(env = process.env, of = target) {
  const hash = createHash('sha256');
  for (const file of sources()) hash.update(file).update(readFileSync(join(moduleFolder, file)));
  const folder = join(cacheFolder(env), `bridge-${hash.digest('hex').slice(0, 12)}-${of}`);
  return join(folder, `fieldroom-bridge${of.startsWith('win32') ? '.exe' : ''}`);
}

function sources() {
  const files = readdirSync(join(moduleFolder, 'bridge'), { recursive: true })
    .map((name) => join('bridge', name).replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'));
  return ['go.mod', 'go.sum', ...files.sort()];
}
