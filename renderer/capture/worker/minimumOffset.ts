/**
 * The offset between a media clock and ours, from (arrival - timestamp): a frame arrives after it was captured, never
 * before, so the smallest difference is closest to the truth, and how late a single frame arrives does not matter. It
 * drops immediately and rises by at most 100 ppm towards the minimum of the last minute, so it follows a drifting media
 * clock without jittering with arrival.
 */
const BUCKET_NS = 10e9;
const BUCKETS = 6;
const MAX_RISE = 100e-6;

export class MinimumOffset {
  #offsetNs: number | null = null;
  #lastNs = 0;
  #bucketEndNs = 0;
  readonly #minima: number[] = [];

  /** Null until the first frame. */
  get offsetNs(): number | null {
    return this.#offsetNs;
  }

  /** @returns the best current offset: add it to a media timestamp. */
  add(mediaNs: number, arrivalNs: number): number {
    const seen = arrivalNs - mediaNs;
    if (this.#offsetNs === null) {
      this.#offsetNs = seen;
      this.#lastNs = arrivalNs;
    }
    if (arrivalNs >= this.#bucketEndNs) {
      this.#minima.push(seen);
      if (this.#minima.length > BUCKETS) this.#minima.shift();
      this.#bucketEndNs = arrivalNs + BUCKET_NS;
    } else this.#minima[this.#minima.length - 1] = Math.min(this.#minima.at(-1) ?? seen, seen);
    const floor = Math.min(...this.#minima);
    const rise = Math.max(0, arrivalNs - this.#lastNs) * MAX_RISE;
    this.#offsetNs =
      floor <= this.#offsetNs
        ? floor
        : this.#minima.length < BUCKETS
          ? this.#offsetNs
          : Math.min(floor, this.#offsetNs + rise);
    this.#lastNs = Math.max(this.#lastNs, arrivalNs);
    return this.#offsetNs;
  }
}
