/**
 * Sees that its own process stood still: a timer that comes far too late. Whoever stops a process (a debugger, SIGSTOP, a
 * machine without memory or asleep) leaves no other trace in it, and what was stamped just afterwards came earlier.
 */
const EVERY_MS = 250;

export interface StallMonitorOptions {
  /** Monotonic, whole nanoseconds. */
  now: () => number;
  /** Shorter is a busy machine, not a frozen process. */
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

  /** What the timer does. */
  look(): void {
    const { now, leastMs, onStill } = this.#options;
    const [fromNs, toNs] = [this.#lastNs, now()];
    this.#lastNs = toNs;
    if (toNs - fromNs > (leastMs + EVERY_MS) * 1e6) onStill({ fromNs, toNs });
  }
}
