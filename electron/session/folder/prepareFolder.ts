/** Making a new session's folder. */
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolderInside } from './files.ts';
import { syncFolder } from './writeWhole.ts';

/** Makes the folder with one folder in it, synced. @throws what the disk said, with the code of the real reason */
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

/** Node says ENOENT for a folder that cannot be made on a read-only disk; the folder above knows better. */
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
