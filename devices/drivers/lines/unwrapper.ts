/** Follows a device's counter or clock across its wrap-around, and detects when the device restarted. */
export class Unwrapper {
  readonly #wrapsAt: number | null;
  #last = Number.NaN;
  #base = 0;

  /** @param wrapsAt where it starts at 0 again, or null if it never does. */
  constructor(wrapsAt: number | null) {
    this.#wrapsAt = wrapsAt;
  }

  /** The unwrapped value. */
  get value(): number {
    return this.#base + this.#last;
  }

  /** `step`: ticks since the last value. A step back that is not a wrap is a restart; the state is then unchanged. */
  next(raw: number): { step: number; restarted: boolean } {
    const last = this.#last;
    if (Number.isNaN(last)) {
      this.#last = raw;
      return { step: 0, restarted: false };
    }
    if (raw < last) {
      // A wrap goes from the upper quarter to the lower one; anything else is a restart.
      const wraps = this.#wrapsAt;
      if (wraps === null || last < wraps * 0.75 || raw > wraps * 0.25) return { step: 0, restarted: true };
      this.#base += wraps;
      this.#last = raw;
      return { step: raw + wraps - last, restarted: false };
    }
    this.#last = raw;
    return { step: raw - last, restarted: false };
  }

  restart(raw: number): void {
    this.#base = 0;
    this.#last = raw;
  }

  forget(): void {
    this.#base = 0;
    this.#last = Number.NaN;
  }
}
