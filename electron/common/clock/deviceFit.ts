/**
 * A device's own time against the arrival of its samples. What comes from a device is late by its wire, a bus that is
 * asked every few milliseconds and a busy computer, never early: so the line lies along the earliest arrivals, and a row's
 * time by that line is free of the jitter of its way.
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
  /** Half-width that holds the moment of the earliest possible arrival, nanoseconds. */
  uncertaintyNs: number;
}

export interface DeviceTicks {
  /** A clock is read between two ticks; a counter counts samples, each taken at its tick. */
  kind: 'clock' | 'counter';
  /** Nanoseconds of one tick, as the device claims. */
  tickNs: number;
}

const KNOT_NS = 60e9;
/** A quartz wanders with temperature: each knot is fitted to this much around it. */
const AROUND_NS = 60e9;
/** Fewer do not show a line. */
const LEAST_BINS = 8;
const LEAST_NS = 2e9;
/** A rough slope is right to this part of it; the slope of minutes within a run is that of the whole to the other. */
const ROUGH = 0.05;
const STEADY = 1e-3;
/** No stamp of an arrival is better. */
const FINEST_NS = 50_000;
/** More bins than this far below the line: the device's time does not go evenly. */
const MOST_BELOW = 0.1;

export class DeviceFitter {
  readonly #ticks: DeviceTicks;
  readonly #runs: DeviceRuns;

  constructor(ticks: DeviceTicks) {
    this.#ticks = ticks;
    this.#runs = new DeviceRuns(ticks.tickNs);
  }

  /** Rows in their order; one without device time is passed over. */
  add(seq: number, device: number | null, publisherNs: number): void {
    this.#runs.add(seq, device, publisherNs);
  }

  /** The lines in their order. Rows of a run that is too short, or whose line says less than their arrival, have none. */
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

/** The lower edge as a line with a knot a minute; at least two knots, or none where nothing can be said. */
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
    // The ends of few points are known worse than the middle of many.
    const uncertaintyNs = FINEST_NS + spreadNs * Math.max(1, 40 / near.length);
    return { x, y: edge.at(x), fromSeq: bins.find(({ any }) => any.x >= x)?.fromSeq ?? last.fromSeq, uncertaintyNs };
  });
}

/** The earliest point of each bin for a tick of so many nanoseconds. */
const earliest = (bins: readonly Bin[], slope: number): EdgePoint[] =>
  bins.map(({ hull }) => hull.reduce((a, b) => (b.y - slope * b.x < a.y - slope * a.x ? b : a)));

/** The points within a minute of a time, or the nearest ones where the device was silent. */
function around(points: readonly EdgePoint[], at: number): EdgePoint[] {
  const near = points.filter(({ y }) => Math.abs(y - at) <= AROUND_NS);
  if (near.length >= 4 * LEAST_BINS) return near;
  return points.toSorted((a, b) => Math.abs(a.y - at) - Math.abs(b.y - at)).slice(0, 4 * LEAST_BINS);
}

/** Whether the line tells more of its rows than their arrivals do, and the device's time goes evenly along it. */
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
