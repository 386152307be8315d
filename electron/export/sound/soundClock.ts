/**
 * The capture time of each decoded sample of a microphone. Packets without a break between them form a run. Within a run the
 * samples are counted, and their time is a smooth line through the packets' session times, which removes both the jitter of
 * single packets and the microphone's clock error.
 */
import type { ExportSource, SourceStream } from '../source/exportSource.ts';
import { packetsOf } from '../source/packets.ts';

/** A packet this far from the end of the previous one starts a new run; the time between becomes silence. */
const BREAK_NS = 40e6;
/** The line is fitted over this many seconds around each knot: longer than jitter, shorter than the wander of a quartz. */
const WINDOW_NS = 20e9;
const KNOT_NS = 5e9;
/** A run this short cannot measure its own rate better than the nominal one. */
const SHORT_NS = 3e9;

export interface Run {
  firstSeq: number;
  lastSeq: number;
  startNs: number;
  endNs: number;
  /** Position of a session time in the run, in samples from 0. */
  positionOf(sessionNs: number): number;
}

export interface PacketTime {
  seq: number;
  clock: number;
  sessionNs: number;
  durationNs: number;
}

/** The runs of a stream in order. @param rateHz decoded sample rate */
export function runsOfStream(source: ExportSource, stream: SourceStream, rateHz: number): Run[] {
  return runsOf(packetsOf(source, stream, false), rateHz);
}

export function runsOf(packets: Iterable<PacketTime>, rateHz: number): Run[] {
  const runs: Run[] = [];
  let points: { seq: number; at: number; ns: number }[] = [];
  let next: { seq: number; clock: number; ns: number; at: number } | null = null;
  const close = (): void => {
    if (points.length > 0 && next) runs.push(makeRun(points, next.seq - 1, next.at, rateHz));
    points = [];
  };
  for (const { seq, clock, sessionNs, durationNs } of packets) {
    const continues = next && seq === next.seq && clock === next.clock && Math.abs(sessionNs - next.ns) < BREAK_NS;
    if (!continues) close();
    const at: number = continues && next ? next.at : 0;
    points.push({ seq, at, ns: sessionNs });
    next = { seq: seq + 1, clock, ns: sessionNs + durationNs, at: at + Math.round((durationNs * rateHz) / 1e9) };
  }
  close();
  return runs;
}

interface Knot {
  at: number;
  ns: number;
}

function makeRun(
  points: { seq: number; at: number; ns: number }[],
  lastSeq: number,
  samples: number,
  rateHz: number,
): Run {
  const knots = knotsOf(points, samples, rateHz);
  const [first, last] = [knots[0] as Knot, knots.at(-1) as Knot];
  let i = 0;
  return {
    firstSeq: points[0]?.seq ?? 0,
    lastSeq,
    startNs: first.ns,
    endNs: last.ns,
    // Callers ask in order of time.
    positionOf(sessionNs) {
      if (sessionNs < (knots[i] as Knot).ns) i = 0;
      while (i < knots.length - 2 && sessionNs >= (knots[i + 1] as Knot).ns) i += 1;
      const [a, b] = [knots[i] as Knot, knots[i + 1] as Knot];
      return a.at + ((sessionNs - a.ns) / (b.ns - a.ns)) * (b.at - a.at);
    },
  };
}

/** Points of the line, the first at sample 0 and the last after the last sample. */
function knotsOf(points: { at: number; ns: number }[], samples: number, rateHz: number): Knot[] {
  const nominalNs = 1e9 / rateHz;
  const length = samples * nominalNs;
  const count = length < WINDOW_NS ? 1 : Math.ceil(length / KNOT_NS);
  const knots: Knot[] = [];
  let from = 0;
  let to = 0;
  for (let k = 0; k <= count; k += 1) {
    const at = Math.round((samples * k) / count);
    const half = count === 1 ? length : WINDOW_NS / 2;
    while (to < points.length && (points[to]?.at ?? 0) * nominalNs <= at * nominalNs + half) to += 1;
    while (from < to && (points[from]?.at ?? 0) * nominalNs < at * nominalNs - half) from += 1;
    knots.push({ at, ns: lineAt(points.slice(from, to), at, nominalNs, length < SHORT_NS) });
  }
  return knots;
}

/** The least-squares line through the points, at a sample. */
function lineAt(
  points: readonly { at: number; ns: number }[],
  at: number,
  nominalNs: number,
  isShort: boolean,
): number {
  const first = points[0] ?? { at: 0, ns: 0 };
  let [n, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
  for (const point of points) {
    const x = (point.at - first.at) * nominalNs;
    const y = point.ns - first.ns - x;
    n += 1;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  const spread = n * sxx - sx * sx;
  const slope = isShort || spread <= 0 ? 0 : (n * sxy - sx * sy) / spread;
  const x = (at - first.at) * nominalNs;
  return first.ns + x + (sy - slope * sx) / Math.max(1, n) + slope * x;
}
