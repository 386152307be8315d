import { describe, expect, it } from 'vitest';
import { BackOff } from './backOff.ts';

describe('a place that cannot be reached', () => {
  it('is tried ever more slowly, never more slowly than the longest pause, and at once after a success', () => {
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

  it('is not tried by all laptops at one moment', () => {
    const low = new BackOff({ firstMs: 100, random: () => 0 }).failed('a');
    const high = new BackOff({ firstMs: 100, random: () => 1 }).failed('a');
    expect([low, high]).toEqual([50, 100]);
  });

  it('waits as long as the server asks, and keeps no other place waiting', () => {
    const backOff = new BackOff({ firstMs: 100, random: () => 1, nowMs: () => 0 });
    expect(backOff.failed('a', 60_000)).toBe(60_000);
    expect(backOff.waitMs('b')).toBe(0);
    backOff.failed('b');
    expect(backOff.soonestMs).toBe(100);
  });

  it('is tried at once when the network changed, and then goes on where the pauses were', () => {
    const backOff = new BackOff({ firstMs: 100, random: () => 1, nowMs: () => 1 });
    backOff.failed('a');
    backOff.failed('a');
    backOff.now();
    expect([backOff.waitMs('a'), backOff.soonestMs]).toEqual([0, null]);
    expect(backOff.failed('a')).toBe(400);
  });
});
