/**
 * Maps VideoFrame.timestamp to the window's clock. Findings (docs/decisions/media-clocks.md): cameras and screens are
 * stamped with the system's monotonic clock, shifted by a constant that is the same for all of them; a canvas starts at
 * 0. So tracks that do not start near 0 share one estimate of the constant, which keeps cameras exact relative to each
 * other, however different their delays are.
 */
import type { ClockFacts } from '../workerMessages.ts';
import { MinimumOffset } from './minimumOffset.ts';

const STARTS_AT_ZERO_NS = 2e9;
const SAME_CLOCK_NS = 100e6;

/** One per worker: the system clock that tracks share. */
export class SystemBase {
  readonly offset = new MinimumOffset();
}

export class VideoTimes {
  readonly #system: SystemBase;
  #offset: MinimumOffset | null = null;
  #base: ClockFacts['base'] = 'unknown';

  constructor(system: SystemBase) {
    this.#system = system;
  }

  get facts(): ClockFacts {
    return { base: this.#base, offsetNs: Math.round(this.#offset?.offsetNs ?? 0) };
  }

  /** @returns the frame's capture time on the window's clock, in whole nanoseconds. */
  capturedNs(mediaNs: number, arrivalNs: number): number {
    this.#offset ??= this.#choose(mediaNs, arrivalNs);
    return Math.round(mediaNs + this.#offset.add(mediaNs, arrivalNs));
  }

  #choose(mediaNs: number, arrivalNs: number): MinimumOffset {
    const shared = this.#system.offset.offsetNs;
    const fits =
      mediaNs > STARTS_AT_ZERO_NS && (shared === null || Math.abs(arrivalNs - mediaNs - shared) < SAME_CLOCK_NS);
    this.#base = fits ? 'system' : 'own';
    return fits ? this.#system.offset : new MinimumOffset();
  }
}
