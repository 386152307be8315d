/** The root folder of the Debian with Wine. */
export declare const wineRoot: () => string;
/** The folder whose `node_modules` contains the packages and Node for Windows. */
export declare const windowsPackages: () => string;
export declare const windowsLivekit: () => string;
export declare const windowsBridge: () => string;
/** Why Wine cannot be installed on this machine; undefined: it can. */
export declare function whyNoWine(): string | undefined;
export declare const wineIsThere: () => boolean;
export declare const wineEnvironment: Record<string, string>;
