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
  it('keeps cameras on the system clock exact relative to each other, however late each arrives', () => {
    const system = new SystemBase();
    const quick = new VideoTimes(system);
    const slow = new VideoTimes(system);
    for (let i = 0; i < 100; i += 1) {
      quick.capturedNs(1e12 + i * 33e6, 5e9 + i * 33e6 + 1e6);
      slow.capturedNs(1e12 + i * 33e6, 5e9 + i * 33e6 + 30e6);
    }
    expect(slow.capturedNs(2e12, 1.005e12 + 30e6)).toBe(quick.capturedNs(2e12, 1.005e12 + 1e6));
  });

  it('gives a track that starts at zero its own offset', () => {
    const system = new SystemBase();
    new VideoTimes(system).capturedNs(1e12, 5e9);
    const canvas = new VideoTimes(system);
    expect(canvas.capturedNs(0, 5.5e9)).toBe(5.5e9);
    expect(canvas.facts.base).toBe('own');
  });
});

describe('FrameHoles', () => {
  /** Number of frames reported missing, by the frame at which it is reported; times in milliseconds. */
  const told = (holes: FrameHoles, times: number[]): number[] =>
    times.map((ms) => holes.add(ms * 1e6, ms * 1e6)?.count ?? 0);
  const along = (steps: readonly number[]): number[] =>
    steps.map((_, i) => steps.slice(0, i).reduce((a, b) => a + b, 0));
  const times = (...runs: [count: number, ms: number][]): number[] =>
    along(runs.flatMap(([count, ms]) => Array.from({ length: count }, () => ms)));
  const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

  it('counts missing frames, through jitter, as soon as the next frame arrives', () => {
    const holes = new FrameHoles(30);
    expect(told(holes, [0, 35, 66, 99, 133, 233, 266, 300, 533, 566])).toEqual([0, 0, 0, 0, 0, 0, 2, 0, 0, 6]);
  });

  it('reports a hole with the times of the frames around it', () => {
    const holes = new FrameHoles(30);
    for (let i = 0; i < 10; i += 1) holes.add(i * 33e6, 1e9 + i * 33e6);
    expect(holes.add(10 * 33e6 + 66e6, 1e9 + 396e6)).toBeNull();
    expect(holes.pending).toBe(true);
    expect(holes.add(11 * 33e6 + 66e6, 1e9 + 429e6)).toMatchObject({ count: 2, toNs: 1e9 + 396e6 });
    expect(holes.pending).toBe(false);
  });

  it('reports nothing for a camera that slows down in the dark and speeds up again', () => {
    for (const darkMs of [66.667, 133.333, 200]) {
      const holes = new FrameHoles(30);
      expect(sum(told(holes, times([60, 33.333], [60, darkMs], [60, 33.333])))).toBe(0);
    }
    const holes = new FrameHoles(30);
    expect(sum(told(holes, times([60, 33.333], [40, 66.667])))).toBe(0);
    expect(holes.intervalNs / 1e6).toBeCloseTo(66.7, 0);
  });

  it('reports nothing if fewer frames are requested than the device produces', () => {
    const cadences = [
      { hz: 20, steps: [33.333, 66.667] },
      { hz: 24, steps: [33.333, 33.333, 33.333, 66.667] },
      { hz: 25, steps: [33.333, 33.333, 33.333, 33.333, 66.667] },
      { hz: 12, steps: [66.667, 100, 66.667, 100] },
    ];
    for (const { hz, steps } of cadences) {
      const holes = new FrameHoles(hz);
      const all = Array.from({ length: 100 }, () => steps).flat();
      expect(sum(told(holes, along(all))), `${hz} a second`).toBe(0);
      // A frame's length follows the cadence, not its shortest step.
      const mean = steps.reduce((a, b) => a + b, 0) / steps.length;
      expect(Math.abs(holes.intervalNs / 1e6 - mean)).toBeLessThan(2);
    }
  });

  it('finds the frames that are really missing in such a cadence', () => {
    const steps = Array.from({ length: 40 }, () => [33.333, 66.667]).flat();
    const holes = new FrameHoles(20);
    expect(sum(told(holes, along([...steps, 200, ...steps])))).toBe(3);
  });
});

describe('PacketTimes', () => {
  it('begins a packet at the first sample that its decoder outputs', () => {
    const times = new PacketTimes(960, 312);
    expect([times.next(), times.next(), times.next()]).toEqual([-312, 648, 1608]);
  });

  it('skips holes from the packet that begins after them', () => {
    const times = new PacketTimes(960, 312);
    times.next();
    times.jump(960, 4800);
    expect([times.next(), times.next()]).toEqual([648, 1608 + 4800]);
  });
});
