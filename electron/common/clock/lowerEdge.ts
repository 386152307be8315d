/**
 * The line along the lower edge of points: samples from a device arrive late, never early, so the true line is below
 * all but a few points. It is the line for a low quantile (least pinball loss; Koenker & Bassett 1978), found by
 * searching the slope: for a given slope the best offset is the quantile itself, and the loss is convex in the slope.
 */
import { median } from './fit.ts';

export interface EdgePoint {
  x: number;
  y: number;
}

export interface Edge {
  slope: number;
  at: (x: number) => number;
}

/** Fraction of points that may be below the line, to allow for wrong timestamps. */
const BELOW = 0.05;
const TURNS = 48;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** @param reach maximum relative deviation from `slope` */
export function lowerEdge(points: readonly EdgePoint[], slope: number, reach: number): Edge {
  const x0 = points.reduce((sum, { x }) => sum + x / points.length, 0);
  const y0 = (points[0] as EdgePoint).y;
  const width = Math.abs(slope) * reach;
  let [low, high] = [slope - width, slope + width];
  let [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [lossLeft, lossRight] = [fitAt(points, x0, y0, left).loss, fitAt(points, x0, y0, right).loss];
  for (let turn = 0; turn < TURNS; turn += 1) {
    if (lossLeft <= lossRight) {
      [high, right, lossRight] = [right, left, lossLeft];
      left = high - GOLDEN * (high - low);
      lossLeft = fitAt(points, x0, y0, left).loss;
    } else {
      [low, left, lossLeft] = [left, right, lossRight];
      right = low + GOLDEN * (high - low);
      lossRight = fitAt(points, x0, y0, right).loss;
    }
  }
  const best = (low + high) / 2;
  const { height } = fitAt(points, x0, y0, best);
  return { slope: best, at: (x) => y0 + height + best * (x - x0) };
}

function fitAt(points: readonly EdgePoint[], x0: number, y0: number, slope: number): { height: number; loss: number } {
  const heights = Float64Array.from(points, ({ x, y }) => y - y0 - slope * (x - x0));
  const sorted = heights.toSorted();
  const height = sorted[Math.floor(BELOW * sorted.length)] as number;
  let loss = 0;
  for (const h of heights) loss += h >= height ? BELOW * (h - height) : (1 - BELOW) * (height - h);
  return { height, loss };
}

/** The median of the slopes between at most 60 of the points (Theil and Sen); NaN for fewer than two different x. */
export function roughSlope(points: readonly EdgePoint[]): number {
  const step = Math.max(1, points.length / 60);
  const few = Array.from({ length: Math.floor(points.length / step) }, (_, i) => points[Math.floor(i * step)]);
  const slopes: number[] = [];
  for (const [i, a] of few.entries())
    for (const b of few.slice(i + 1)) if (a && b && b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
  return slopes.length === 0 ? Number.NaN : median(slopes);
}
