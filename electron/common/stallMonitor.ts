/**
 * Detects that its own process was frozen, because a timer fires far too late. A stop (a debugger, SIGSTOP, sleep or
 * lack of memory) leaves no other trace in the process, and data stamped just afterwards arrived earlier.
 */
const EVERY_MS = 250;

export interface StallMonitorOptions {
  /** Monotonic, whole nanoseconds. */
  now: () => number;
  /** Shorter delays come from a busy machine, not a frozen process. */
  leastMs: number;
  onStill: (still: { fromNs: number; toNs: number }) => void;
}

export class StallMonitor {
  readonly #options: StallMonitorOptions;
  #timer: ReturnType<typeof setInterval> | null = null;
  #lastNs = 0;

  constructor(options: StallMonitorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#lastNs = this.#options.now();
    this.#timer ??= setInterval(() => this.look(), EVERY_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Called by the timer. */
  look(): void {
    const { now, leastMs, onStill } = this.#options;
    const [fromNs, toNs] = [this.#lastNs, now()];
    this.#lastNs = toNs;
    if (toNs - fromNs > (leastMs + EVERY_MS) * 1e6) onStill({ fromNs, toNs });
  }
}
