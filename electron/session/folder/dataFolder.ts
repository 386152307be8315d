/** Read-only access to the folders around sessions. */
import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** The folders in a folder that are neither hidden nor links. @throws the disk's error */
export const foldersIn = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(path, entry.name));

/** Whether anything exists at this path. */
export const hasFile = (folder: string, name: string): boolean =>
  lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined;

/** Size and time of the entry at this path; undefined: none. */
export const glance = (folder: string, name: string): { mtimeMs: number; size: number } | undefined =>
  lstatSync(join(folder, name), { throwIfNoEntry: false });

export const isThere = (folder: string): boolean => existsSync(folder);

/** Resolves links in a path given by a person. @throws ENOENT and the like */
export const realFolder = (path: string): string => realpathSync(path);
