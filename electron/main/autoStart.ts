/**
 * Starts Fieldroom when the user logs in. Windows and macOS store this setting; on Linux it is a file in the user's
 * configuration folder (freedesktop.org, Desktop Application Autostart Specification 0.5).
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface AutoStart {
  /** Whether automatic start is on. */
  readonly on: boolean;
  /** @throws the system's Error when the file cannot be written */
  set(on: boolean): void;
}

/** The part of Electron's `app` that manages login items. */
interface LoginItems {
  getLoginItemSettings(): { openAtLogin: boolean };
  setLoginItemSettings(settings: { openAtLogin: boolean }): void;
}

export const systemAutoStart = (app: LoginItems): AutoStart => ({
  get on() {
    return app.getLoginItemSettings().openAtLogin;
  },
  set: (on) => app.setLoginItemSettings({ openAtLogin: on }),
});

/** The file that Linux desktops read. @param env its `XDG_CONFIG_HOME` is used if absolute, as the specification says */
export function autoStartFile(home: string, env: Readonly<Record<string, string | undefined>>): string {
  const own = env.XDG_CONFIG_HOME ?? '';
  return join(own.startsWith('/') ? own : join(home, '.config'), 'autostart', 'fieldroom.desktop');
}

/** @param command the program and its arguments */
export function xdgAutoStart(file: string, command: readonly string[]): AutoStart {
  const write = (): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, desktopEntry(command));
  };
  // The app may have been moved: each version of an AppImage has its own path.
  if (isOn(file) && readFileSync(file, 'utf8') !== desktopEntry(command)) write();
  return {
    get on() {
      return isOn(file);
    },
    set: (on) => (on ? write() : rmSync(file, { force: true })),
  };
}

/** Desktops disable an entry by writing `Hidden` into it. */
const isOn = (file: string): boolean => existsSync(file) && !/^Hidden=true$/m.test(readFileSync(file, 'utf8'));

const desktopEntry = (command: readonly string[]): string =>
  `${[
    '[Desktop Entry]',
    'Type=Application',
    'Name=Fieldroom',
    'Comment=Records classrooms',
    `Exec=${command.map(quoted).join(' ')}`,
    'Terminal=false',
  ].join('\n')}\n`;

/**
 * Quotes an argument for an Exec line (Desktop Entry Specification 1.5, "The Exec key"): a backslash before characters that
 * quotes do not protect, all backslashes doubled because the value is a string, and `%` doubled.
 */
const quoted = (argument: string): string =>
  `"${argument
    .replace(/["`$\\]/g, '\\$&')
    .replace(/\\/g, '\\\\')
    .replace(/%/g, '%%')}"`;
