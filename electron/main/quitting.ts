/** Quits the app: asks during a recording, then closes windows and engine cleanly and leaves no orphan process. */
import { app, type BrowserWindow, dialog } from 'electron';
import { reportOf } from '../common/errors.ts';
import { type ApplianceMonitor, doorClient, WORK_WITHIN_MS } from './applianceMonitor.ts';
import type { EngineSupervisor } from './engineSupervisor.ts';
import type { Log } from './log.ts';
import type { Windows } from './windows.ts';
import { words } from './words.ts';

export interface QuittingParts {
  windows: Windows;
  engine: EngineSupervisor;
  watch: ApplianceMonitor;
  log: Log;
  /** No window: only the program that started the app can stop a recording. */
  hidden: boolean;
}

export class Quitting {
  readonly #parts: QuittingParts;
  #asking = false;
  #ending: Promise<void> | null = null;
  #again = false;

  constructor(parts: QuittingParts) {
    this.#parts = parts;
  }

  /** Handles every way to quit: the menu, the last window, a signal. */
  listen(): void {
    app.on('before-quit', (event) => {
      event.preventDefault();
      void this.request();
    });
    // Only the app itself closes the capture window.
    app.on('window-all-closed', () => undefined);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.end(`signal ${signal}`));
    process.on('SIGHUP', () => void this.#terminalClosed());
  }

  /** The terminal that started the app was closed. The window stays, so a recording continues. */
  async #terminalClosed(): Promise<void> {
    const { watch, log, hidden } = this.#parts;
    await watch.refresh();
    if (watch.recording && !hidden) log('info', 'terminal closed, the recording continues');
    else await this.end('signal SIGHUP');
  }

  /** The user wants to quit: asks first if that would end a recording. */
  async request(): Promise<void> {
    if (this.#asking || this.#ending) return;
    this.#asking = true;
    try {
      await this.#parts.watch.refresh();
      if (this.#parts.watch.recording && !(await this.#mayStop())) {
        // The dialog's parent window may have been closed.
        this.#parts.windows.showOperator();
        return;
      }
    } finally {
      this.#asking = false;
    }
    await this.end('asked to quit');
  }

  /** The program that started this hidden app was killed, so nobody could stop its recording: stop it and keep it. */
  async abandoned(): Promise<void> {
    const { engine, watch, log } = this.#parts;
    log('warn', 'the program that started the app is gone');
    await watch.refresh();
    const ready = engine.ready;
    if (watch.recording && ready)
      await doorClient({ url: ready.url, token: ready.tokens.operator }, WORK_WITHIN_MS)
        .call('session.stop', {})
        .catch((error: unknown) => log('error', 'could not stop the session', { error: reportOf(error).message }));
    await this.end('the program that started it is gone');
  }

  /** The app was started again while it quits: restart it afterwards. @returns false: it is not quitting */
  startAgain(): boolean {
    this.#again = this.#ending !== null;
    return this.#again;
  }

  /** Quits now. A recording continues in the engine: a caller that wants to end it stops the session first. */
  end(why: string): Promise<void> {
    this.#ending ??= this.#end(why);
    return this.#ending;
  }

  async #end(why: string): Promise<void> {
    const { windows, engine, watch, log } = this.#parts;
    await watch.refresh();
    const leaveRunning = watch.recording;
    log('info', 'ending', { why, leaveRunning });
    watch.stop();
    const ready = engine.ready;
    windows.closeAll();
    if (ready?.adopted && !leaveRunning)
      await doorClient({ url: ready.url, token: ready.tokens.operator })
        .call('appliance.shutdown', {})
        .catch(() => undefined);
    else if (ready?.adopted)
      await doorClient({ url: ready.url, token: ready.tokens.operator })
        .call('appliance.attend', { pid: null })
        .catch(() => undefined);
    await engine.stop({ leaveRunning });
    log('info', 'ended', { again: this.#again });
    if (this.#again) app.relaunch();
    app.exit(0);
  }

  /** True when the session was stopped. */
  async #mayStop(): Promise<boolean> {
    const { windows, engine, log } = this.#parts;
    const options = {
      type: 'warning' as const,
      title: words['dialog.quit.title'],
      message: words['dialog.quit.message'],
      detail: words['dialog.quit.detail'],
      buttons: [words['dialog.quit.keep'], words['dialog.quit.stop']],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    };
    const window: BrowserWindow | null = windows.operator;
    if (window) window.show();
    const { response } = window ? await dialog.showMessageBox(window, options) : await dialog.showMessageBox(options);
    const ready = engine.ready;
    if (response !== 1 || !ready) return false;
    try {
      const door = { url: ready.url, token: ready.tokens.operator };
      await doorClient(door, WORK_WITHIN_MS).call('session.stop', {});
      await this.#parts.watch.refresh();
      return true;
    } catch (error) {
      const { message, nextStep } = reportOf(error);
      log('error', 'could not stop the session before quitting', { error: message });
      await dialog.showMessageBox({
        type: 'error',
        message: words['dialog.quit.failed'],
        detail: `${message} ${nextStep ?? ''}`,
      });
      return false;
    }
  }
}
