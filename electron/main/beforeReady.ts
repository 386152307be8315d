/** Start-up steps before Electron is ready: command line, folders, single instance, Chromium's switches, the scheme. */
import { homedir } from 'node:os';
import { app, dialog } from 'electron';
import { fieldroomError, reportOf } from '../common/errors.ts';
import { registerAppScheme } from './appProtocol.ts';
import { type AppArguments, parseArguments } from './arguments.ts';
import { prepareFolders } from './folders.ts';
import { shakeHands } from './handshake.ts';
import { type Log, openLog } from './log.ts';
import { type AppPaths, findPaths, ownFolders } from './paths.ts';
import { chromiumSwitches } from './switches.ts';

export interface Start {
  args: AppArguments;
  paths: AppPaths;
  userData: string;
  logFolder: string;
  log: Log;
  /** Address of Vite's server in development. */
  devServer: string | undefined;
}

/** The start parameters, or null: the error was shown and the app quits. */
export function beforeReady(): Start | null {
  let hidden = process.argv.includes('--hidden');
  try {
    const args = parseArguments(process.argv.slice(1), { home: homedir(), cwd: process.cwd() });
    hidden = args.hidden;
    const { userData, logs } = ownFolders(args.dataFolder);
    prepareFolders(args.dataFolder, [userData, logs]);
    app.setPath('userData', userData);
    app.setPath('sessionData', userData);
    if (!app.requestSingleInstanceLock()) {
      throw fieldroomError('app.already-running', { dataFolder: args.dataFolder });
    }
    prepareChromium();
    takeLinks();
    const paths = findPaths({
      packaged: app.isPackaged,
      appPath: app.getAppPath(),
      resourcesPath: process.resourcesPath,
      platform: process.platform,
      env: process.env,
    });
    const devServer = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL;
    return { args, paths, userData, logFolder: logs, log: openLog(logs), devServer };
  } catch (error) {
    giveUp(error, hidden);
    return null;
  }
}

/** Registers the app for links on Windows; on macOS and Linux its package does. */
function takeLinks(): void {
  if (app.isPackaged && process.platform === 'win32') app.setAsDefaultProtocolClient('fieldroom');
}

function prepareChromium(): void {
  registerAppScheme();
  // With `--no-sandbox` (root on a build machine) Chromium cannot start its services after this call; the windows request
  // the sandbox themselves in any case.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  const extra = app.isPackaged ? undefined : process.env.FIELDROOM_CHROMIUM_SWITCHES;
  for (const [name, value] of chromiumSwitches(extra)) {
    if (value === undefined) app.commandLine.appendSwitch(name);
    else app.commandLine.appendSwitch(name, value);
  }
}

/** Reports an error to the program that started the app, on the terminal, or in an error box. */
export function giveUp(error: unknown, quietly: boolean): void {
  const report = reportOf(error);
  process.stderr.write(`${report.message}${report.nextStep === undefined ? '' : ` ${report.nextStep}`}\n`);
  shakeHands({ type: 'failed', error: report });
  const speaks = !quietly && report.code !== 'app.already-running' && process.env.FIELDROOM_HANDSHAKE === undefined;
  if (speaks) dialog.showErrorBox('Fieldroom', `${report.message}\n${report.nextStep ?? ''}`);
  app.exit(1);
}
