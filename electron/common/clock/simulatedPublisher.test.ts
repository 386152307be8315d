/** Two simulated hours of publishers whose clocks are known. The thousands of runs are in `npm run bench -- clock`. */
import { describe, expect, it } from 'vitest';
import { fitSession } from './sessionFit.ts';
import { clocks, judge, measure, paths, reading, SECOND, type SimulatedClock, seeded } from './simulation.testKit.ts';

const MILLI = 1e6;
const TWO_HOURS = 7200 * SECOND;

describe('a publisher with its own clock, after two hours', () => {
  for (const seed of [1, 2]) {
    it(`on a quiet path: sealed within 0.5 ms, live within 0.2 ms (seed ${seed})`, () => {
      const { sealed, live } = judge(clocks.awake, paths.loopback, TWO_HOURS, seed);
      expect(Math.max(...sealed.errorsNs)).toBeLessThan(0.5 * MILLI);
      expect(live.p95Ns).toBeLessThan(0.2 * MILLI);
      expect(sealed.covered).toBeGreaterThanOrEqual(0.99);
      expect(live.covered).toBeGreaterThanOrEqual(0.99);
    });

    it(`with round trips of 2 to 20 ms and 10 % loss: sealed within 1 ms and half the asymmetry (seed ${seed})`, () => {
      const { sealed, asymmetryNs } = judge(clocks.awake, paths.wireless, TWO_HOURS, seed);
      expect(Math.max(...sealed.errorsNs)).toBeLessThan(1 * MILLI + asymmetryNs / 2);
      expect(sealed.covered).toBeGreaterThanOrEqual(0.99);
    });
  }

  it('that sleeps twice: every time before, between and after is right, and times around the sleep state their uncertainty', () => {
    const { sealed } = judge(clocks.sleeping, paths.loopback, TWO_HOURS, 5);
    expect(sealed.covered).toBe(1);
    const right = sealed.errorsNs.filter((errorNs) => errorNs < 0.5 * MILLI).length;
    expect(right / sealed.errorsNs.length).toBeGreaterThan(0.99);
  });

  it('that sleeps where single exchanges are late: times around the sleep state their uncertainty (seed 24)', () => {
    expect(judge(clocks.sleeping, paths.wireless, TWO_HOURS, 24).sealed.covered).toBe(1);
  });

  it('has no jump in its map while it is awake', () => {
    const next = seeded(6);
    const clock: SimulatedClock = clocks.awake(next);
    const pieces = fitSession(measure(clock, paths.wireless(next), TWO_HOURS, next).waves, clock.resolutionNs);
    expect(pieces.length).toBeGreaterThan(100);
    for (let i = 1; i < pieces.length; i += 1) {
      const [a, b] = [pieces[i - 1], pieces[i]];
      if (!a || !b || b.fromNs === null) throw new Error('pieces are not in order');
      expect(a.toNs).toBe(b.fromNs);
      const left = a.offsetNs + a.drift * (b.fromNs - a.referenceNs);
      expect(Math.abs(left - b.offsetNs - b.drift * (b.fromNs - b.referenceNs))).toBeLessThan(2);
    }
  });

  it('states more uncertainty for times without measurements', () => {
    const next = seeded(7);
    const clock = clocks.awake(next);
    const { waves } = measure(clock, paths.loopback(next), 600 * SECOND, next);
    const end = reading(clock, 600 * SECOND);
    const [near, far] = [0, 3600 * SECOND].map(
      (beyond) => fitSession(waves, clock.resolutionNs, { fromNs: end, toNs: end + beyond }).at(-1)?.uncertaintyNs,
    );
    expect(far).toBeGreaterThan((near ?? Number.NaN) + 10 * MILLI);
  });
});
