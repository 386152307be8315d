/** The data folder: created if missing, tested for writing. Windows may open only folders inside it. */
import { mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import nodePath, { join } from 'node:path';
import { fieldroomError } from '../common/errors.ts';
import { isInside } from '../common/insideFolder.ts';

/** @throws FieldroomError `app.data-folder` when it is not writable */
export function prepareFolders(dataFolder: string, own: readonly string[]): void {
  try {
    // It contains tokens and window state: accessible to this user only.
    mkdirSync(join(dataFolder, '.fieldroom'), { recursive: true, mode: 0o700 });
    for (const folder of own) mkdirSync(folder, { recursive: true });
    const probe = join(dataFolder, '.fieldroom', `.probe-${process.pid}`);
    writeFileSync(probe, 'ok');
    rmSync(probe);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const full = code === 'ENOSPC';
    throw full
      ? fieldroomError('app.data-folder:full', { dataFolder }, { cause })
      : fieldroomError('app.data-folder', { dataFolder, code: code ?? String(cause) }, { cause });
  }
}

/** The real path of a folder in the data folder. @throws FieldroomError `app.folder-outside` */
export function folderInside(dataFolder: string, path: string): string {
  let real: string;
  let root: string;
  try {
    root = realpathSync(dataFolder);
    real = realpathSync(path);
  } catch (cause) {
    throw fieldroomError('app.folder-missing', { path }, { cause });
  }
  if (!isInside(root, real, nodePath) || !statSync(real).isDirectory()) {
    throw fieldroomError('app.folder-outside');
  }
  return real;
}
