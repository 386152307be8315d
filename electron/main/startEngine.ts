/** How this app starts the engine: program, environment and hello message. */
import type { AppArguments } from './arguments.ts';
import type { EngineCommand } from './engineChild.ts';
import type { EngineHello } from './engineProtocol.ts';
import { withoutRequest } from './openRequest.ts';
import type { AppPaths } from './paths.ts';

/** Without a limit, V8 reserves 100 MB and more for young objects during a long recording. */
const ENGINE_FLAGS = ['--max-semi-space-size=4'];

/** @param cacheFolder private to this user: for Node's compile cache, which halves the restart time after a crash */
export function engineCommand(paths: AppPaths, env: NodeJS.ProcessEnv, cacheFolder: string): EngineCommand {
  return {
    node: paths.node,
    args: [...ENGINE_FLAGS, paths.engineEntry],
    cwd: paths.engineFolder,
    env: { ...cleanEnvironment(env), NODE_COMPILE_CACHE: cacheFolder },
  };
}

export function engineHello(paths: AppPaths, { dataFolder }: AppArguments, logFolder: string): EngineHello {
  return {
    dataFolder,
    logFolder,
    livekitServer: paths.livekitServer,
    bridge: paths.bridge,
    deviceHost: true,
    parent: 'main',
    app: {
      ...restartCommand(paths, process.execPath, withoutRequest(process.argv.slice(1), process.cwd()), process.env),
      cwd: process.cwd(),
      env: ownEnvironment(process.env),
    },
  };
}

/** An app on a virtual display is restarted with a new display, because the old one may have died. */
export function restartCommand(
  { node, headlessEntry }: AppPaths,
  app: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): { command: string; args: string[] } {
  return env.FIELDROOM_VIRTUAL_DISPLAY === '1'
    ? { command: node, args: [headlessEntry, app, ...args] }
    : { command: app, args: [...args] };
}

const FOREIGN =
  /^(?:ELECTRON_|CHROME_|NODE_OPTIONS$|NODE_PATH$|FIELDROOM_HANDSHAKE$|FIELDROOM_CHROMIUM_SWITCHES$|VITE_)/;

/** The environment without Electron's and the handshake's variables, and without options that would change the shipped Node. */
function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !FOREIGN.test(name)));
}

/** Variables that the engine does not get but a restarted app needs; a restarted app sends no handshake. */
function ownEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        FOREIGN.test(entry[0]) && entry[0] !== 'FIELDROOM_HANDSHAKE' && entry[1] !== undefined,
    ),
  );
}
