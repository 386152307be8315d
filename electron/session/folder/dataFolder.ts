/** Folders around sessions: looked at, never changed. */
import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** The folders in a folder that are neither hidden nor links. @throws what the disk said */
export const foldersIn = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(path, entry.name));

/** Whether anything has this name there. */
export const hasFile = (folder: string, name: string): boolean =>
  lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined;

/** Size and time of what has this name; undefined: nothing has. */
export const glance = (folder: string, name: string): { mtimeMs: number; size: number } | undefined =>
  lstatSync(join(folder, name), { throwIfNoEntry: false });

export const isThere = (folder: string): boolean => existsSync(folder);

/** The folder's path without links, as a person named it. @throws ENOENT and the like */
export const realFolder = (path: string): string => realpathSync(path);
