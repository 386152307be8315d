/** Band-limited interpolation: the value of a sampled sound between its samples, with a windowed sinc (Smith, "Digital Audio Resampling"). */

const HALF_TAPS = 24;
const PHASES = 256;
/** Kaiser window of 80 dB. */
const BETA = 7.9;

export class Resampler {
  /** Input samples needed on each side of a value. */
  readonly reach: number;
  readonly #table: Float64Array;
  readonly #width: number;

  /** @param ratio output rate over input rate; below 1, frequencies above the output's limit are filtered out. */
  constructor(ratio: number) {
    const cutoff = Math.min(1, ratio) * 0.96;
    this.reach = Math.ceil(HALF_TAPS / cutoff);
    this.#width = 2 * this.reach;
    this.#table = new Float64Array((PHASES + 1) * this.#width);
    for (let phase = 0; phase <= PHASES; phase += 1) {
      let sum = 0;
      for (let tap = 0; tap < this.#width; tap += 1) {
        const x = tap - this.reach + 1 - phase / PHASES;
        const value = Math.abs(x) >= this.reach ? 0 : sinc(x * cutoff) * kaiser(x / this.reach);
        this.#table[phase * this.#width + tap] = value;
        sum += value;
      }
      // Normalised so that a constant signal keeps its value at every phase.
      const row = this.#table.subarray(phase * this.#width, (phase + 1) * this.#width);
      for (let tap = 0; tap < row.length; tap += 1) row[tap] = (row[tap] as number) / sum;
    }
  }

  /** @param at position in `input`; outside it the signal is silence. */
  valueAt(input: Float32Array, at: number): number {
    const whole = Math.floor(at);
    const scaled = (at - whole) * PHASES;
    const phase = Math.floor(scaled);
    const between = scaled - phase;
    const first = whole - this.reach + 1;
    const row = phase * this.#width;
    const next = row + this.#width;
    const from = Math.max(0, -first);
    const to = Math.min(this.#width, input.length - first);
    let [a, b] = [0, 0];
    for (let tap = from; tap < to; tap += 1) {
      const value = input[first + tap] as number;
      a += value * (this.#table[row + tap] as number);
      b += value * (this.#table[next + tap] as number);
    }
    return a + (b - a) * between;
  }
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const kaiser = (x: number): number => (Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA));

/** Modified Bessel function of the first kind and order 0. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-12 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
