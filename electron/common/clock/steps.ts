/**
 * A clock that was reset, or stopped while the machine slept, steps against the reference. Every exchange gives strict
 * bounds of the offset, and no quartz drifts faster than MAX_DRIFT: if the bounds of two waves contradict each other,
 * there was a step.
 */
import { MAX_DRIFT } from './fit.ts';
import { type ClockSample, clockSample, type Probe } from './probe.ts';

/**
 * The smallest step that must have occurred between two samples, nanoseconds; 0: none. Positive: the remote clock
 * stopped for a while.
 */
export function stepBetween(before: ClockSample, after: ClockSample, resolutionNs: number): number {
  const apart = after.offsetNs - before.offsetNs;
  const possible =
    (before.roundTripNs + after.roundTripNs) / 2 + MAX_DRIFT * Math.abs(after.atNs - before.atNs) + 2 * resolutionNs;
  return Math.abs(apart) > possible ? apart : 0;
}

/** Runs of waves (in time order) without a step inside. */
export function splitAtSteps<T extends { sample: ClockSample }>(waves: readonly T[], resolutionNs: number): T[][] {
  const runs: T[][] = [];
  let before: ClockSample | null = null;
  for (const wave of waves) {
    const run = runs.at(-1);
    if (run && before && stepBetween(before, wave.sample, resolutionNs) === 0) run.push(wave);
    else runs.push([wave]);
    before = wave.sample;
  }
  return runs;
}

/** A wave in parts without a step inside: one, unless the clock stepped between two of its exchanges. */
export function withoutStep(wave: readonly Probe[], resolutionNs: number): Probe[][] {
  const exchanges = wave.map((probe) => ({ probe, sample: clockSample(probe) }));
  return splitAtSteps(exchanges, resolutionNs).map((run) => run.map(({ probe }) => probe));
}
