import { describe, expect, it } from 'vitest';
import { StallMonitor } from './stallMonitor.ts';

describe('a process that watches itself', () => {
  it('reports once from when to when it was frozen, and ignores short delays', () => {
    let nowNs = 0;
    const told: { fromNs: number; toNs: number }[] = [];
    const watch = new StallMonitor({ now: () => nowNs, leastMs: 2000, onStill: (still) => told.push(still) });
    for (const stepMs of [250, 900, 2200, 10_000, 250]) {
      nowNs += stepMs * 1e6;
      watch.look();
    }
    expect(told).toEqual([{ fromNs: 3350e6, toNs: 13_350e6 }]);
  });
});
