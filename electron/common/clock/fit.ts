/**
 * A robust line through clock samples: Huber weights by iteration (k = 1.345 sigma, sigma from the median absolute
 * deviation), so that late answers have little effect, and a drift that short data cannot determine is drawn towards 0.
 */
import type { ClockSample } from './probe.ts';

/** reference(t) = t + offsetNs + drift * (t - referenceNs), for remote times t. */
export interface Line {
  referenceNs: number;
  offsetNs: number;
  /** Nanoseconds per nanosecond: 1e-6 is 1 ppm. */
  drift: number;
  /** Half-width of the interval that contains the true time, nanoseconds. */
  uncertaintyNs: number;
}

/** Prior of the drift (one sigma): two quartzes differ by less than this about two times in three. */
const USUAL_DRIFT = 50e-6;
/** No quartz deviates more; a steeper line is a measurement error. */
export const MAX_DRIFT = 500e-6;
/** Timestamps vary by at least this much because of scheduling and caches. */
const FINEST_NS = 500;

export function offsetAt(line: Line, remoteNs: number): number {
  return line.offsetNs + line.drift * (remoteNs - line.referenceNs);
}

/**
 * @param samples of waves, at least one, any order.
 * @param resolutionNs step of the remote stamp; it is part of the uncertainty.
 * @param horizonNs how long after the last sample the line will be used; the drift's uncertainty is included.
 */
export function fitLine(samples: readonly ClockSample[], resolutionNs: number, horizonNs = 0): Line {
  if (samples.length === 0) throw new RangeError('a clock fit needs at least one sample');
  const best = samples.reduce((a, b) => (b.roundTripNs < a.roundTripNs ? b : a));
  // The quickest exchange shows the path's own delay; extra time in the others was waiting, in either direction.
  const sigmas = samples.map(
    ({ roundTripNs }) => best.roundTripNs / 8 + (roundTripNs - best.roundTripNs) / 2 + resolutionNs / 2 + FINEST_NS,
  );
  const base = sigmas.map((sigma) => 1 / sigma ** 2);
  let fitted = weighted(samples, base, best.offsetNs);
  for (let turn = 0; turn < 8; turn += 1) {
    const scores = residuals(samples, fitted).map((residual, i) => residual / (sigmas[i] as number));
    const sigma = Math.max(1.4826 * median(scores.map(Math.abs)), 1e-3);
    const weights = base.map((weight, i) => weight * huber((scores[i] as number) / sigma));
    fitted = weighted(samples, weights, best.offsetNs);
  }
  const { referenceNs, driftSigma } = fitted;
  const drift = Math.max(-MAX_DRIFT, Math.min(MAX_DRIFT, fitted.drift));
  const line = { referenceNs, offsetNs: fitted.offsetNs, drift };
  const residual = 1.4826 * median(residuals(samples, line).map(Math.abs));
  const last = samples.reduce((latest, { atNs }) => Math.max(latest, atNs), Number.NEGATIVE_INFINITY);
  const unknownDriftNs = 2 * driftSigma * (last - referenceNs + horizonNs);
  return { ...line, uncertaintyNs: best.roundTripNs / 2 + residual + unknownDriftNs + resolutionNs };
}

function residuals(samples: readonly ClockSample[], line: Omit<Line, 'uncertaintyNs'>): number[] {
  return samples.map(({ atNs, offsetNs }) => offsetNs - line.offsetNs - line.drift * (atNs - line.referenceNs));
}

/** Weighted least squares; the drift has USUAL_DRIFT as its prior, which longer data outweighs. */
function weighted(samples: readonly ClockSample[], weights: readonly number[], offsetBase: number) {
  const first = (samples[0] as ClockSample).atNs;
  let w = 0;
  let x = 0;
  let y = 0;
  samples.forEach((sample, i) => {
    const weight = weights[i] as number;
    w += weight;
    x += weight * (sample.atNs - first);
    y += weight * (sample.offsetNs - offsetBase);
  });
  x /= w;
  y /= w;
  let xx = 1 / USUAL_DRIFT ** 2;
  let xy = 0;
  samples.forEach((sample, i) => {
    const dx = sample.atNs - first - x;
    xx += (weights[i] as number) * dx * dx;
    xy += (weights[i] as number) * dx * (sample.offsetNs - offsetBase - y);
  });
  return { referenceNs: first + x, offsetNs: offsetBase + y, drift: xy / xx, driftSigma: 1 / Math.sqrt(xx) };
}

const huber = (z: number): number => (Math.abs(z) <= 1.345 ? 1 : 1.345 / Math.abs(z));

export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
