/** Rejects a file whose hash is not the pinned one (in npm's form, `sha512-<base64>`). */
export declare function checkIntegrity(file: string, integrity: string): Promise<void>;
/** Extracts one file of a .tgz to `to`. */
export declare function takeFromTgz(tgz: string, name: string, to: string): Promise<void>;
/** Unpacks the files of a zip for which `rename(name)` returns a relative path. */
export declare function unzip(zip: string, folder: string, rename: (name: string) => string | undefined): Promise<void>;
