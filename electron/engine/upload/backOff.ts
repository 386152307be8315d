/** Pauses between tries of a place that cannot be reached: they grow, and differ from laptop to laptop. */

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

  /** It failed again. @param atLeastMs what the server asked for. @returns the pause */
  failed(place: string, atLeastMs = 0): number {
    const { firstMs, longestMs, random, nowMs } = this.#options;
    const tries = (this.#places.get(place)?.tries ?? 0) + 1;
    const grown = Math.min(longestMs, firstMs * 2 ** Math.min(tries - 1, 20));
    // Between half and all of it: many laptops that lost one server do not come back at one moment.
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

  /** Until the first of them may be tried again; null: none waits. */
  get soonestMs(): number | null {
    const waits = [...this.#places.keys()].map((place) => this.waitMs(place)).filter((ms) => ms > 0);
    return waits.length === 0 ? null : Math.min(...waits);
  }

  /** Something changed that may help: all, or this place, may be tried now. The next pause is as long as it would have been. */
  now(place?: string): void {
    for (const [name, state] of this.#places) if (place === undefined || name === place) state.untilMs = 0;
  }
}
