/**
 * Fits a device's own time to the arrival times of its samples. Samples are delayed by the cable, bus polling and a
 * busy computer, and never arrive early. So the line follows the earliest arrivals, and times computed from it are free
 * of transport jitter.
 *
 *   arrival − device time   ·  ·     ·   ·        each dot a sample; the line under them drifts with the device's quartz
 *                        ·   ·  ·  ·   ·   ·
 *                        ─────────────────────
 */
import { type Bin, DeviceRuns, type Run } from './deviceRuns.ts';
import { type EdgePoint, lowerEdge, roughSlope } from './lowerEdge.ts';

/** One line, for the rows [fromSeq, toSeq] of a stream: publisher = referenceNs + (device − referenceDevice) * nsPerTick. */
export interface DeviceLine {
  fromSeq: number;
  toSeq: number;
  /** The device's own ticks, as it gave them. */
  referenceDevice: number;
  referenceNs: number;
  nsPerTick: number;
  /** Half-width of the interval that contains the earliest possible arrival, nanoseconds. */
  uncertaintyNs: number;
}

export interface DeviceTicks {
  /** A clock is read between ticks; a counter counts samples, each taken at its tick. */
  kind: 'clock' | 'counter';
  /** Nanoseconds per tick, as declared by the device. */
  tickNs: number;
}

const KNOT_NS = 60e9;
/** A quartz drifts with temperature: each knot is fitted to this much data around it. */
const AROUND_NS = 60e9;
/** Fewer points do not define a line. */
const LEAST_BINS = 8;
const LEAST_NS = 2e9;
/** Relative accuracy of a rough slope; and how far the slope of a minute may differ from that of the whole run. */
const ROUGH = 0.05;
const STEADY = 1e-3;
/** Best accuracy of an arrival timestamp. */
const FINEST_NS = 50_000;
/** More bins than this far below the line mean that the device's time is irregular. */
const MOST_BELOW = 0.1;

export class DeviceFitter {
  readonly #ticks: DeviceTicks;
  readonly #runs: DeviceRuns;

  constructor(ticks: DeviceTicks) {
    this.#ticks = ticks;
    this.#runs = new DeviceRuns(ticks.tickNs);
  }

  /** Rows in order; rows without device time are skipped. */
  add(seq: number, device: number | null, publisherNs: number): void {
    this.#runs.add(seq, device, publisherNs);
  }

  /** The lines in order. Runs that are too short, or whose line is less accurate than the arrival times, have none. */
  lines(): DeviceLine[] {
    return this.#runs.runs.flatMap((run) => this.#linesOf(run));
  }

  #linesOf(run: Run): DeviceLine[] {
    const knots = knotsOf(run.bins);
    const [first, second] = knots;
    if (!first || !second) return [];
    const quantumNs = this.#ticks.kind === 'clock' ? (second.y - first.y) / (second.x - first.x) : 0;
    const uncertaintyNs = (i: number): number =>
      Math.max((knots[i] as Knot).uncertaintyNs, (knots[i + 1] as Knot).uncertaintyNs) + quantumNs;
    return run.stretches.flatMap((stretch) =>
      knots.slice(0, -1).flatMap((knot, i): DeviceLine[] => {
        const next = knots[i + 1] as Knot;
        const isLast = i === knots.length - 2;
        const fromSeq = Math.max(stretch.fromSeq, i === 0 ? stretch.fromSeq : knot.fromSeq);
        const toSeq = Math.min(stretch.toSeq, isLast ? stretch.toSeq : next.fromSeq - 1);
        if (fromSeq > toSeq || !saysMore(run.bins, knot, next, uncertaintyNs(i))) return [];
        return [
          {
            fromSeq,
            toSeq,
            referenceDevice: run.firstTicks + knot.x - stretch.baseTicks,
            referenceNs: Math.round(run.firstNs + knot.y),
            nsPerTick: (next.y - knot.y) / (next.x - knot.x),
            uncertaintyNs: uncertaintyNs(i),
          },
        ];
      }),
    );
  }
}

interface Knot extends EdgePoint {
  fromSeq: number;
  uncertaintyNs: number;
}

/** The lower edge as a line with one knot per minute; at least two knots, or none without enough data. */
function knotsOf(bins: readonly Bin[]): Knot[] {
  const [first, last] = [bins[0], bins.at(-1)];
  if (!first || !last || bins.length < LEAST_BINS) return [];
  const lastsNs = last.any.y - first.any.y;
  const rough = roughSlope(bins.map(({ any }) => any));
  if (lastsNs < LEAST_NS || !(rough > 0)) return [];
  const { slope } = lowerEdge(earliest(bins, lowerEdge(earliest(bins, rough), rough, ROUGH).slope), rough, ROUGH);
  const count = Math.max(1, Math.round(lastsNs / KNOT_NS));
  const points = earliest(bins, slope);
  return Array.from({ length: count + 1 }, (_, i): Knot => {
    const at = first.any.y + (i * lastsNs) / count;
    const near = count === 1 ? points : around(points, at);
    const edge = lowerEdge(near, slope, count === 1 ? ROUGH : STEADY);
    const x = (at - edge.at(0)) / edge.slope;
    const above = Float64Array.from(near, (point) => point.y - edge.at(point.x)).sort();
    const spreadNs = (above[above.length >> 1] as number) - (above[0] as number);
    // The ends, with few points, are less certain than the middle.
    const uncertaintyNs = FINEST_NS + spreadNs * Math.max(1, 40 / near.length);
    return { x, y: edge.at(x), fromSeq: bins.find(({ any }) => any.x >= x)?.fromSeq ?? last.fromSeq, uncertaintyNs };
  });
}

/** The earliest point of each bin for a tick of this many nanoseconds. */
const earliest = (bins: readonly Bin[], slope: number): EdgePoint[] =>
  bins.map(({ hull }) => hull.reduce((a, b) => (b.y - slope * b.x < a.y - slope * a.x ? b : a)));

/** The points within a minute of a time, or the nearest ones where the device was silent. */
function around(points: readonly EdgePoint[], at: number): EdgePoint[] {
  const near = points.filter(({ y }) => Math.abs(y - at) <= AROUND_NS);
  if (near.length >= 4 * LEAST_BINS) return near;
  return points.toSorted((a, b) => Math.abs(a.y - at) - Math.abs(b.y - at)).slice(0, 4 * LEAST_BINS);
}

/** Whether the line is more accurate than the arrival times, and the device's time is regular. */
function saysMore(bins: readonly Bin[], from: Knot, to: Knot, uncertaintyNs: number): boolean {
  const slope = (to.y - from.y) / (to.x - from.x);
  const own = bins.filter(({ any }) => any.x >= from.x && any.x <= to.x);
  if (own.length === 0) return true;
  const over = ({ x, y }: EdgePoint): number => y - from.y - slope * (x - from.x);
  const below = own.filter(({ hull }) => hull.some((point) => over(point) < -uncertaintyNs)).length;
  if (below > MOST_BELOW * own.length) return false;
  const late = Float64Array.from(own, ({ any }) => over(any)).sort();
  return uncertaintyNs <= Math.max(2 * FINEST_NS, late[Math.floor(0.95 * late.length)] as number);
}
