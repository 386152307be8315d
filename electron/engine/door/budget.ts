/** Limits a connection's average cost per second. Above it the connection is read more slowly; nothing is lost. */
export class Budget {
  readonly #perSecond: number;
  readonly #most: number;
  #left: number;
  #atMs: number;

  /** @param seconds of the average that may be spent at once */
  constructor(perSecond: number, seconds: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#most = perSecond * seconds;
    this.#left = this.#most;
    this.#atMs = nowMs;
  }

  /** @returns milliseconds to wait before more is taken; 0: none */
  spend(amount: number, nowMs: number): number {
    this.#left = Math.min(this.#most, this.#left + ((nowMs - this.#atMs) / 1000) * this.#perSecond) - amount;
    this.#atMs = nowMs;
    return this.#left >= 0 ? 0 : (-this.#left / this.#perSecond) * 1000;
  }
}
