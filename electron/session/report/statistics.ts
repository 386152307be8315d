import type { Spread } from './timing.ts';

/** Null for no values. Uses absolute values. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values, Math.abs).sort();
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] as number;
  return { median: at(0.5), p95: at(0.95), most: at(1) };
}

export interface Point {
  x: number;
  y: number;
}

/** Least squares. Null for fewer than two different x. */
export function lineThrough(points: readonly Point[]): { slope: number; at: (x: number) => number } | null {
  const n = points.length;
  const x = points.reduce((sum, p) => sum + p.x / n, 0);
  const y = points.reduce((sum, p) => sum + p.y / n, 0);
  const xx = points.reduce((sum, p) => sum + (p.x - x) ** 2, 0);
  if (n < 2 || xx === 0) return null;
  const slope = points.reduce((sum, p) => sum + (p.x - x) * (p.y - y), 0) / xx;
  return { slope, at: (at) => y + slope * (at - x) };
}

/**
 * The median of the slopes between all pairs (Theil and Sen): a few wrong points do not affect it. At most 200 points.
 */
export function medianSlope(points: readonly Point[]): number | null {
  const few = evenly(points, 200);
  const slopes: number[] = [];
  for (let i = 0; i < few.length; i += 1)
    for (let j = i + 1; j < few.length; j += 1) {
      const [a, b] = [few[i] as Point, few[j] as Point];
      if (b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
    }
  if (slopes.length === 0) return null;
  slopes.sort((a, b) => a - b);
  return slopes[slopes.length >> 1] as number;
}

/** At most `most` of the values, evenly spaced, including the first and the last. */
export function evenly<T>(values: readonly T[], most: number): T[] {
  if (values.length <= most) return [...values];
  return Array.from({ length: most }, (_, i) => values[Math.round((i * (values.length - 1)) / (most - 1))] as T);
}
