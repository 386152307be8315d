/**
 * Whether Fieldroom is started when the user logs in. Windows and macOS keep it themselves; on Linux it is a file of the
 * user (freedesktop.org, Desktop Application Autostart Specification 0.5), so that is what remembers it.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface AutoStart {
  /** Whether it is started now. */
  readonly on: boolean;
  /** @throws Error of the system when the file cannot be written */
  set(on: boolean): void;
}

/** The part of Electron's `app` that the systems' own list needs. */
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

/** Where Linux desktops look. @param env `XDG_CONFIG_HOME` when it is absolute, as the specification says */
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
  // The app may have been moved since: another version of an AppImage lies elsewhere.
  if (isOn(file) && readFileSync(file, 'utf8') !== desktopEntry(command)) write();
  return {
    get on() {
      return isOn(file);
    },
    set: (on) => (on ? write() : rmSync(file, { force: true })),
  };
}

/** Desktops switch an entry off by writing `Hidden` into it. */
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
 * An argument in quotes as Exec lines want it (Desktop Entry Specification 1.5, "The Exec key"): a backslash before what a
 * quote does not cover, all backslashes once more because the value is a string, and `%` doubled.
 */
const quoted = (argument: string): string =>
  `"${argument
    .replace(/["`$\\]/g, '\\$&')
    .replace(/\\/g, '\\\\')
    .replace(/%/g, '%%')}"`;
