/**
 * Frames that vanished before they reached us, seen as holes in the frames' own timestamps (the processor keeps only the
 * newest frame when the machine is short of time). Cameras do not keep their rate to the millisecond, and in the dark they
 * halve it, so the interval is the median of the last ones, and a hole is at least 1.8 of it.
 */
const WINDOW = 31;
const HOLE = 1.8;

export class FrameHoles {
  #lastNs: number | null = null;
  readonly #intervals: number[] = [];
  #intervalNs: number;
  #slow = 0;

  /** @param nominalHz the rate the device promised. */
  constructor(nominalHz: number) {
    this.#intervalNs = 1e9 / nominalHz;
  }

  /** The interval between frames now, nanoseconds. */
  get intervalNs(): number {
    return this.#intervalNs;
  }

  /** @returns how many frames are missing just before this one. */
  add(mediaNs: number): number {
    const before = this.#lastNs;
    this.#lastNs = mediaNs;
    if (before === null) return 0;
    const step = mediaNs - before;
    if (step <= 0) return 0;
    const ratio = step / this.#intervalNs;
    const hole = ratio >= HOLE;
    // A device that really became slower makes every step long: after ten in a row that is its rate.
    this.#slow = hole ? this.#slow + 1 : 0;
    if (this.#slow >= 10) this.#intervals.length = 0;
    if (!hole || this.#slow >= 10) this.#learn(step);
    return hole && this.#slow < 10 ? Math.max(1, Math.round(ratio) - 1) : 0;
  }

  /** After a pause or a stall that is told in another way. */
  forget(): void {
    this.#lastNs = null;
  }

  #learn(step: number): void {
    this.#intervals.push(step);
    if (this.#intervals.length > WINDOW) this.#intervals.shift();
    const sorted = [...this.#intervals].sort((a, b) => a - b);
    this.#intervalNs = sorted[Math.floor(sorted.length / 2)] as number;
    if (this.#slow >= 10) this.#slow = 0;
  }
}
