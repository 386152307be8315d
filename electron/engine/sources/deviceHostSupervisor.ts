/**
 * Starts the device host, and starts it again when it ends; its log lines go into the engine's log. A host that
 * outlived a crashed engine during a recording reconnects with its buffered data, and no second one is started.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface DeviceHostOptions {
  /**
   * Sent to the host's standard input: the door's address, its token, and the private file where both are updated by a
   * later engine.
   */
  door: { url: string; token: string; pass: string };
  onLog: (line: string) => void;
  onProcess: (pid: number, event: 'start' | 'exit', detail: string) => void;
}

const RESTART_MS = [0, 250, 500, 1000, 2000, 5000];
/** After running this long, the next restart is immediate again. */
const GOOD_LIFE_MS = 30_000;
const STOP_TIMEOUT_MS = 2000;
/** A host that outlived its engine retries more often than this. */
const RETURN_WITHIN_MS = 5000;
const LOOK_MS = 100;

export class DeviceHostSupervisor {
  readonly #options: DeviceHostOptions;
  #child: ChildProcess | null = null;
  #stopped = false;
  #tries = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: DeviceHostOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /**
   * Starts a host only when the previous engine's host does not come back, or leaves again: it ends with the session.
   * @param isHere it is connected
   * @param mayReturn there is a session it may be waiting for, and its process exists
   */
  startAfterFormer(isHere: () => boolean, mayReturn: () => boolean): void {
    let seenMs = performance.now();
    const look = (): void => {
      if (this.#stopped) return;
      if (isHere()) seenMs = performance.now();
      const waits = mayReturn() && performance.now() - seenMs < RETURN_WITHIN_MS;
      if (isHere() || waits) this.#timer = setTimeout(look, LOOK_MS);
      else this.start();
    };
    look();
  }

  start(): void {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const entry = fileURLToPath(
      new URL(
        extension === 'ts' ? '../../../devices/host/deviceHost.entry.ts' : './deviceHost.entry.js',
        import.meta.url,
      ),
    );
    const startedMs = performance.now();
    const child = spawn(process.execPath, [entry], { stdio: ['pipe', 'ignore', 'pipe'], windowsHide: true });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${JSON.stringify(this.#options.door)}\n`);
    createInterface({ input: child.stderr }).on('line', this.#options.onLog);
    child.once('spawn', () => this.#options.onProcess(child.pid ?? 0, 'start', ''));
    child.once('error', (error) => this.#options.onLog(JSON.stringify({ level: 'error', message: error.message })));
    child.once('exit', (code, signal) => {
      this.#options.onProcess(child.pid ?? 0, 'exit', signal ?? `code ${code}`);
      this.#child = null;
      if (this.#stopped) return;
      if (performance.now() - startedMs > GOOD_LIFE_MS) this.#tries = 0;
      this.#timer = setTimeout(() => this.start(), RESTART_MS[Math.min(this.#tries, RESTART_MS.length - 1)]);
      this.#tries += 1;
    });
  }

  /** Closing its input ends it; if it does not end, it is killed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    const child = this.#child;
    if (!child) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.stdin?.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }
}
