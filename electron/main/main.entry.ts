/** Electron's main process, as a list of start-up steps. It owns windows, power and permissions; the engine does the rest. */
import { app, powerSaveBlocker, safeStorage, session } from 'electron';
import { FieldroomError, reportOf } from '../common/errors.ts';
import { ipcChannel } from '../common/ipc.ts';
import {
  ApplianceMonitor,
  attend,
  doorClient,
  isHealthy,
  isRecordingState,
  isThere,
  WORK_WITHIN_MS,
} from './applianceMonitor.ts';
import { serveApp } from './appProtocol.ts';
import { autoStartFile, systemAutoStart, xdgAutoStart } from './autoStart.ts';
import { beforeReady, giveUp, type Start } from './beforeReady.ts';
import { Bluetooth } from './bluetooth.ts';
import { choosePath } from './choosePath.ts';
import { DoorStatus } from './doorStatus.ts';
import { EngineSupervisor } from './engineSupervisor.ts';
import { shakeHands } from './handshake.ts';
import { registerIpc } from './ipcRouter.ts';
import { KeyStore } from './keyStore.ts';
import { KitRestorer } from './kitRestorer.ts';
import { chooseKit, exportKit, folderOfKit, grantOf } from './kits.ts';
import { setMenu } from './menu.ts';
import { Opening } from './opening.ts';
import { type OpenRequest, openRequestOf, parseFile, parseLink } from './openRequest.ts';
import { ownFolders } from './paths.ts';
import { Quitting } from './quitting.ts';
import { takeRecordShortcut } from './recordShortcut.ts';
import { isCapturePage } from './rules.ts';
import { Screens } from './screens.ts';
import { secureContents, secureSession } from './security.ts';
import { SessionFolders } from './sessionFolders.ts';
import { SleepBlocker } from './sleepBlocker.ts';
import { engineCommand, engineHello } from './startEngine.ts';
import { watchStarter } from './starterMonitor.ts';
import { TrayIcon } from './trayIcon.ts';
import { Windows } from './windows.ts';

// macOS hands files and links over as events, the first of them before the app is ready.
const early: OpenRequest[] = [];
let onRequest = (request: OpenRequest): void => void early.push(request);
app.on('open-file', (event, path) => {
  event.preventDefault();
  const request = parseFile(path);
  if (request) onRequest(request);
});
app.on('open-url', (event, link) => {
  event.preventDefault();
  onRequest(parseLink(link));
});

const start = beforeReady();
if (start) void app.whenReady().then(() => run(start));

async function run({ args, paths, userData, logFolder, log, devServer }: Start): Promise<void> {
  // Electron's default is a modal box that stops everything, including a recording.
  for (const fault of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(fault, (error: unknown) =>
      log('error', fault, { error: error instanceof Error ? error.stack : String(error) }),
    );
  log('info', 'app started', {
    version: app.getVersion(),
    electron: process.versions.electron,
    dataFolder: args.dataFolder,
    hidden: args.hidden,
  });

  const keeper = new DoorStatus(
    (window, door) => windows.send(window, ipcChannel('doorChanged'), door),
    (problems) => windows.send('operator', ipcChannel('problemsChanged'), problems),
  );
  const kits = new KitRestorer({ userData, kitFile: args.kitFile, remember: !args.hidden });
  const power = new SleepBlocker(powerSaveBlocker);
  let tray: TrayIcon | null = null;
  const watch = new ApplianceMonitor((state) => {
    tray?.tell(isRecordingState(watch.state));
    power.keepAwake(isRecordingState(watch.state));
    kits.seen(state?.kit?.path);
    // The window was closed during the recording; now that the recording has ended, quit.
    if (state && !watch.recording && !args.hidden && windows.operatorHidden)
      void quitting.end('the recording ended behind a closed window');
  });

  let settleFirst: () => void = () => undefined;
  const firstReady = new Promise<void>((resolve) => {
    settleFirst = resolve;
  });
  const engine = new EngineSupervisor({
    command: engineCommand(paths, process.env, ownFolders(args.dataFolder).compiled),
    hello: engineHello(paths, args, logFolder),
    log,
    isHealthy,
    isThere,
    mayEnd: () => !watch.recording,
    onReady: (ready) => {
      keeper.opened(ready);
      const door = { url: ready.url, token: ready.tokens.operator };
      watch.watch(door);
      if (ready.adopted) void attend(door, log);
      void keys
        .bring(ready)
        .catch((error: unknown) =>
          log('error', 'destination keys were not sent to the recorder', { code: reportOf(error).code }),
        );
      void kits
        .bring(ready)
        .then(() => keeper.trouble('kit', null))
        .catch((error: unknown) => keeper.trouble('kit', reportOf(error)))
        .finally(() => settleFirst());
    },
    onTrouble: (trouble) => {
      keeper.trouble('engine', trouble);
      // A hidden app has no window for errors; report to the program that started it.
      if (trouble && args.hidden && engine.neverReady) giveUp(FieldroomError.from(trouble), true);
    },
  });

  const keys = new KeyStore({ userData, safe: safeStorage, platform: process.platform, ready: () => engine.ready });
  const windows: Windows = new Windows({
    preload: paths.preload,
    icon: paths.icon,
    userData,
    log,
    isRecording: () => watch.recording,
    onOperatorClosed: () => void (args.hidden ? undefined : quitting.request()),
  });
  const quitting = new Quitting({ windows, engine, watch, log, hidden: args.hidden });
  quitting.listen();
  // Only once the engine is running: a recording must be stopped, or the engine would restart this app.
  void firstReady.then(() => watchStarter(process.env, () => void quitting.abandoned()));
  if (!args.hidden) {
    tray = new TrayIcon({
      icon: paths.icon,
      show: () => windows.showOperator(),
      quit: () => void quitting.request(),
      log,
    });
    takeRecordShortcut({
      recording: () => watch.recording,
      start: async () => {
        const ready = engine.ready;
        if (ready)
          await doorClient({ url: ready.url, token: ready.tokens.operator }, WORK_WITHIN_MS).call('session.start', {});
      },
      askToStop: () => {
        windows.showOperator();
        windows.send('operator', ipcChannel('stopAsked'), {});
      },
      log,
    });
  }
  app.on('second-instance', (_, argv, cwd) => {
    const quietly = args.hidden || argv.includes('--hidden');
    if (quietly || !quitting.startAgain()) windows.showOperator();
    const request = openRequestOf(argv.slice(1), cwd);
    if (request) onRequest(request);
  });
  app.on('activate', () => windows.showOperator());

  const autoStart =
    process.platform === 'linux'
      ? xdgAutoStart(autoStartFile(app.getPath('home'), process.env), startCommand())
      : systemAutoStart(app);
  const folders = new SessionFolders(args.dataFolder);
  if (!args.hidden) {
    const opening = new Opening({ windows, engine, watch, folders, ready: firstReady, log });
    onRequest = (request) => void opening.open(request);
    for (const request of [...early.splice(0), ...(args.open ? [args.open] : [])]) onRequest(request);
  }
  const windowOf = windows.windowOf.bind(windows);
  const screens = new Screens(log);
  secureSession(session.defaultSession, { windowOf, devServer, log });
  const bluetooth = new Bluetooth({
    windowOf,
    log,
    found: (devices) => windows.send('capture', ipcChannel('bluetoothFound'), devices),
  });
  secureContents(log, bluetooth);
  bluetooth.answerPairing(session.defaultSession);
  screens.answerRequests(session.defaultSession, isCapturePage);
  serveApp(session.defaultSession, paths.rendererFolder, devServer);
  registerIpc(
    {
      door: (_, window) => keeper.door(window),
      problems: () => keeper.problems,
      openFolder: async ({ path }) => {
        await folders.show(path);
        return {};
      },
      chooseSession: () => folders.choose(windows.operator),
      openReport: async ({ folder }) => {
        await folders.showReport(folder);
        return {};
      },
      chooseKit: async () => {
        const chosen = await chooseKit(windows.operator, folderOfKit(watch.state?.kit?.path ?? null, args.dataFolder));
        return chosen && { ...chosen, grant: grantOf(chosen.path, engine.ready?.grantKey ?? '') };
      },
      exportKit: ({ kit }) => exportKit(windows.operator, kit, args.dataFolder),
      autoStart: ({ on }) => {
        if (on !== undefined) autoStart.set(on);
        return { on: autoStart.on };
      },
      keyPlace: () => keys.place(),
      keepKeys: (input) => keys.keep(input.id, input.keys),
      choosePath: ({ what }) => choosePath(windows.operator, what),
      chooseScreen: ({ name }, _, contents) => screens.choose(name, contents),
      screenNames: () => screens.names(),
      searchBluetooth: async (_, __, contents) => {
        await bluetooth.search(contents);
        return {};
      },
      pickBluetooth: ({ deviceId }) => {
        bluetooth.pick(deviceId);
        return {};
      },
    },
    windowOf,
    log,
  );

  setMenu();
  engine.start();
  if (!args.hidden) windows.showOperator();
  await Promise.all([windows.openCapture(), firstReady]);
  const ready = engine.ready;
  const problem = keeper.problems[0];
  if (args.hidden && problem) giveUp(FieldroomError.from(problem), true);
  else if (ready)
    shakeHands({ type: 'ready', url: ready.url, token: ready.tokens.operator, dataFolder: args.dataFolder });
}

/** The command that restarts this app: an AppImage is mounted at a new path each time, and from source Electron needs the app's path. */
const startCommand = (): string[] =>
  process.env.APPIMAGE ? [process.env.APPIMAGE] : [process.execPath, ...(app.isPackaged ? [] : [app.getAppPath()])];
