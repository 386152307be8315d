import { expect, it } from 'vitest';
import { Cadence } from './cadence.ts';

const S = 1e9;
/** Silences that would be reported as gaps if a device delivers at these times, checked four times a second. */
function silences(cadence: Cadence, times: readonly number[]): number {
  let told = 0;
  times.forEach((time, i) => {
    cadence.heard(time * S);
    const next = times[i + 1];
    if (next === undefined) return;
    for (let at = time; at < next; at += 0.25)
      if ((at - time) * S >= cadence.gapAfterNs) {
        told += 1;
        return;
      }
  });
  return told;
}
const every = (seconds: number, count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, i) => from + i * seconds);

it.each([8, 60, 300])('takes a sensor of one sample in %i s for what it is', (seconds) => {
  expect(silences(new Cadence(5 * S), every(seconds, 12))).toBe(0);
  expect(silences(new Cadence(5 * S, 1 / seconds), every(seconds, 12))).toBe(0);
});

it('learns the pauses between bursts as the cadence', () => {
  const bursts = every(60, 10).flatMap((start) => every(0.02, 200, start));
  // The first pauses are unexpected, since the pattern is not known yet. The third one teaches it.
  expect(silences(new Cadence(5 * S), bursts)).toBe(3);
});

it('reports that a fast device fell silent after the usual time', () => {
  expect(silences(new Cadence(5 * S), [...every(0.02, 100), ...every(0.02, 100, 12), ...every(0.02, 100, 30)])).toBe(2);
});

it('never gets used to random dropouts', () => {
  const lengths = [10, 16, 11, 25, 7, 12, 9];
  let at = 0;
  const times = lengths.flatMap((length) => {
    const part = every(0.02, 100, at);
    at += 2 + length;
    return part;
  });
  expect(silences(new Cadence(5 * S), [...times, at])).toBe(lengths.length);
});

it('learns after two silences that a device became slow', () => {
  expect(silences(new Cadence(5 * S), [...every(1, 10), ...every(30, 10, 40)])).toBe(2);
});

it('shows early that nothing arrives, but reports no gap before it knows the device', () => {
  const cadence = new Cadence(5 * S);
  expect(cadence.shownAfterNs).toBe(5 * S);
  expect(cadence.gapAfterNs).toBeGreaterThan(30 * S);
});
