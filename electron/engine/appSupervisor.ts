/**
 * Watches the app that started this engine. If the app dies during a recording, the engine continues and restarts it,
 * because cameras and microphones run in its windows; if it dies when nothing is being recorded, the engine ends. An
 * app that attached to an engine it did not start has no pipe to it: it reports its process id at the door, and that
 * process is watched.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { z } from 'zod';
import type { Log } from './log/engineLog.ts';
import { isThere } from './processes.ts';

/** How the app was started, in enough detail to restart it the same way. */
export const appCommandSchema = z.object({
  command: z.string(),
  args: z.array(z.string()),
  cwd: z.string(),
  /** Environment variables in addition to the engine's own. */
  env: z.record(z.string(), z.string()),
});
export type AppCommand = z.infer<typeof appCommandSchema>;

export interface AppSupervisorOptions {
  /** Null: no known command to restart. */
  app: AppCommand | null;
  isRecording: () => boolean;
  /** This engine is no longer needed. */
  end: () => void;
  log: Log;
  /** Delays before restarts, in milliseconds; the last one repeats. */
  againMs?: readonly number[];
  pollMs?: number;
}

const AGAIN_MS = [1000, 2000, 5000, 15_000, 60_000];
const POLL_MS = 250;
/** An app that lived this long did not fail at startup. */
const STEADY_MS = 10_000;

export class AppSupervisor {
  readonly #options: AppSupervisorOptions;
  /** The attached process; null: none, or the one at the other end of the pipe. */
  #attendant: number | null = null;
  #orphan = false;
  #mayRevive = true;
  #child: ChildProcess | null = null;
  #starts = 0;
  #attendedMs = 0;
  #nextStartMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: AppSupervisorOptions) {
    this.#options = options;
  }

  /** An app attaches to this engine, or (null) detaches deliberately. */
  attend(pid: number | null): void {
    const { log } = this.#options;
    this.#attendant = pid;
    this.#attendedMs = performance.now();
    if (pid === null) {
      log('info', 'engine.left', 'The app has left; a running recording continues without it.');
      this.orphaned(false);
      return;
    }
    this.#orphan = false;
    this.#mayRevive = true;
    log('info', 'engine.attended', `The app (process ${pid}) is attached to this recorder.`);
    this.#watch();
  }

  /** The app at the other end of the pipe is gone. @param revive false: it detached deliberately */
  orphaned(revive: boolean): void {
    if (this.#orphan) return;
    this.#orphan = true;
    this.#attendant = null;
    this.#mayRevive = revive;
    // An app that keeps dying soon after startup is restarted with increasing delays.
    if (performance.now() - this.#attendedMs > STEADY_MS) {
      this.#starts = 0;
      this.#nextStartMs = 0;
    }
    if (this.#options.isRecording())
      this.#options.log('warn', 'engine.orphaned', 'The app is gone; recording continues.');
    this.#look();
    if (this.#orphan) this.#watch();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  #watch(): void {
    this.#timer ??= setInterval(() => this.#look(), this.#options.pollMs ?? POLL_MS);
  }

  #look(): void {
    if (this.#attendant !== null && !isThere(this.#attendant)) this.orphaned(true);
    if (!this.#orphan) return;
    if (this.#options.isRecording()) this.#revive();
    else {
      this.stop();
      this.#options.end();
    }
  }

  #revive(): void {
    const { app, log } = this.#options;
    const nowMs = performance.now();
    const starting = this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
    if (!app || !this.#mayRevive || starting || nowMs < this.#nextStartMs) return;
    const waits = this.#options.againMs ?? AGAIN_MS;
    this.#nextStartMs = nowMs + (waits[Math.min(this.#starts, waits.length - 1)] ?? 1000);
    this.#starts += 1;
    log('warn', 'app.started-again', `Restarting the app (attempt ${this.#starts}).`);
    const child = spawn(app.command, app.args, {
      cwd: app.cwd,
      env: { ...process.env, ...app.env },
      stdio: 'ignore',
      detached: process.platform !== 'win32',
    });
    child.once('error', (error) => log('error', 'app.not-started', `The app could not be started: ${error.message}`));
    child.unref();
    this.#child = child;
  }
}
