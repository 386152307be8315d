export declare const TARGETS: readonly string[];
export declare function pinnedBinaries(): Record<string, string>;
export declare function binariesIn(modules: string): Promise<Record<string, string>>;
/** The systems a binary is for. */
export declare function targetOf(path: string): string[];
export declare function checkBinaries(modules: string, target: string): Promise<void>;
