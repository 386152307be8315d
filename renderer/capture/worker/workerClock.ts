/** The window's clock, read in the worker: both count the same monotonic time, with origins that differ by a constant. */
export class WorkerClock {
  readonly #shiftMs: number;

  constructor(windowOriginMs: number) {
    this.#shiftMs = performance.timeOrigin - windowOriginMs;
  }

  /** Whole nanoseconds on the window's `performance.now()`. */
  nowNs(): number {
    return Math.round((performance.now() + this.#shiftMs) * 1e6);
  }

  /** Converts a time of the worker's own `performance.now()` to nanoseconds on the window's clock. */
  fromOwnNs(ownNs: number): number {
    return ownNs + this.#shiftMs * 1e6;
  }
}
