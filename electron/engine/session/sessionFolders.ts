import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** `<data>/<study>/<session>` that hold a manifest. */
export function sessionFolders(dataFolder: string): string[] {
  const folders = (path: string): string[] =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => join(path, entry.name));
  return folders(dataFolder)
    .flatMap(folders)
    .filter((folder) => existsSync(join(folder, 'manifest.json')))
    .sort();
}
