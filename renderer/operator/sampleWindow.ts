/** The last seconds of one sample stream, for a small plot: limited in time and in rows. */

/** [session or engine seconds, ...values] */
export type SampleRow = readonly [seconds: number, ...values: (number | string | null)[]];

const SECONDS = 20;
/** A plot of 300 pixels shows no more; a fast sensor is thinned out evenly. */
const MAX_ROWS = 1200;

export class SampleWindow {
  #rows: SampleRow[] = [];
  /** `performance.now()` when the last rows arrived; null: none yet. */
  cameAtMs: number | null = null;

  add(rows: readonly SampleRow[]): void {
    const first = rows[0];
    if (!first) return;
    this.cameAtMs = performance.now();
    // A new session has a new time scale.
    if (first[0] < (this.last?.[0] ?? Number.NEGATIVE_INFINITY) - 1) this.#rows = [];
    this.#rows.push(...rows);
    const from = (this.last?.[0] ?? 0) - SECONDS;
    const keep = this.#rows.findIndex((row) => row[0] >= from);
    if (keep > 0) this.#rows.splice(0, keep);
    if (this.#rows.length > MAX_ROWS)
      this.#rows = this.#rows.filter((_, i) => i % 2 === 0 || i === this.#rows.length - 1);
  }

  get last(): SampleRow | undefined {
    return this.#rows.at(-1);
  }

  /** Seconds, and the numbers of one channel beside them; text is skipped. */
  series(channel: number): [seconds: number[], values: (number | null)[]] {
    return [
      this.#rows.map((row) => row[0]),
      this.#rows.map((row) => (typeof row[channel + 1] === 'number' ? (row[channel + 1] as number) : null)),
    ];
  }
}
