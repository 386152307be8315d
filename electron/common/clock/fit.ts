/**
 * A robust line through clock samples: Huber weights by iteration (k = 1.345 sigma, sigma from the median absolute
 * deviation), so that a late answer pulls nothing.
 */
import type { ClockSample } from './probe.ts';

/** reference(t) = t + offsetNs + drift * (t - referenceNs), for remote times t. */
export interface Line {
  referenceNs: number;
  offsetNs: number;
  /** Nanoseconds a nanosecond: 1e-6 is 1 ppm. */
  drift: number;
  /** Half-width that holds the true time, nanoseconds. */
  uncertaintyNs: number;
}

/** A drift below this span of samples says more of jitter than of clocks: it is taken as 0. */
const MIN_SPAN_NS = 20e9;
const MIN_SAMPLES = 4;
/** No quartz is off by more; a steeper line is a fault of measurement. */
const MAX_DRIFT = 500e-6;

export function offsetAt(line: Line, remoteNs: number): number {
  return line.offsetNs + line.drift * (remoteNs - line.referenceNs);
}

/**
 * @param samples best exchanges of waves, at least one, any order.
 * @param resolutionNs step of the remote stamp; it is part of the uncertainty.
 */
export function fitLine(samples: readonly ClockSample[], resolutionNs: number): Line {
  if (samples.length === 0) throw new RangeError('a clock fit needs at least one sample');
  const best = samples.reduce((a, b) => (b.roundTripNs < a.roundTripNs ? b : a));
  const span = extent(samples.map((sample) => sample.atNs));
  if (samples.length < MIN_SAMPLES || span < MIN_SPAN_NS) return constantLine(samples, best, resolutionNs);

  const referenceNs = samples.reduce((sum, sample) => sum + sample.atNs / samples.length, 0);
  // A sample is worth what its round trip allows: the error bound is half of it.
  const base = samples.map((sample) => 1 / (sample.roundTripNs / 2 + resolutionNs + 1000) ** 2);
  let weights = base;
  let line = weighted(samples, weights, referenceNs, best.offsetNs);
  for (let turn = 0; turn < 8; turn += 1) {
    const residuals = samples.map((sample) => sample.offsetNs - at(line, sample.atNs));
    const sigma = Math.max(1.4826 * median(residuals.map(Math.abs)), 1);
    weights = base.map((weight, i) => weight * huber((residuals[i] as number) / sigma));
    line = weighted(samples, weights, referenceNs, best.offsetNs);
  }
  if (Math.abs(line.drift) > MAX_DRIFT) return constantLine(samples, best, resolutionNs);
  const residual = 1.4826 * median(samples.map((sample) => Math.abs(sample.offsetNs - at(line, sample.atNs))));
  return { ...line, uncertaintyNs: best.roundTripNs / 2 + residual + resolutionNs };

  function at(l: { referenceNs: number; offsetNs: number; drift: number }, t: number): number {
    return l.offsetNs + l.drift * (t - l.referenceNs);
  }
}

function constantLine(samples: readonly ClockSample[], best: ClockSample, resolutionNs: number): Line {
  // Without a drift the line may be wrong by what the clocks part within the samples' own span.
  const spread = median(samples.map((sample) => Math.abs(sample.offsetNs - best.offsetNs)));
  return {
    referenceNs: best.atNs,
    offsetNs: best.offsetNs,
    drift: 0,
    uncertaintyNs: best.roundTripNs / 2 + Math.min(spread, best.roundTripNs) + resolutionNs,
  };
}

function weighted(
  samples: readonly ClockSample[],
  weights: readonly number[],
  referenceNs: number,
  offsetBase: number,
): { referenceNs: number; offsetNs: number; drift: number } {
  let w = 0;
  let x = 0;
  let y = 0;
  samples.forEach((sample, i) => {
    const weight = weights[i] as number;
    w += weight;
    x += weight * (sample.atNs - referenceNs);
    y += weight * (sample.offsetNs - offsetBase);
  });
  x /= w;
  y /= w;
  let xx = 0;
  let xy = 0;
  samples.forEach((sample, i) => {
    const dx = sample.atNs - referenceNs - x;
    xx += (weights[i] as number) * dx * dx;
    xy += (weights[i] as number) * dx * (sample.offsetNs - offsetBase - y);
  });
  const drift = xx > 0 ? xy / xx : 0;
  return { referenceNs, offsetNs: offsetBase + y - drift * x, drift };
}

const huber = (z: number): number => (Math.abs(z) <= 1.345 ? 1 : 1.345 / Math.abs(z));

const extent = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) -
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);

export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
