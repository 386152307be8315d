/** Finds the sessions of a data folder. */

import { foldersIn, hasFile } from '../folder/dataFolder.ts';
import { MANIFEST } from '../format/names.ts';

/** `<data>/<study>/<session>` that have a manifest. Links are not followed. */
export function sessionFolders(dataFolder: string): string[] {
  return foldersIn(dataFolder)
    .flatMap(foldersIn)
    .filter((folder) => hasFile(folder, MANIFEST))
    .sort();
}
