/**
 * The fit of a whole session. A quartz wanders with temperature, so one line is not enough for hours: a robust line is
 * fitted around each knot (every five minutes), and the session's map is linear between the knots, without a jump.
 */
import { fitLine, type Line, offsetAt } from './fit.ts';
import type { ClockSample } from './probe.ts';

export const KNOT_NS = 300e9;

/** One piece of the map, for remote times in [fromNs, toNs); the first begins and the last ends at infinity (null). */
export interface Piece extends Line {
  fromNs: number | null;
  toNs: number | null;
}

/**
 * @param samples best exchanges of waves of one clock life, in any order.
 * @returns pieces in order, covering all time; empty without samples.
 */
export function fitSession(samples: readonly ClockSample[], resolutionNs: number): Piece[] {
  if (samples.length === 0) return [];
  const sorted = [...samples].sort((a, b) => a.atNs - b.atNs);
  const first = (sorted[0] as ClockSample).atNs;
  const last = (sorted.at(-1) as ClockSample).atNs;
  const pieces = Math.floor((last - first) / KNOT_NS);
  if (pieces < 1) return [{ ...fitLine(sorted, resolutionNs), fromNs: null, toNs: null }];

  const step = (last - first) / pieces;
  const knots = Array.from({ length: pieces + 1 }, (_, i) => first + i * step);
  const lines = knots.map((knot) => fitLine(around(sorted, knot, step), resolutionNs));
  return knots.slice(0, -1).map((knot, i): Piece => {
    const [a, b] = [lines[i] as Line, lines[i + 1] as Line];
    const next = knots[i + 1] as number;
    const [left, right] = [offsetAt(a, knot), offsetAt(b, next)];
    return {
      fromNs: i === 0 ? null : knot,
      toNs: i === pieces - 1 ? null : next,
      referenceNs: knot,
      offsetNs: left,
      drift: (right - left) / (next - knot),
      uncertaintyNs: Math.max(a.uncertaintyNs, b.uncertaintyNs),
    };
  });
}

/** Samples within one step of the knot, or the nearest few where the clock was not probed for a while. */
function around(sorted: readonly ClockSample[], knot: number, step: number): ClockSample[] {
  const near = sorted.filter((sample) => Math.abs(sample.atNs - knot) <= step);
  if (near.length >= 4) return near;
  return [...sorted].sort((a, b) => Math.abs(a.atNs - knot) - Math.abs(b.atNs - knot)).slice(0, 4);
}
