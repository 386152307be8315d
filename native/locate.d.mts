/** An Electron that can be started. */
export interface FoundElectron {
  /** Where it came from, as display text. */
  from: string;
  version: string | undefined;
  /** The folder of the runtime. */
  dist: string;
  executable: string;
}

export interface FoundLivekit {
  from: string;
  version: string | undefined;
  executable: string;
}

/** The clone's folder. */
export declare const root: string;
export declare const nodeVersion: string;
/** The version of the official Electron; the fallback's is older. */
export declare const electronVersion: string;
/** The path of the pinned Node, which may not be installed yet. */
export declare const nodeExecutable: string;
export declare function cacheFolder(env?: NodeJS.ProcessEnv): string;
export declare function findElectron(env?: NodeJS.ProcessEnv): FoundElectron | undefined;
/** The server named by FIELDROOM_LIVEKIT_SERVER, or the one built in the cache. */
export declare function findPinnedLivekit(env?: NodeJS.ProcessEnv): FoundLivekit | undefined;
/** The first executable of that name on PATH, outside this clone. */
export declare function onPath(name: string, env?: NodeJS.ProcessEnv): string | undefined;
export declare function executableIn(distFolder: string): string;
