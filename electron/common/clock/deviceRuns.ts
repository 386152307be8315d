/**
 * Splits a device's ticks into continuous runs: a counter that wraps continues its run, a device that restarts begins a
 * new one. The length of a tick is estimated from the arrivals, because the declared one may be wrong.
 */

/** Rows between two wraps: the device's ticks plus `baseTicks` are continuous. */
export interface Stretch {
  fromSeq: number;
  toSeq: number;
  baseTicks: number;
}

/** A quarter of a second of arrivals. */
export interface Bin {
  fromSeq: number;
  /**
   * Lower hull of its points: for any tick length, the earliest is one of these. `x`: ticks since the run's first row;
   * `y`: nanoseconds since it.
   */
  hull: { x: number; y: number }[];
  /** The first row, whatever its delay. */
  any: { x: number; y: number };
}

export interface Run {
  firstTicks: number;
  firstNs: number;
  rows: number;
  bins: Bin[];
  stretches: Stretch[];
}

const BIN_NS = 250e6;
/** Where counters of that many bits wrap. */
const WRAPS = [8, 10, 12, 15, 16, 20, 24, 31, 32].map((bits) => 2 ** bits);
/** If device time and arrival differ by more than this between two rows, the device has restarted. */
const APART_NS = 2e9;
/** Run lengths after which its own rate is trusted, first roughly and then precisely. */
const LEARNED_NS = 1e9;
const KNOWN_NS = 20e9;

export class DeviceRuns {
  readonly #tickNs: number;
  readonly runs: Run[] = [];
  #last: { device: number; ticks: number; publisherNs: number } | null = null;

  /** @param tickNs nanoseconds per tick, as declared by the device. */
  constructor(tickNs: number) {
    this.#tickNs = tickNs;
  }

  /** Rows in order; rows without device time are skipped. */
  add(seq: number, device: number | null, publisherNs: number): void {
    if (device === null || !Number.isFinite(device)) return;
    const last = this.#last;
    const wrap = last ? this.#wrapOf(device, publisherNs, last) : null;
    const base = last && wrap !== null ? last.ticks - last.device + wrap : 0;
    const ticks = device + base;
    const run = wrap === null ? this.#begin(ticks, publisherNs) : (this.runs.at(-1) as Run);
    const stretch = run.stretches.at(-1);
    if (stretch && stretch.baseTicks === base) stretch.toSeq = seq;
    else run.stretches.push({ fromSeq: seq, toSeq: seq, baseTicks: base });
    this.#last = { device, ticks, publisherNs };
    run.rows += 1;
    addPoint(run, seq, { x: ticks - run.firstTicks, y: publisherNs - run.firstNs });
  }

  /** Ticks added by wrapping at a step: 0 for none, null if the device restarted. */
  #wrapOf(device: number, publisherNs: number, last: { device: number; publisherNs: number }): number | null {
    const arrivedNs = publisherNs - last.publisherNs;
    const { tickNs, part } = this.#rate();
    const fits = (ticks: number): boolean =>
      ticks >= 0 && Math.abs(ticks * tickNs - arrivedNs) < APART_NS + part * Math.abs(arrivedNs);
    const step = device - last.device;
    if (fits(step)) return 0;
    if (step >= 0) return null;
    return WRAPS.find((wrap) => last.device < wrap && fits(step + wrap)) ?? null;
  }

  /** The run's estimated tick and its error; before that, the declared one. */
  #rate(): { tickNs: number; part: number } {
    const run = this.runs.at(-1);
    const last = this.#last;
    if (run && last) {
      const lastedNs = last.publisherNs - run.firstNs;
      const ticks = last.ticks - run.firstTicks;
      if (lastedNs > LEARNED_NS && ticks > 0)
        return { tickNs: lastedNs / ticks, part: lastedNs > KNOWN_NS ? 0.05 : 0.25 };
    }
    return { tickNs: this.#tickNs, part: 0.05 };
  }

  #begin(firstTicks: number, firstNs: number): Run {
    const run: Run = { firstTicks, firstNs, rows: 0, bins: [], stretches: [] };
    this.runs.push(run);
    return run;
  }
}

function addPoint(run: Run, seq: number, point: { x: number; y: number }): void {
  const bin = run.bins.at(-1);
  if (!bin || point.y - bin.any.y >= BIN_NS) {
    run.bins.push({ fromSeq: seq, hull: [point], any: point });
    return;
  }
  const { hull } = bin;
  const end = hull.at(-1) as { x: number; y: number };
  if (end.x === point.x && end.y <= point.y) return;
  while (hull.length > 0 && (hull.at(-1) as { x: number }).x >= point.x && (hull.at(-1) as { y: number }).y >= point.y)
    hull.pop();
  while (hull.length > 1 && !bends(hull.at(-2), hull.at(-1), point)) hull.pop();
  hull.push(point);
}

/** Whether the middle point is below the line between the others. */
function bends(
  a: { x: number; y: number } | undefined,
  b: { x: number; y: number } | undefined,
  c: { x: number; y: number },
): boolean {
  if (!a || !b) return true;
  return (b.y - a.y) * (c.x - b.x) < (c.y - b.y) * (b.x - a.x);
}
