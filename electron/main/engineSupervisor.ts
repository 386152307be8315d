/**
 * Keeps an engine running for the data folder.
 *
 *   start ─▶ child ─ ready ───────────▶ running ─ exits unexpectedly ─▶ back-off ─▶ start
 *              └──── ready (adopted) ─▶ another engine's door, health polled ─ silent ─▶ start
 */
import type { ErrorReport } from '../common/errors.ts';
import { EngineChild, type EngineCommand } from './engineChild.ts';
import type { EngineHello, EngineLine, EngineReady } from './engineProtocol.ts';
import type { Log } from './log.ts';

export interface SupervisorOptions {
  command: EngineCommand;
  hello: EngineHello;
  log: Log;
  /** A door has opened: the first one, or that of a restarted engine. */
  onReady(ready: EngineReady): void;
  /** The engine's current error; null: resolved. */
  onTrouble(trouble: ErrorReport | null): void;
  /** Checks the health of an adopted engine. */
  isHealthy(ready: EngineReady): Promise<boolean>;
  /** Whether a process exists. Needed because an adopted engine is not a child, so its exit sends no event. */
  isThere?(pid: number): boolean;
  /** An adopted engine has finished its recording, so its exit is expected and not an error. */
  mayEnd?(): boolean;
  /** Delays before each retry, milliseconds; the last one repeats. */
  backOffMs?: readonly number[];
  /** How long an engine may take to open its door. */
  readyWithinMs?: number;
  /** Interval between health checks of an adopted engine. */
  healthEveryMs?: number;
}

const BACK_OFF_MS = [100, 500, 1000, 2000, 5000];
/** After running this long an engine counts as started, and the retry delays begin again. */
const STEADY_MS = 20_000;
/** An adopted engine counts as lost after this many failed health checks. */
const SILENT_TIMES = 3;
const KEPT_COMPLAINTS = 40;
/** Leaves time to seal a session; if it is killed, sealing starts over at the next start. */
const PATIENCE_MS = 60_000;

export class EngineSupervisor {
  readonly #options: SupervisorOptions;
  #child: EngineChild | null = null;
  #ready: EngineReady | null = null;
  #wasReady = false;
  /** Port of the last door, so that clients find the next one at the same address. */
  #port: number | undefined;
  #tries = 0;
  #startedAtMs = 0;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  /** The last lines of its error output, which may explain why it died. */
  readonly #complaints: string[] = [];
  #failure: ErrorReport | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** The open door, or null. */
  get ready(): EngineReady | null {
    return this.#ready;
  }

  /** True if no engine has opened a door yet. */
  get neverReady(): boolean {
    return !this.#wasReady;
  }

  start(): void {
    if (this.#stopping) return;
    clearTimeout(this.#timer);
    this.#startedAtMs = Date.now();
    this.#complaints.length = 0;
    this.#failure = null;
    const hello = this.#port === undefined ? this.#options.hello : { ...this.#options.hello, port: this.#port };
    const child: EngineChild = new EngineChild(this.#options.command, hello, {
      onLine: (line) => this.#onLine(line),
      onComplaint: (text) => {
        this.#complaints.push(text);
        if (this.#complaints.length > KEPT_COMPLAINTS) this.#complaints.shift();
      },
      onExit: (why) => this.#onExit(child, why),
    });
    this.#child = child;
    this.#options.log('info', 'engine started', { pid: child.pid });
    this.#timer = setTimeout(() => {
      this.#options.log('error', 'engine did not open its door in time', { pid: child.pid });
      child.kill();
    }, this.#options.readyWithinMs ?? 30_000);
  }

  /** Ends the engine; with `leaveRunning` it continues without main. Resolves when it has exited or was left running. */
  async stop({
    leaveRunning,
    patienceMs = PATIENCE_MS,
  }: {
    leaveRunning: boolean;
    patienceMs?: number;
  }): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    this.#child = null;
    if (!child) return;
    if (leaveRunning) child.leave();
    else await child.end(patienceMs);
  }

  #onLine(line: EngineLine): void {
    if (line.type === 'failed') {
      this.#failure = line.error as ErrorReport;
      this.#options.log('error', 'engine failed', { error: line.error });
      return;
    }
    clearTimeout(this.#timer);
    this.#ready = line;
    this.#wasReady = true;
    this.#port = Number(new URL(line.url).port);
    this.#options.log('info', line.adopted ? 'running engine adopted' : 'engine ready', {
      url: line.url,
      pid: line.pid,
    });
    this.#options.onTrouble(null);
    this.#options.onReady(line);
    if (line.adopted) this.#watchAdopted(line.url, 0);
  }

  #onExit(child: EngineChild, why: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    clearTimeout(this.#timer);
    if (this.#ready?.adopted) {
      this.#watchAdopted(this.#ready.url, 0);
      return;
    }
    this.#startAgain(
      this.#failure ?? {
        code: 'app.engine-ended',
        message: `The recorder ended unexpectedly (${why}).${lastWords(this.#complaints)}`,
        nextStep: 'Fieldroom restarts it automatically.',
      },
    );
  }

  #startAgain(trouble: ErrorReport): void {
    if (this.#stopping) return;
    this.#ready = null;
    if (Date.now() - this.#startedAtMs > STEADY_MS) this.#tries = 0;
    const waits = this.#options.backOffMs ?? BACK_OFF_MS;
    const waitMs = waits[Math.min(this.#tries, waits.length - 1)] ?? 1000;
    this.#tries += 1;
    this.#options.log('error', 'engine exited unexpectedly', { trouble, waitMs, said: this.#complaints });
    this.#options.onTrouble(trouble);
    this.#timer = setTimeout(() => this.start(), waitMs);
  }

  #watchAdopted(url: string, silent: number): void {
    if (this.#stopping) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      const gone = this.#options.isThere?.(this.#ready?.pid ?? 0) === false;
      const healthy = !gone && this.#ready !== null && (await this.#options.isHealthy(this.#ready));
      if (this.#stopping || this.#ready?.url !== url) return;
      if (healthy) this.#watchAdopted(url, 0);
      else if (this.#options.mayEnd?.()) this.#replaceAdopted();
      else if (!gone && silent + 1 < SILENT_TIMES) this.#watchAdopted(url, silent + 1);
      else
        this.#startAgain({
          code: 'app.engine-ended',
          message: 'The recorder that was running before this window no longer responds.',
          nextStep: 'Fieldroom restarts it automatically.',
        });
    }, this.#options.healthEveryMs ?? 250);
  }

  #replaceAdopted(): void {
    this.#options.log('info', 'adopted engine ended after its recording');
    this.#ready = null;
    this.start();
  }
}

/** The line that names the error, or an empty string. */
function lastWords(lines: readonly string[]): string {
  const error = lines.findLast((line) => /^\S*Error\b/.test(line));
  return error === undefined ? '' : ` It reported: ${error.slice(0, 300)}`;
}
