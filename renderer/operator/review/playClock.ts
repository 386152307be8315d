/** Where playing stands: session time as a straight line over what is heard, or over the window's clock without sound. */

export interface Heard {
  /** Seconds of the sound's clock that are heard at `atMs`. */
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

  /** From this moment of the clock on, time runs from `ns`. @param speed session seconds a second; 0 stands still */
  start(ns: number, atSeconds: number, speed: number): void {
    this.#ns = ns;
    this.#atSeconds = atSeconds;
    this.#speed = speed;
  }

  /** Session nanoseconds at a moment of the clock; before the start it stands. */
  at(seconds: number): number {
    return this.#ns + Math.max(0, seconds - this.#atSeconds) * this.#speed * 1e9;
  }

  /** When a session time comes, in seconds of the clock. */
  secondsOf(ns: number): number {
    return this.#atSeconds + (ns - this.#ns) / 1e9 / this.#speed;
  }
}

/** The clock's reading now, carried on from when it was last read. */
export const secondsNow = ({ seconds, atMs }: Heard, nowMs: number): number =>
  seconds + Math.max(0, nowMs - atMs) / 1000;
