/** The data folder: made if missing, tried for writing, and the only place whose folders a window may open. */
import { mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { FieldroomError } from '../common/errors.ts';

/** @throws FieldroomError `app.data-folder` when nothing can be written there */
export function prepareFolders(dataFolder: string, own: readonly string[]): void {
  try {
    // Tokens and window state lie there: for this user alone.
    mkdirSync(join(dataFolder, '.fieldroom'), { recursive: true, mode: 0o700 });
    for (const folder of own) mkdirSync(folder, { recursive: true });
    const probe = join(dataFolder, '.fieldroom', `.probe-${process.pid}`);
    writeFileSync(probe, 'ok');
    rmSync(probe);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const full = code === 'ENOSPC';
    throw new FieldroomError(
      'app.data-folder',
      full
        ? `The disk of the data folder ${dataFolder} is full.`
        : `The data folder ${dataFolder} cannot be written (${code ?? String(cause)}).`,
      {
        nextStep: full
          ? 'Free some space there, or choose another folder with --data.'
          : 'Choose a folder of your own with --data, or ask for the right to write there.',
        cause,
      },
    );
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
    throw new FieldroomError('app.folder-missing', `The folder ${path} is not there.`, { cause });
  }
  if ((real !== root && !real.startsWith(root + sep)) || !statSync(real).isDirectory()) {
    throw new FieldroomError('app.folder-outside', 'Only folders of the data folder can be opened from here.');
  }
  return real;
}
