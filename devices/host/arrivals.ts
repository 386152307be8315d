/** The last reads of a source's link: when each was stamped, and how much earlier its bytes may have arrived. */
import { boundUs, UNKNOWN_US } from '../../electron/common/wire.ts';

/** Lines that wait until their columns are known are passed on later than they were read. */
const KEPT = 256;

export class Arrivals {
  readonly #atNs = new Float64Array(KEPT).fill(Number.NaN);
  readonly #earlyUs = new Uint32Array(KEPT);
  #next = 0;

  /** @param lateNs NaN: unknown */
  add(atNs: number, lateNs: number): void {
    this.#atNs[this.#next % KEPT] = atNs;
    this.#earlyUs[this.#next % KEPT] = boundUs(lateNs);
    this.#next += 1;
  }

  /** Microseconds; `UNKNOWN_US` for a time that is not the time of a read because the driver computed it differently. */
  earlyUs(atNs: number): number {
    for (let i = this.#next - 1; i >= Math.max(0, this.#next - KEPT); i -= 1)
      if (this.#atNs[i % KEPT] === atNs) return this.#earlyUs[i % KEPT] as number;
    return UNKNOWN_US;
  }
}
