/**
 * A device's own time against the arrival of its samples. What comes from a device is late by its wire, a bus that is
 * asked every few milliseconds and a busy computer, never early: so the line lies along the earliest arrivals of each
 * minute, and a row's time by that line is free of the jitter of its way.
 *
 *   arrival − device time   ·  ·     ·   ·        each dot a sample; the line under them drifts with the device's quartz
 *                        ·   ·  ·  ·   ·   ·
 *                        ─────────────────────
 */
import { fitLine, median, offsetAt } from './fit.ts';

/** One line, for the rows [fromSeq, toSeq] of a stream: publisher = referenceNs + (device − referenceDevice) * nsPerTick. */
export interface DeviceLine {
  fromSeq: number;
  toSeq: number;
  /** The device's own ticks, as it gave them. */
  referenceDevice: number;
  referenceNs: number;
  nsPerTick: number;
  /** Half-width that holds the moment of the earliest possible arrival, nanoseconds. */
  uncertaintyNs: number;
}

const BIN_NS = 1e9;
const KNOT_NS = 60e9;
/** A shorter run cannot tell its drift from its jitter: the device's word for its tick is taken. */
const SHORTEST_FOR_DRIFT_NS = 20e9;
const TURNS = 3;
/** Where counters of that many bits begin anew. */
const WRAPS = [8, 10, 12, 15, 16, 20, 24, 31, 32].map((bits) => 2 ** bits);
/** Device and arrival may disagree by so much between two rows before the device is taken to have begun anew. */
const APART_NS = 2e9;

interface Bin {
  /** Device time since the run's first row, nanoseconds by the device's own word. */
  atNs: number;
  /** Earliest arrival in this second, less device time. */
  delayNs: number;
  fromSeq: number;
}

/** Rows between two wraps: the device's ticks plus `baseTicks` go on evenly. */
interface Stretch {
  fromSeq: number;
  toSeq: number;
  baseTicks: number;
}

interface Run {
  firstTicks: number;
  firstNs: number;
  bins: Bin[];
  stretches: Stretch[];
}

export class DeviceFitter {
  readonly #tickNs: number;
  readonly #runs: Run[] = [];
  #last: { device: number; ticks: number; publisherNs: number } | null = null;

  /** @param tickNs nanoseconds of one tick, as the device claims. */
  constructor(tickNs: number) {
    this.#tickNs = tickNs;
  }

  /** Rows in their order; one without device time is passed over. */
  add(seq: number, device: number | null, publisherNs: number): void {
    if (device === null || !Number.isFinite(device)) return;
    const last = this.#last;
    const wrap = last ? this.#wrapOf(device, publisherNs, last) : null;
    const base = last && wrap !== null ? last.ticks - last.device + wrap : 0;
    const ticks = device + base;
    const run = wrap === null ? this.#begin(ticks, publisherNs) : (this.#runs.at(-1) as Run);
    const stretch = run.stretches.at(-1);
    if (stretch && stretch.baseTicks === base) stretch.toSeq = seq;
    else run.stretches.push({ fromSeq: seq, toSeq: seq, baseTicks: base });
    this.#last = { device, ticks, publisherNs };
    const atNs = (ticks - run.firstTicks) * this.#tickNs;
    const delayNs = publisherNs - run.firstNs - atNs;
    const bin = run.bins.at(-1);
    if (bin && atNs - bin.atNs < BIN_NS) bin.delayNs = Math.min(bin.delayNs, delayNs);
    else run.bins.push({ atNs, delayNs, fromSeq: seq });
  }

  /** The lines of all rows that were added, in their order. */
  lines(): DeviceLine[] {
    return this.#runs.flatMap((run) => this.#linesOf(run));
  }

  /** What a step of the device's ticks adds by wrapping: 0 for none, null where the device began anew. */
  #wrapOf(device: number, publisherNs: number, last: { device: number; publisherNs: number }): number | null {
    const arrivedNs = publisherNs - last.publisherNs;
    const fits = (ticks: number): boolean =>
      ticks >= 0 && Math.abs(ticks * this.#tickNs - arrivedNs) < APART_NS + 0.05 * Math.abs(arrivedNs);
    const step = device - last.device;
    if (fits(step)) return 0;
    if (step >= 0) return null;
    return WRAPS.find((wrap) => last.device < wrap && fits(step + wrap)) ?? null;
  }

  #begin(firstTicks: number, firstNs: number): Run {
    const run: Run = { firstTicks, firstNs, bins: [], stretches: [] };
    this.#runs.push(run);
    return run;
  }

  #linesOf(run: Run): DeviceLine[] {
    const knots = knotsOf(run.bins, this.#tickNs);
    return run.stretches.flatMap((stretch) =>
      knots.flatMap((knot, i): DeviceLine[] => {
        const next = knots[i + 1];
        if (!next) return [];
        const isLast = i === knots.length - 2;
        const fromSeq = Math.max(stretch.fromSeq, i === 0 ? stretch.fromSeq : knot.fromSeq);
        const toSeq = Math.min(stretch.toSeq, isLast ? stretch.toSeq : next.fromSeq - 1);
        if (fromSeq > toSeq) return [];
        const slope = (next.delayNs - knot.delayNs) / (next.atNs - knot.atNs);
        return [
          {
            fromSeq,
            toSeq,
            referenceDevice: run.firstTicks + knot.atNs / this.#tickNs - stretch.baseTicks,
            referenceNs: Math.round(run.firstNs + knot.atNs + knot.delayNs),
            nsPerTick: this.#tickNs * (1 + slope),
            uncertaintyNs: Math.max(knot.uncertaintyNs, next.uncertaintyNs),
          },
        ];
      }),
    );
  }
}

interface Knot extends Bin {
  uncertaintyNs: number;
}

/** The lower edge of the delays as a line with a knot a minute; at least two knots. */
function knotsOf(bins: readonly Bin[], tickNs: number): Knot[] {
  const [first, last] = [bins[0] as Bin, bins.at(-1) as Bin];
  const lastsNs = Math.max(last.atNs - first.atNs, 1);
  const count = Math.max(1, Math.round(lastsNs / KNOT_NS));
  const cells: Bin[][] = Array.from({ length: count + 1 }, () => []);
  for (const bin of bins) cells[Math.round(((bin.atNs - first.atNs) / lastsNs) * count)]?.push(bin);
  const drift = lastsNs < SHORTEST_FOR_DRIFT_NS ? null : driftLine(bins);
  let knots = Array.from({ length: count + 1 }, (_, i): Knot => {
    const atNs = first.atNs + (i * lastsNs) / count;
    const inCell = cells[i] as Bin[];
    return {
      atNs,
      delayNs: drift ? drift(atNs) : Math.min(...bins.map(({ delayNs }) => delayNs)),
      fromSeq:
        inCell.find((bin) => bin.atNs >= atNs)?.fromSeq ??
        bins.find((bin) => bin.atNs >= atNs)?.fromSeq ??
        last.fromSeq,
      uncertaintyNs: tickNs,
    };
  });
  if (!drift) return knots;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const map = knots;
    knots = map.map((knot, i) => lowered(knot, cells[i] as Bin[], map, tickNs));
  }
  return knots;
}

function driftLine(bins: readonly Bin[]): (atNs: number) => number {
  const line = fitLine(
    bins.map(({ atNs, delayNs }) => ({ atNs, offsetNs: delayNs, roundTripNs: 1e6 })),
    0,
  );
  return (atNs) => offsetAt(line, atNs);
}

/** A knot moved to the lower edge of its cell: that of its earliest twentieth, since a single one may be wrong. */
function lowered(knot: Knot, cell: readonly Bin[], map: readonly Knot[], tickNs: number): Knot {
  if (cell.length === 0) return knot;
  const above = cell.map(({ atNs, delayNs }) => delayNs - interpolate(map, atNs)).sort((a, b) => a - b);
  const low = above[Math.floor(above.length / 20)] as number;
  return { ...knot, delayNs: knot.delayNs + low, uncertaintyNs: median(above) - low + tickNs };
}

function interpolate(knots: readonly Knot[], atNs: number): number {
  const next = Math.max(
    1,
    knots.findIndex((knot) => knot.atNs > atNs),
  );
  const i = next === 1 && atNs > (knots[1] as Knot).atNs ? knots.length - 1 : next;
  const [a, b] = [knots[i - 1] as Knot, knots[i] as Knot];
  return a.delayNs + ((b.delayNs - a.delayNs) * (atNs - a.atNs)) / (b.atNs - a.atNs);
}
