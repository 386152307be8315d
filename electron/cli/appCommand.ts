/** How the command line starts the app: from a clone with the Electron that set-up installed, from a packed app with the Electron in it. */
import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { isDisplayMissing } from '../../native/display.mjs';
import { fieldroomError } from '../common/errors.ts';

const HERE = fileURLToPath(new URL('../../', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('./headless.entry.ts', import.meta.url));
/** The folder of a packed app that contains this file (electron-builder.yml, asarUnpack). */
const UNPACKED = `${sep}app.asar.unpacked${sep}`;

export interface AppCommand {
  command: string;
  args: string[];
}

export interface AppPlace {
  /** The folder that contains `electron/`, with a trailing separator. */
  here: string;
  platform: NodeJS.Platform;
  /** The Electron that the set-up found. */
  electron: string | undefined;
  exists: (path: string) => boolean;
}

/** The Electron program and its first arguments. @throws FieldroomError `app.no-electron` */
export function findApp({ here, platform, electron, exists }: AppPlace): AppCommand {
  if (here.endsWith(UNPACKED)) {
    // resources/app.asar.unpacked/ beside resources/app.asar
    const top = dirname(dirname(here));
    const names = {
      win32: join(top, 'Fieldroom.exe'),
      darwin: join(top, 'MacOS', 'Fieldroom'),
      linux: join(top, 'fieldroom'),
    };
    const command = names[platform as keyof typeof names] ?? names.linux;
    if (exists(command)) return { command, args: [] };
  } else if (electron) return { command: electron, args: [here] };
  throw fieldroomError('app.no-electron');
}

/** The whole command line; on a machine without a display it also starts a virtual one for the app. */
export function appCommand(args: readonly string[]): AppCommand {
  const app = findApp({
    here: HERE,
    platform: process.platform,
    electron: process.env.FIELDROOM_ELECTRON,
    exists: existsSync,
  });
  const all = [...chromiumSwitches(), ...app.args, ...args];
  return isDisplayMissing()
    ? { command: process.execPath, args: [LAUNCHER, app.command, ...all] }
    : { command: app.command, args: all };
}

/** Chromium switches that this machine needs. */
export function chromiumSwitches(): string[] {
  const root = process.platform === 'linux' && process.getuid?.() === 0;
  // Chromium's sandbox refuses to run as root; the renderers keep every other restriction.
  return root ? ['--no-sandbox', '--disable-gpu'] : [];
}
