/**
 * Frames that were lost before they reached us, detected as holes in the frames' own timestamps (the processor keeps
 * only the newest frame when the computer is short of time). Cameras do not keep their rate to the millisecond and
 * halve it in the dark, and a browser that is asked for 20 of 30 frames drops every third: one step of 33 ms, one of
 * 67. So the cadence is learned from the last steps, and a step is a hole only if it is long even compared with the
 * longer of these and the next step is short again: two consecutive long steps mean that the camera became slower.
 */
const WINDOW = 31;
/** This many steps of the promised rate are used until the device's own are known. */
const PROMISED = 8;
/** Relative to the mean of the last steps, and to their 90th percentile. */
const HOLE = 1.8;
const HOLE_OF_LONG = 1.4;

/** Frames that are missing between two frames, in the times passed in with them. */
export interface Hole {
  count: number;
  fromNs: number;
  toNs: number;
}

export class FrameHoles {
  #last: { mediaNs: number; atNs: number } | null = null;
  readonly #steps: number[];
  #intervalNs: number;
  #longNs: number;
  /** A long step, to be judged by the next one. */
  #open: (Hole & { stepNs: number }) | null = null;

  /** @param nominalHz the rate promised by the device. */
  constructor(nominalHz: number) {
    this.#intervalNs = 1e9 / nominalHz;
    this.#longNs = this.#intervalNs;
    // Used at first, until the device's own steps outnumber it.
    this.#steps = Array.from({ length: PROMISED }, () => this.#intervalNs);
  }

  /** The current average interval between frames, in nanoseconds. */
  get intervalNs(): number {
    return this.#intervalNs;
  }

  /** Whether the step before the newest frame may be a hole; reported with the next frame. */
  get pending(): boolean {
    return this.#open !== null;
  }

  /**
   * @param atNs the frame's time on the window's clock, which is used to report holes.
   * @returns the hole that ended with the frame before this one.
   */
  add(mediaNs: number, atNs: number): Hole | null {
    const before = this.#last;
    this.#last = { mediaNs, atNs };
    if (before === null) return null;
    const stepNs = mediaNs - before.mediaNs;
    if (stepNs <= 0) return null;
    const open = this.#open;
    this.#open = null;
    if (stepNs < Math.max(HOLE * this.#intervalNs, HOLE_OF_LONG * this.#longNs)) {
      this.#learn(stepNs);
      return open && { count: open.count, fromNs: open.fromNs, toNs: open.toNs };
    }
    if (open) {
      this.#steps.length = 0;
      this.#learn(open.stepNs);
      this.#learn(stepNs);
      return null;
    }
    const count = Math.max(1, Math.round(stepNs / this.#intervalNs) - 1);
    this.#open = { count, stepNs, fromNs: Math.min(atNs, before.atNs + Math.round(this.#intervalNs)), toNs: atNs };
    return null;
  }

  #learn(stepNs: number): void {
    this.#steps.push(stepNs);
    if (this.#steps.length > WINDOW) this.#steps.shift();
    const sorted = this.#steps.toSorted((a, b) => a - b);
    this.#longNs = sorted[Math.floor(0.9 * sorted.length)] as number;
    this.#intervalNs = this.#steps.reduce((sum, step) => sum + step, 0) / this.#steps.length;
  }
}
