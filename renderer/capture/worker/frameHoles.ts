/**
 * Frames that vanished before they reached us, seen as holes in the frames' own timestamps (the processor keeps only the
 * newest frame when the machine is short of time). Cameras do not keep their rate to the millisecond, in the dark they
 * halve it, and a browser that is asked for 20 of 30 frames leaves out every third: one step of 33 ms, one of 67. So the
 * cadence is learned from the last steps, and a step is a hole only where it is long even against the longer of these and
 * the next one is short again: two long steps, one after the other, are a camera that became slower.
 */
const WINDOW = 31;
/** So many steps of the promised rate stand in for the device's own at first. */
const PROMISED = 8;
/** Against the mean of the last steps, and against their ninth tenth. */
const HOLE = 1.8;
const HOLE_OF_LONG = 1.4;

/** Frames that are missing between two frames, in the times that were handed in beside them. */
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
  /** A long step, which the next one explains. */
  #open: (Hole & { stepNs: number }) | null = null;

  /** @param nominalHz the rate the device promised. */
  constructor(nominalHz: number) {
    this.#intervalNs = 1e9 / nominalHz;
    this.#longNs = this.#intervalNs;
    // Believed at first, until the device's own steps outnumber it.
    this.#steps = Array.from({ length: PROMISED }, () => this.#intervalNs);
  }

  /** The interval between frames now, on average, nanoseconds. */
  get intervalNs(): number {
    return this.#intervalNs;
  }

  /** Whether the step before the newest frame may be a hole; told with the next frame. */
  get pending(): boolean {
    return this.#open !== null;
  }

  /**
   * @param atNs the frame's time on the window's clock: holes are told in it.
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
