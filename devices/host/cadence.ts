/**
 * How often a source delivers, learnt from what comes: a sensor that prints every eight seconds is not silent after five.
 * Pure; times are publisher nanoseconds.
 */

/** Intervals that are remembered: one burst a minute is known as long as a minute is among them. */
const REMEMBER = 32;
/** Intervals before anything is known. */
const LEARNT = 3;
/** Silences of the same length, within a tenth, that are no accident. */
const ALIKE = 3;
/** A delivery may be this much later than usual. */
const PATIENCE = 2.5;
/** As long as nothing is known a pause is shown, but it is not a hole in the data before so long. */
const UNKNOWN_NS = 15 * 60e9;
/** How long people wait for a second sample before they are told that nothing comes. */
const SHOWN_AFTER_NS = 30e9;

export class Cadence {
  readonly #leastNs: number;
  readonly #intervals: number[] = [];
  #heard = 0;
  #lastNs: number | null = null;
  /** Silences that were longer than all before, and samples since the last of them. */
  #silences: number[] = [];
  #sinceSilence = 0;

  /** @param leastNs shorter silences are never told. @param nominalRateHz as the kit says */
  constructor(leastNs: number, nominalRateHz?: number) {
    this.#leastNs = leastNs;
    if (nominalRateHz === undefined || nominalRateHz <= 0) return;
    this.#heard = LEARNT;
    this.#remember(1e9 / nominalRateHz);
  }

  /** A sample came. Samples of one read count once. */
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
    // Dropouts of a radio come at random. Single samples between two silences, or silences that are alike again and again,
    // are how this device delivers.
    const isSlow = this.#silences.length > 0 && this.#sinceSilence <= 1;
    this.#silences = [...this.#silences, interval].slice(-ALIKE);
    this.#sinceSilence = 0;
    const isRegular =
      this.#silences.length === ALIKE && this.#silences.every((one) => Math.abs(one - interval) < interval / 10);
    if (!isSlow && !isRegular) return;
    for (const silence of this.#silences.splice(0)) this.#remember(silence);
  }

  /** The link was opened again: the time without it says nothing. */
  opened(): void {
    this.#lastNs = null;
    this.#silences = [];
  }

  /** A silence of this length is a gap. */
  get gapAfterNs(): number {
    return this.#isLearnt ? this.#expectedNs : this.#lastNs === null ? this.shownAfterNs + SHOWN_AFTER_NS : UNKNOWN_NS;
  }

  /** A silence of this length is told to people. */
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

  /** Only what could make a difference: many short intervals must not push a long one out. */
  #remember(interval: number): void {
    if (interval * PATIENCE <= this.#leastNs) return;
    this.#intervals.push(interval);
    if (this.#intervals.length > REMEMBER) this.#intervals.shift();
  }
}
