/**
 * Learns how often a source delivers: a sensor that prints every eight seconds is not silent after five. Pure; times
 * are publisher nanoseconds.
 */

/** Number of intervals remembered: one burst a minute stays known as long as a minute is among them. */
const REMEMBER = 32;
/** Intervals needed before anything is known. */
const LEARNT = 3;
/** This many silences of the same length, within a tenth, are no coincidence. */
const ALIKE = 3;
/** Tolerance for a late delivery, relative to the usual interval. */
const PATIENCE = 2.5;
/** While nothing is known, a pause is shown to people but does not count as a gap before this time. */
const UNKNOWN_NS = 15 * 60e9;
/** How long to wait for a second sample before people are informed that nothing arrives. */
const SHOWN_AFTER_NS = 30e9;

export class Cadence {
  readonly #leastNs: number;
  readonly #intervals: number[] = [];
  #heard = 0;
  #lastNs: number | null = null;
  /** Silences that were longer than all before, and the number of samples since the last of them. */
  #silences: number[] = [];
  #sinceSilence = 0;

  /** @param leastNs shorter silences are never reported. @param nominalRateHz from the kit */
  constructor(leastNs: number, nominalRateHz?: number) {
    this.#leastNs = leastNs;
    if (nominalRateHz === undefined || nominalRateHz <= 0) return;
    this.#heard = LEARNT;
    this.#remember(1e9 / nominalRateHz);
  }

  /** A sample arrived. Samples from one read count once. */
  heard(atNs: number): void {
    const last = this.#lastNs;
    if (last !== null && atNs <= last) return;
    this.#lastNs = atNs;
    if (last === null) return;
    const interval = atNs - last;
    this.#heard += 1;
    this.#sinceSilence += 1;
    if (interval <= this.#leastNs || this.#heard <= LEARNT || interval <= this.#expectedNs) {
      this.#remember(interval);
      return;
    }
    // Radio dropouts are random. Single samples between two silences, or repeated silences of the same length, are the
    // device's normal cadence.
    const isSlow = this.#silences.length > 0 && this.#sinceSilence <= 1;
    this.#silences = [...this.#silences, interval].slice(-ALIKE);
    this.#sinceSilence = 0;
    const isRegular =
      this.#silences.length === ALIKE && this.#silences.every((one) => Math.abs(one - interval) < interval / 10);
    if (!isSlow && !isRegular) return;
    for (const silence of this.#silences.splice(0)) this.#remember(silence);
  }

  /** The link was reopened: the time without it says nothing about the device. */
  opened(): void {
    this.#lastNs = null;
    this.#silences = [];
  }

  /** A silence of this length is a gap. */
  get gapAfterNs(): number {
    return this.#isLearnt ? this.#expectedNs : this.#lastNs === null ? this.shownAfterNs + SHOWN_AFTER_NS : UNKNOWN_NS;
  }

  /** A silence of this length is shown to people. */
  get shownAfterNs(): number {
    if (this.#isLearnt || this.#lastNs === null) return this.#isLearnt ? this.#expectedNs : this.#leastNs;
    return Math.max(this.#leastNs, SHOWN_AFTER_NS);
  }

  get #isLearnt(): boolean {
    return this.#heard >= LEARNT;
  }

  get #expectedNs(): number {
    let longest = 0;
    for (const interval of this.#intervals) if (interval > longest) longest = interval;
    return Math.max(this.#leastNs, longest * PATIENCE);
  }

  /** Keeps only intervals that matter: many short ones must not push out a long one. */
  #remember(interval: number): void {
    if (interval * PATIENCE <= this.#leastNs) return;
    this.#intervals.push(interval);
    if (this.#intervals.length > REMEMBER) this.#intervals.shift();
  }
}
