/**
 * When each sample of a microphone was captured. A sound card counts samples evenly, but with its own quartz; the
 * browser stamps each buffer with the time of its first sample, with several milliseconds of jitter. The timeline
 * counts samples and lets their time follow the stamps slowly (a second-order loop), so it is smooth and tracks the
 * quartz. It follows the median of each half second: on a busy computer more stamps are late by milliseconds and none
 * is early, so a mean would make the sound late as well (measured: 0.4 ms on a quiet computer).
 *
 * Stamps that stay ahead of the count by more than 15 ms for a quarter of a second mean that samples are missing: the
 * count jumps there, and the hole is reported. Stamps that stay behind it mean that earlier ones were late: the time
 * moves.
 */
const HOLE_NS = 15e6;
const PATIENCE_NS = 250e6;
const TIME_CONSTANT_NS = 8e9;
const WINDOW_NS = 500e6;
const MAX_DRIFT = 500e-6;
/** Number of windows whose stamps show how well the count is known: about ten seconds. */
const SEEN = 20;

export class AudioTimeline {
  readonly #sampleNs: number;
  #index = 0;
  /** Time of sample `#index`, and the quartz's deviation from its nominal rate. */
  #timeNs = 0;
  #drift = 0;
  #ageNs = 0;
  #away: number[] = [];
  #awayNs = 0;
  /** How far the stamps of the last half second were ahead of the count. */
  #window: number[] = [];
  #windowNs = 0;
  #started = false;
  /** The earliest and the median stamp of each of the last windows, relative to the count. */
  #seen: { earliestNs: number; middleNs: number }[] = [];
  #sinceNs = 0;

  constructor(sampleRate: number) {
    this.#sampleNs = 1e9 / sampleRate;
  }

  /** Nanoseconds per nanosecond by which the device's clock is slow against ours. */
  get drift(): number {
    return this.#drift;
  }

  /**
   * How far stamps were ahead of (negative: behind) the count in the last seconds, and how long the count has been
   * followed.
   */
  get spread(): { earliestNs: number; middleNs: number; followedNs: number } {
    const earliestNs = Math.min(0, ...this.#seen.map((window) => window.earliestNs));
    const middleNs = this.#seen.reduce((most, { middleNs: of }) => (Math.abs(of) > Math.abs(most) ? of : most), 0);
    return { earliestNs, middleNs, followedNs: this.#sinceNs };
  }

  /**
   * @param stampNs time of the buffer's first sample, on the window's clock.
   * @returns samples missing before this buffer.
   */
  add(stampNs: number, count: number): number {
    if (!this.#started) {
      this.#started = true;
      this.#timeNs = stampNs;
    }
    const jumped = this.#follow(stampNs, count * this.#sampleNs);
    this.#sinceNs += count * this.#sampleNs;
    this.#index += count;
    this.#timeNs += count * this.#sampleNs * (1 + this.#drift);
    return jumped;
  }

  /** Index of the next sample; holes are included. */
  get nextIndex(): number {
    return this.#index;
  }

  /** Time of any sample near now, in whole nanoseconds on the window's clock. */
  at(index: number): number {
    return Math.round(this.#timeNs + (index - this.#index) * this.#sampleNs * (1 + this.#drift));
  }

  #follow(stampNs: number, stepNs: number): number {
    const errorNs = stampNs - this.#timeNs;
    if (Math.abs(errorNs) > HOLE_NS) return this.#isAway(errorNs, stepNs);
    this.#away = [];
    this.#window.push(errorNs);
    this.#windowNs += stepNs;
    // At first every stamp helps.
    if (this.#windowNs < WINDOW_NS && this.#ageNs >= WINDOW_NS) return 0;
    const middleNs = middle(this.#window);
    this.#seen.push({ earliestNs: Math.min(...this.#window), middleNs });
    if (this.#seen.length > SEEN) this.#seen.shift();
    this.#settle(middleNs, this.#windowNs);
    return 0;
  }

  /** Corrects the count towards the stamps of this period. */
  #settle(errorNs: number, lastedNs: number): void {
    this.#window = [];
    this.#windowNs = 0;
    this.#ageNs = Math.min(TIME_CONSTANT_NS, this.#ageNs + lastedNs);
    const gain = lastedNs / this.#ageNs;
    this.#timeNs += gain * errorNs;
    // The quartz estimate is used only once a good mean exists.
    if (this.#ageNs >= TIME_CONSTANT_NS) this.#drift = clamp(this.#drift + (0.25 * gain * errorNs) / TIME_CONSTANT_NS);
  }

  #isAway(errorNs: number, stepNs: number): number {
    if (this.#away.length > 0 && Math.sign(this.#away[0] as number) !== Math.sign(errorNs)) this.#away = [];
    if (this.#away.length === 0) this.#awayNs = 0;
    this.#away.push(errorNs);
    this.#awayNs += stepNs;
    if (this.#awayNs < PATIENCE_NS) return 0;
    // The smallest: stamps are late, never early.
    const nearest = this.#away.reduce((a, b) => (Math.abs(b) < Math.abs(a) ? b : a));
    this.#away = [];
    this.#window = [];
    this.#windowNs = 0;
    const samples = nearest > 0 ? Math.round(nearest / this.#sampleNs) : 0;
    this.#index += samples;
    this.#timeNs += samples > 0 ? samples * this.#sampleNs : nearest;
    // The state until now does not apply any more.
    this.#sinceNs = 0;
    this.#seen = [];
    return samples;
  }
}

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

const clamp = (drift: number): number => Math.max(-MAX_DRIFT, Math.min(MAX_DRIFT, drift));
