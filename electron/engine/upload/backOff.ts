/** Delays between retries of an unreachable destination: they grow, with jitter so that laptops differ. */

const FIRST_MS = 5000;
const LONGEST_MS = 5 * 60_000;

export interface BackOffOptions {
  firstMs?: number;
  longestMs?: number;
  /** 0 to 1. */
  random?: () => number;
  nowMs?: () => number;
}

export class BackOff {
  readonly #options: Required<BackOffOptions>;
  readonly #places = new Map<string, { tries: number; untilMs: number }>();

  constructor({
    firstMs = FIRST_MS,
    longestMs = LONGEST_MS,
    random = Math.random,
    nowMs = () => performance.now(),
  }: BackOffOptions = {}) {
    this.#options = { firstMs, longestMs, random, nowMs };
  }

  /** Records a failure. @param atLeastMs the server's requested delay. @returns the delay */
  failed(place: string, atLeastMs = 0): number {
    const { firstMs, longestMs, random, nowMs } = this.#options;
    const tries = (this.#places.get(place)?.tries ?? 0) + 1;
    const grown = Math.min(longestMs, firstMs * 2 ** Math.min(tries - 1, 20));
    // Between half and all of it, so that laptops that lost the same server do not return at the same moment.
    const pauseMs = Math.max(atLeastMs, grown * (0.5 + random() / 2));
    this.#places.set(place, { tries, untilMs: nowMs() + pauseMs });
    return pauseMs;
  }

  succeeded(place: string): void {
    this.#places.delete(place);
  }

  /** Milliseconds until it may be tried again; 0: now. */
  waitMs(place: string): number {
    return Math.max(0, (this.#places.get(place)?.untilMs ?? 0) - this.#options.nowMs());
  }

  /** Milliseconds until the first may be retried; null: none is waiting. */
  get soonestMs(): number | null {
    const waits = [...this.#places.keys()].map((place) => this.waitMs(place)).filter((ms) => ms > 0);
    return waits.length === 0 ? null : Math.min(...waits);
  }

  /**
   * Something changed that may help: all destinations, or this one, may be retried now. The next delay is unaffected.
   */
  now(place?: string): void {
    for (const [name, state] of this.#places) if (place === undefined || name === place) state.untilMs = 0;
  }
}
