/** Creates a new session's folder. */
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolderInside } from './files.ts';
import { syncFolder } from './writeWhole.ts';

/** Creates the folder with one folder in it, synced. @throws the disk's error, with the code of the real cause */
export function prepareFolder(folder: string, inner: string): void {
  try {
    const made = mkdirSync(folder, { recursive: true });
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    makeFolderInside(folder, inner);
    syncFolder(folder);
    if (made) syncFolder(dirname(made));
  } catch (cause) {
    throw truthOf(cause, folder);
  }
}

/** Node reports ENOENT for a folder on a read-only disk; the parent folder gives the real error. */
export function truthOf(cause: unknown, folder: string): unknown {
  if ((cause as { code?: unknown }).code !== 'ENOENT') return cause;
  let above = dirname(folder);
  while (!existsSync(above) && dirname(above) !== above) above = dirname(above);
  try {
    accessSync(above, constants.W_OK);
    return cause;
  } catch (truth) {
    return truth;
  }
}
