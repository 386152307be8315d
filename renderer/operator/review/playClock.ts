/** The playback position: session time as a linear function of the sound's clock, or of the window's clock without sound. */

export interface Heard {
  /** Seconds of the sound's clock that are audible at `atMs`. */
  seconds: number;
  /** On the window's clock (`performance.now`). */
  atMs: number;
}

export class PlayClock {
  #ns = 0;
  #atSeconds = 0;
  #speed = 0;

  get running(): boolean {
    return this.#speed !== 0;
  }

  get speed(): number {
    return this.#speed;
  }

  /** From this reading of the clock on, time runs from `ns`. @param speed session seconds per second; 0 pauses */
  start(ns: number, atSeconds: number, speed: number): void {
    this.#ns = ns;
    this.#atSeconds = atSeconds;
    this.#speed = speed;
  }

  /** Session nanoseconds at a reading of the clock; constant before the start. */
  at(seconds: number): number {
    return this.#ns + Math.max(0, seconds - this.#atSeconds) * this.#speed * 1e9;
  }

  /** When a session time is reached, in seconds of the clock. */
  secondsOf(ns: number): number {
    return this.#atSeconds + (ns - this.#ns) / 1e9 / this.#speed;
  }
}

/** The current reading of the clock, extrapolated from the last one. */
export const secondsNow = ({ seconds, atMs }: Heard, nowMs: number): number =>
  seconds + Math.max(0, nowMs - atMs) / 1000;
