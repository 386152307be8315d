import { describe, expect, it } from 'vitest';
import { seeded } from '../../../electron/common/clock/simulation.testKit.ts';
import { AudioTimeline } from './audioTimeline.ts';
import { pictureBounds, soundBounds } from './mediaBounds.ts';

const MILLI = 1e6;

describe('the stated bounds of a sound', () => {
  it('include its true time from the first packet on, while the timeline settles and after, also at 50 ppm', () => {
    for (const [seed, ppm] of [
      [1, 0],
      [2, 50],
      [3, -50],
      [4, 0],
    ] as const) {
      const next = seeded(seed);
      const timeline = new AudioTimeline(48_000);
      let held = 0;
      let [total, widest] = [0, 0];
      for (let i = 0; i < 6000; i += 1) {
        const trueNs = i * 10 * MILLI * (1 + ppm * 1e-6);
        // Usually late by less than a millisecond, sometimes by up to five, including the first one.
        const late = i === 0 ? 5 : next() * 0.8 + (next() < 0.05 ? next() * 5 : 0);
        timeline.add(trueNs + late * MILLI, 480);
        const errorNs = timeline.at(timeline.nextIndex - 480) - trueNs;
        const { earlyUs, lateUs } = soundBounds(timeline);
        total += 1;
        if (errorNs <= earlyUs * 1000 && -errorNs <= lateUs * 1000) held += 1;
        if (i > 1200) widest = Math.max(widest, earlyUs, lateUs);
      }
      expect(held / total).toBeGreaterThanOrEqual(0.99);
      expect(widest).toBeLessThan(6000);
    }
  });
});

describe('the stated bounds of a picture', () => {
  it('is half a frame, and all that it was held up', () => {
    const calm = pictureBounds({ screen: false, stepNs: 33 * MILLI, intervalNs: 33 * MILLI, lateNs: 0.2 * MILLI });
    expect(calm).toEqual({ earlyUs: 17_700, lateUs: 17_500 });
    const starved = pictureBounds({ screen: true, stepNs: 80 * MILLI, intervalNs: 33 * MILLI, lateNs: 9 * MILLI });
    expect(starved).toEqual({ earlyUs: 16_500 + 47_000 + 9_000 + 1_000, lateUs: 1000 });
  });
});
