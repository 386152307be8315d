/** The real app under Playwright, with a fresh data folder for each start. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { FieldroomBridge } from '../../electron/common/ipc.ts';

declare global {
  interface Window {
    readonly fieldroom?: FieldroomBridge;
  }
}

const ROOT = resolve(import.meta.dirname, '../..');

/** Fake cameras and microphones; our own permission handler answers, not a switch. */
export const FAKE_DEVICES = '--use-fake-device-for-media-stream=device-count=3,fps=30';

export interface RunningApp {
  app: ElectronApplication;
  operator: Page;
  capture: Page;
  dataFolder: string;
  /** Closes the app and removes its data. */
  close(): Promise<void>;
  mainLog(): { level: string; message: string }[];
}

/** The Electron runtime to use: an override, or the one of the package. */
function electronPath(): string | undefined {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  return (
    process.env.FIELDROOM_ELECTRON ??
    (folder === undefined ? undefined : join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron'))
  );
}

/** Switches for build machines that a user's machine does not need. */
const MACHINE_SWITCHES =
  process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : ['--disable-gpu'];

/** The app as a plain child process, without Playwright. */
export function appCommand(args: string[]): { command: string; args: string[] } {
  const command = electronPath();
  if (command === undefined) throw new Error('no Electron runtime configured: run this through `npm test`');
  return { command, args: [...MACHINE_SWITCHES, ROOT, ...args] };
}

export async function launch({
  args = [],
  env = {},
  dataFolder = mkdtempSync(join(tmpdir(), 'fieldroom-app-')),
}: {
  args?: string[];
  env?: Record<string, string>;
  dataFolder?: string;
} = {}): Promise<RunningApp> {
  const executablePath = electronPath();
  const options = {
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [...MACHINE_SWITCHES, ROOT, '--data', dataFolder, ...args],
    cwd: ROOT,
    env: { ...inherited(), FIELDROOM_CHROMIUM_SWITCHES: FAKE_DEVICES, ...env },
  };
  // Playwright's connection to a running app sometimes hangs: a start takes three seconds, or ten on a busy machine.
  const app = await _electron
    .launch({ ...options, timeout: 20_000 })
    .catch(() => _electron.launch({ ...options, timeout: 60_000 }));
  app.context().setDefaultTimeout(60_000);
  const pages = await both(app);
  return {
    app,
    ...pages,
    dataFolder,
    mainLog: () => readLog(dataFolder),
    close: async () => {
      // Nobody can answer the question that a running recording asks.
      await app
        .evaluate(({ dialog }) => {
          dialog.showMessageBox = (() =>
            Promise.resolve({ response: 1, checkboxChecked: false })) as typeof dialog.showMessageBox;
        })
        .catch(() => undefined);
      await app.close().catch(() => undefined);
      const faults = readLog(dataFolder).filter(({ message }) => /^(?:uncaught|unhandled)/.test(message));
      rmSync(dataFolder, { recursive: true, force: true });
      if (faults.length > 0) throw new Error(`main threw: ${JSON.stringify(faults)}`);
    },
  };
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function both(app: ElectronApplication): Promise<{ operator: Page; capture: Page }> {
  return { operator: await pageOf(app, 'operator.html'), capture: await pageOf(app, 'capture.html') };
}

export async function pageOf(app: ElectronApplication, file: string): Promise<Page> {
  const deadlineMs = Date.now() + 30_000;
  while (Date.now() < deadlineMs) {
    const page = app.windows().find((window) => window.url().endsWith(file));
    if (page) return page;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(
    `no window showed ${file}; there are: ${app
      .windows()
      .map((window) => window.url())
      .join(', ')}`,
  );
}

function readLog(dataFolder: string): { level: string; message: string }[] {
  const file = join(dataFolder, '.fieldroom', 'logs', 'main.log');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string; message: string });
}
