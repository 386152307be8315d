import { describe, expect, it } from 'vitest';
import { BackOff } from './backOff.ts';

describe('an unreachable destination', () => {
  it('is retried with growing delays up to the maximum, and immediately after a success', () => {
    let nowMs = 0;
    const backOff = new BackOff({ firstMs: 100, longestMs: 1000, random: () => 1, nowMs: () => nowMs });
    expect([1, 2, 3, 4, 5, 6].map(() => backOff.failed('a'))).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(backOff.waitMs('a')).toBe(1000);
    nowMs = 999;
    expect(backOff.waitMs('a')).toBe(1);
    nowMs = 1000;
    expect(backOff.waitMs('a')).toBe(0);
    backOff.succeeded('a');
    expect(backOff.failed('a')).toBe(100);
  });

  it('is not retried by all laptops at the same moment', () => {
    const low = new BackOff({ firstMs: 100, random: () => 0 }).failed('a');
    const high = new BackOff({ firstMs: 100, random: () => 1 }).failed('a');
    expect([low, high]).toEqual([50, 100]);
  });

  it('waits as long as the server asks, without delaying other destinations', () => {
    const backOff = new BackOff({ firstMs: 100, random: () => 1, nowMs: () => 0 });
    expect(backOff.failed('a', 60_000)).toBe(60_000);
    expect(backOff.waitMs('b')).toBe(0);
    backOff.failed('b');
    expect(backOff.soonestMs).toBe(100);
  });

  it('is retried immediately when the network changes, and then continues with the previous delays', () => {
    const backOff = new BackOff({ firstMs: 100, random: () => 1, nowMs: () => 1 });
    backOff.failed('a');
    backOff.failed('a');
    backOff.now();
    expect([backOff.waitMs('a'), backOff.soonestMs]).toEqual([0, null]);
    expect(backOff.failed('a')).toBe(400);
  });
});
