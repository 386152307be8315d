/** Paths of the app's parts: in a clone in its source folders, in a packed app in its resources. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface AppPaths {
  /** The shipped Node runtime, which runs the engine. */
  node: string;
  engineEntry: string;
  /** Runs the app on a virtual display (electron/cli/headless.entry.ts). */
  headlessEntry: string;
  /** Working folder of the engine. */
  engineFolder: string;
  /** Null: the engine finds one. */
  livekitServer: string | null;
  /** Null: nothing is published to the live room or recorded from it. */
  bridge: string | null;
  preload: string;
  /** The built pages. */
  rendererFolder: string;
  icon: string;
}

export interface PathContext {
  packaged: boolean;
  /** `app.getAppPath()`: the clone, or the archive of the packed app. */
  appPath: string;
  resourcesPath: string;
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
}

/** A packed app ignores environment variables, so that it runs only the programs shipped with it. */
export function findPaths({ packaged, appPath, resourcesPath, platform, env }: PathContext): AppPaths {
  const exe = platform === 'win32' ? '.exe' : '';
  const built = {
    preload: join(appPath, 'out/preload/preload.entry.js'),
    rendererFolder: join(appPath, 'out/renderer'),
  };
  if (packaged) {
    // Plain Node cannot read an asar archive (electron-builder.yml, asarUnpack).
    const engineFolder = join(resourcesPath, 'app.asar.unpacked');
    return {
      ...built,
      node: join(engineFolder, 'node_modules/node/bin', `node${exe}`),
      engineEntry: join(engineFolder, 'electron/engine/engine.entry.ts'),
      headlessEntry: join(engineFolder, 'electron/cli/headless.entry.ts'),
      engineFolder,
      livekitServer: join(resourcesPath, 'bin', `livekit-server${exe}`),
      bridge: join(resourcesPath, 'bin', `fieldroom-bridge${exe}`),
      icon: join(resourcesPath, 'icons/icon.png'),
    };
  }
  const named = (path: string | undefined): string | null => (path !== undefined && existsSync(path) ? path : null);
  return {
    ...built,
    node: env.FIELDROOM_NODE ?? join(appPath, 'node_modules/node/bin', `node${exe}`),
    engineEntry: env.FIELDROOM_ENGINE ?? join(appPath, 'electron/engine/engine.entry.ts'),
    headlessEntry: join(appPath, 'electron/cli/headless.entry.ts'),
    engineFolder: appPath,
    livekitServer: named(env.FIELDROOM_LIVEKIT_SERVER),
    bridge: named(env.FIELDROOM_BRIDGE),
    icon: join(appPath, 'resources/icons/icon.png'),
  };
}

/** Folders inside the data folder that belong to the app, not to a study. */
export const ownFolders = (dataFolder: string): { userData: string; logs: string; compiled: string } => ({
  // Per data folder, so that each data folder has its own single instance and two can run side by side.
  userData: join(dataFolder, '.fieldroom', 'electron'),
  logs: join(dataFolder, '.fieldroom', 'logs'),
  compiled: join(dataFolder, '.fieldroom', 'compiled'),
});
