/**
 * Keeps an engine running for the data folder.
 *
 *   start ─▶ child ─ ready ───────────▶ running ─ exits unasked ─▶ back-off ─▶ start
 *              └──── ready (adopted) ─▶ another engine's door, asked for its health ─ silent ─▶ start
 */
import type { ErrorReport } from '../common/errors.ts';
import { EngineChild, type EngineCommand } from './engineChild.ts';
import type { EngineHello, EngineLine, EngineReady } from './engineProtocol.ts';
import type { Log } from './log.ts';

export interface SupervisorOptions {
  command: EngineCommand;
  hello: EngineHello;
  log: Log;
  /** A door is open: the first one, or the one of an engine that was started again. */
  onReady(ready: EngineReady): void;
  /** What is wrong with the engine now; null: nothing any more. */
  onTrouble(trouble: ErrorReport | null): void;
  /** Asks an adopted engine for its health. */
  isHealthy(ready: EngineReady): Promise<boolean>;
  /** Whether a process is there: an adopted engine is no child, whose end would be told. */
  isThere?(pid: number): boolean;
  /** An adopted engine has nothing to record any more: it ends by itself, and that is no trouble. */
  mayEnd?(): boolean;
  /** Waits before the tries after the first; the last one goes on. Milliseconds. */
  backOffMs?: readonly number[];
  /** How long an engine may take to open its door. */
  readyWithinMs?: number;
  /** Between two questions to an adopted engine. */
  healthEveryMs?: number;
}

const BACK_OFF_MS = [100, 500, 1000, 2000, 5000];
/** An engine that ran this long is no longer the one that could not start. */
const STEADY_MS = 20_000;
/** An adopted engine that is silent this often is gone. */
const SILENT_TIMES = 3;
const KEPT_COMPLAINTS = 40;
/** A session may still be sealed; a killed sealing is begun again at the next start. */
const PATIENCE_MS = 60_000;

export class EngineSupervisor {
  readonly #options: SupervisorOptions;
  #child: EngineChild | null = null;
  #ready: EngineReady | null = null;
  #wasReady = false;
  /** Of the last door, so that clients find the next one at the same address. */
  #port: number | undefined;
  #tries = 0;
  #startedAtMs = 0;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  /** The last lines of its error output: what a dying process says. */
  readonly #complaints: string[] = [];
  #failure: ErrorReport | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** The door that is open, or null while there is none. */
  get ready(): EngineReady | null {
    return this.#ready;
  }

  /** No engine ever opened a door. */
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

  /** Ends the engine; with `leaveRunning` it goes on without main. Resolves when it has ended or was left. */
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
    this.#options.log('info', line.adopted ? 'engine of another life adopted' : 'engine ready', {
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
        message: `The recorder ended by itself (${why}).${lastWords(this.#complaints)}`,
        nextStep: 'It is started again.',
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
    this.#options.log('error', 'engine ended unasked', { trouble, waitMs, said: this.#complaints });
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
          message: 'The recorder that was running before this window does not answer any more.',
          nextStep: 'It is started again.',
        });
    }, this.#options.healthEveryMs ?? 250);
  }

  #replaceAdopted(): void {
    this.#options.log('info', 'adopted engine ended after its recording');
    this.#ready = null;
    this.start();
  }
}

/** The line that names the error, or nothing. */
function lastWords(lines: readonly string[]): string {
  const error = lines.findLast((line) => /^\S*Error\b/.test(line));
  return error === undefined ? '' : ` It said: ${error.slice(0, 300)}`;
}
