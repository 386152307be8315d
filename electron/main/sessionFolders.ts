/** Folders that the window may show: those in the data folder, and sessions elsewhere that the user chose in a dialog. */
import { existsSync, realpathSync } from 'node:fs';
import nodePath, { join } from 'node:path';
import { type BrowserWindow, dialog, shell } from 'electron';
import { fieldroomError } from '../common/errors.ts';
import { isInside } from '../common/insideFolder.ts';
import { folderInside } from './folders.ts';
import { words } from './words.ts';

const REPORT = 'timing.html';

export class SessionFolders {
  readonly #dataFolder: string;
  /** Only for this run. A window cannot name a folder; the user must choose it in a dialog. */
  readonly #chosen = new Set<string>();

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  /** Null: cancelled. */
  async choose(window: BrowserWindow | null): Promise<{ folder: string } | null> {
    const options = {
      title: words['dialog.session.title'],
      defaultPath: this.#dataFolder,
      properties: ['openDirectory' as const],
    };
    const { canceled, filePaths } = window
      ? await dialog.showOpenDialog(window, options)
      : await dialog.showOpenDialog(options);
    const [path] = filePaths;
    if (canceled || path === undefined) return null;
    const folder = realpathSync(path);
    this.#chosen.add(folder);
    return { folder };
  }

  /** The real path of a session's folder, and whether it is outside the data folder. @throws FieldroomError `app.not-a-session` */
  look(folder: string): { real: string; outside: boolean } {
    const isSession = existsSync(join(folder, 'manifest.json')) || existsSync(join(folder, 'session.sqlite'));
    if (!isSession) throw fieldroomError('app.not-a-session', { folder });
    const real = realpathSync(folder);
    return { real, outside: !isInside(realpathSync(this.#dataFolder), real, nodePath) };
  }

  /** The user has agreed to open it. */
  allow(real: string): void {
    this.#chosen.add(real);
  }

  /** @throws FieldroomError `app.folder-missing`, `app.folder-outside`, `app.open-folder` */
  async show(path: string): Promise<void> {
    await open(this.#allowed(path), path, 'The folder');
  }

  /** @throws FieldroomError as `show`, and `app.no-report` */
  async showReport(path: string): Promise<void> {
    const report = join(this.#allowed(path), REPORT);
    if (!existsSync(report)) throw fieldroomError('app.no-report');
    await open(report, report, 'The report');
  }

  /** The real path of a folder that may be shown. */
  #allowed(path: string): string {
    for (const chosen of this.#chosen)
      try {
        return folderInside(chosen, path);
      } catch {
        // Another folder may contain it.
      }
    return folderInside(this.#dataFolder, path);
  }
}

async function open(path: string, shown: string, what: string): Promise<void> {
  const failed = await shell.openPath(path);
  if (failed !== '') throw fieldroomError('app.open-folder', { what, failed, shown });
}
