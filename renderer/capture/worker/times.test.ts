import { describe, expect, it } from 'vitest';
import { FrameHoles } from './frameHoles.ts';
import { MinimumOffset } from './minimumOffset.ts';
import { PacketTimes } from './packetTimes.ts';
import { SystemBase, VideoTimes } from './videoTimes.ts';

describe('MinimumOffset', () => {
  it('is the smallest delay, not the last one', () => {
    const offset = new MinimumOffset();
    const delays = [9e6, 3e6, 1e6, 40e6, 2e6, 80e6];
    const found = delays.map((delay, i) => offset.add(i * 33e6, i * 33e6 + 7e9 + delay));
    expect(found.at(-1)).toBe(7e9 + 1e6);
  });

  it('follows a media clock that loses 50 ppm, without steps', () => {
    const offset = new MinimumOffset();
    let last = 0;
    let biggest = 0;
    for (let ns = 0; ns < 600e9; ns += 33e6) {
      const now = offset.add(ns * (1 - 50e-6), ns + 1e6);
      if (ns > 120e9) biggest = Math.max(biggest, Math.abs(now - last));
      last = now;
    }
    expect(Math.abs(last - (600e9 * 50e-6 + 1e6))).toBeLessThan(4e6);
    expect(biggest).toBeLessThan(10e3);
  });
});

describe('VideoTimes', () => {
  it('keeps cameras on the system clock exact to each other, however late each arrives', () => {
    const system = new SystemBase();
    const quick = new VideoTimes(system);
    const slow = new VideoTimes(system);
    for (let i = 0; i < 100; i += 1) {
      quick.capturedNs(1e12 + i * 33e6, 5e9 + i * 33e6 + 1e6);
      slow.capturedNs(1e12 + i * 33e6, 5e9 + i * 33e6 + 30e6);
    }
    expect(slow.capturedNs(2e12, 1.005e12 + 30e6)).toBe(quick.capturedNs(2e12, 1.005e12 + 1e6));
  });

  it('gives a track that starts at zero a shift of its own', () => {
    const system = new SystemBase();
    new VideoTimes(system).capturedNs(1e12, 5e9);
    const canvas = new VideoTimes(system);
    expect(canvas.capturedNs(0, 5.5e9)).toBe(5.5e9);
    expect(canvas.facts.base).toBe('own');
  });
});

describe('FrameHoles', () => {
  const at = (holes: FrameHoles, times: number[]): number[] => times.map((ms) => holes.add(ms * 1e6));

  it('counts what is missing, through jitter', () => {
    const holes = new FrameHoles(30);
    expect(at(holes, [0, 35, 66, 99, 133, 233, 266, 300, 533])).toEqual([0, 0, 0, 0, 0, 2, 0, 0, 6]);
  });

  it('learns that a camera became slower', () => {
    const holes = new FrameHoles(30);
    const found = at(
      holes,
      Array.from({ length: 60 }, (_, i) => i * 66.7),
    );
    expect(found.slice(12).every((count) => count === 0)).toBe(true);
    expect(holes.intervalNs / 1e6).toBeCloseTo(66.7, 0);
  });
});

describe('PacketTimes', () => {
  it('begins a packet at the first sample that its decoder gives', () => {
    const times = new PacketTimes(960, 312);
    expect([times.next(), times.next(), times.next()]).toEqual([-312, 648, 1608]);
  });

  it('skips holes from the packet on that begins behind them', () => {
    const times = new PacketTimes(960, 312);
    times.next();
    times.jump(960, 4800);
    expect([times.next(), times.next()]).toEqual([648, 1608 + 4800]);
  });
});
