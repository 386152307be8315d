import { readFileSync } from 'node:fs';

/** The version of package.json, which is two folders up in the clone and beside the bundle in the app. */
export const VERSION = readVersion();

function readVersion(): string {
  for (const path of ['../../package.json', './package.json', '../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (name === 'fieldroom' && version) return version;
    } catch {
      // Not found here: try the next folder.
    }
  }
  return 'unknown';
}
