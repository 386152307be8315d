/** The two windows: the visible operator window and the hidden capture window. Both are sandboxed and load only our own pages. */
import { setTimeout as sleep } from 'node:timers/promises';
import { app, BrowserWindow, nativeTheme, screen, type WebContents, type WebPreferences } from 'electron';
import type { WindowName } from '../common/ipc.ts';
import type { Log } from './log.ts';
import { rehearsalArguments } from './rehearsal.ts';
import { APP_HOST_ORIGIN } from './rules.ts';
import { keepBounds, openingBounds, readBounds, SMALLEST } from './windowBounds.ts';

export interface WindowsOptions {
  preload: string;
  icon: string;
  userData: string;
  log: Log;
  /** True during a recording: closing the operator window only hides it. */
  isRecording(): boolean;
  /** The operator window was closed for good. */
  onOperatorClosed(): void;
}

/**
 * While V8 sweeps its C++ heap on another thread, the waiting worker polls without a pause (v8/src/heap/cppgc/sweeper.cc
 * reposts its task; seen in Chromium 130). On a machine whose encoders keep every thread busy it polled 20,000 times a
 * second, and the cameras lost a quarter of their frames. The capture worker's heap is small, so it sweeps on its own
 * thread instead.
 */
const CAPTURE_ARGUMENTS = ['--js-flags=--single-threaded-gc'];
/** After this many crashes in a row the capture window is restarted more slowly. */
const RECREATE_MS = [100, 500, 2000, 5000];
const STEADY_MS = 30_000;
/** A window that does not respond for this long is killed and created again. */
const UNRESPONSIVE_MS = 5000;

export class Windows {
  readonly #options: WindowsOptions;
  #operator: BrowserWindow | null = null;
  #capture: BrowserWindow | null = null;
  /** Kept after a window is destroyed, so that pending calls for it get an answer instead of an exception. */
  readonly #names = new WeakMap<WebContents, WindowName>();
  #closing = false;
  #captureDeaths = 0;
  #hiddenByClose = false;

  constructor(options: WindowsOptions) {
    this.#options = options;
  }

  windowOf(contents: WebContents): WindowName | null {
    return this.#names.get(contents) ?? null;
  }

  get operator(): BrowserWindow | null {
    return this.#operator;
  }

  /** The operator window was closed during a recording and stays hidden. */
  get operatorHidden(): boolean {
    return this.#hiddenByClose && this.#operator?.isVisible() === false;
  }

  /** Sends to a window, if it exists. */
  send(name: WindowName, channel: string, message: unknown): void {
    const window = name === 'operator' ? this.#operator : this.#capture;
    if (window && !window.isDestroyed() && !window.webContents.isDestroyed()) window.webContents.send(channel, message);
  }

  /** Opens the operator window, or brings it to the front. */
  showOperator(): void {
    if (this.#closing) return;
    this.#hiddenByClose = false;
    if (this.#operator) {
      if (this.#operator.isMinimized()) this.#operator.restore();
      this.#operator.show();
      this.#operator.focus();
      return;
    }
    const { userData, icon, log } = this.#options;
    const bounds = openingBounds(
      readBounds(userData),
      screen.getAllDisplays().map((display) => display.workArea),
    );
    const window = new BrowserWindow({
      ...bounds,
      minWidth: SMALLEST.width,
      minHeight: SMALLEST.height,
      show: false,
      title: 'Fieldroom',
      icon,
      autoHideMenuBar: true,
      backgroundColor: nativeTheme.shouldUseDarkColors ? '#242424' : '#ffffff',
      webPreferences: this.#preferences('operator'),
    });
    this.#operator = window;
    this.#names.set(window.webContents, 'operator');
    // The operator page makes no peer connections; one made by an injected script must not reach any network.
    window.webContents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
    window.once('ready-to-show', () => {
      window.show();
      log('info', 'operator window shown');
    });
    window.on('close', (event) => {
      keepBounds(userData, window.getNormalBounds());
      if (this.#closing || !this.#options.isRecording()) return;
      event.preventDefault();
      window.hide();
      this.#hiddenByClose = true;
      log('info', 'operator window hidden, the recording continues');
    });
    window.on('closed', () => {
      this.#operator = null;
      if (!this.#closing) this.#options.onOperatorClosed();
    });
    window.webContents.on('render-process-gone', (_, details) => {
      log('error', 'operator window gone', { reason: details.reason });
      if (!this.#closing && !window.isDestroyed()) window.reload();
    });
    load(window, 'operator', log);
  }

  /** Shows a page of the operator window: a name from `pages.ts`, with its parameters. */
  showPage(...parts: readonly string[]): void {
    this.showOperator();
    const contents = this.#operator?.webContents;
    if (!contents) return;
    const address = `#/${parts.map(encodeURIComponent).join('/')}`;
    const go = (): void =>
      void contents.executeJavaScript(`window.location.hash = ${JSON.stringify(address)}; 0`).catch(() => undefined);
    if (contents.isLoading()) contents.once('did-finish-load', go);
    else go();
  }

  /** Opens the capture window and keeps one open. Resolves when the first one has loaded. */
  openCapture(): Promise<void> {
    const { log } = this.#options;
    const openedAtMs = Date.now();
    // Never shown: it has nothing to display, and nobody should close it by mistake.
    const window = new BrowserWindow({
      show: false,
      width: 320,
      height: 240,
      skipTaskbar: true,
      title: 'Fieldroom capture',
      webPreferences: this.#preferences('capture'),
    });
    this.#capture = window;
    this.#names.set(window.webContents, 'capture');
    let stuck: NodeJS.Timeout | undefined;
    window.on('unresponsive', () => {
      log('error', 'capture window unresponsive');
      stuck = setTimeout(() => window.webContents.forcefullyCrashRenderer(), UNRESPONSIVE_MS);
    });
    window.on('responsive', () => clearTimeout(stuck));
    window.webContents.on('render-process-gone', (_, details) => {
      log('error', 'capture window gone', { reason: details.reason, exitCode: details.exitCode });
      if (!window.isDestroyed()) window.destroy();
    });
    window.on('closed', () => {
      clearTimeout(stuck);
      if (this.#closing || this.#capture !== window) return;
      this.#capture = null;
      if (Date.now() - openedAtMs > STEADY_MS) this.#captureDeaths = 0;
      const waitMs = RECREATE_MS[Math.min(this.#captureDeaths, RECREATE_MS.length - 1)] as number;
      this.#captureDeaths += 1;
      setTimeout(() => (this.#closing ? undefined : void this.openCapture()), waitMs);
    });
    return load(window, 'capture', log);
  }

  /** Closes both without asking. */
  closeAll(): void {
    this.#closing = true;
    const [operator, capture] = [this.#operator, this.#capture];
    this.#operator = null;
    this.#capture = null;
    if (operator && !operator.isDestroyed()) {
      keepBounds(this.#options.userData, operator.getNormalBounds());
      operator.destroy();
    }
    if (capture && !capture.isDestroyed()) capture.destroy();
  }

  #preferences(name: WindowName): WebPreferences {
    return {
      preload: this.#options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      // Only on Linux does Chromium hide Web Bluetooth behind this feature; only the window that needs it gets it.
      ...(name === 'capture' && process.platform === 'linux' ? { enableBlinkFeatures: 'WebBluetooth' } : {}),
      ...(name === 'capture'
        ? { additionalArguments: [...CAPTURE_ARGUMENTS, ...rehearsalArguments(app.isPackaged, process.env)] }
        : {}),
      navigateOnDragDrop: false,
      spellcheck: false,
      // The hidden capture window must not be throttled; the operator window may be.
      backgroundThrottling: name === 'operator',
    };
  }
}

async function load(window: BrowserWindow, name: WindowName, log: Log): Promise<void> {
  window.webContents.on('console-message', (...args: unknown[]) => {
    // Electron 35 moved the fields into the event; both forms are read.
    const [event, level, text] = args as [{ level?: string; message?: string }, number | undefined, string | undefined];
    const serious = event.level === 'error' || event.level === 'warning' || (level ?? 0) >= 2;
    if (serious) log('warn', `message from the ${name} window`, { text: (event.message ?? text ?? '').slice(0, 500) });
  });
  // A page whose process or server failed during loading stays empty unless it is loaded again here.
  for (let tries = 0; !window.isDestroyed(); tries += 1) {
    try {
      await window.loadURL(`${APP_HOST_ORIGIN}/${name}.html`);
      return;
    } catch (error) {
      if (window.isDestroyed()) return;
      log('error', `${name} window did not load`, { error: String(error) });
      await sleep(RECREATE_MS[Math.min(tries, RECREATE_MS.length - 1)]);
    }
  }
}
