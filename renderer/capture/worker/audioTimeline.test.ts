import { describe, expect, it } from 'vitest';
import { AudioTimeline } from './audioTimeline.ts';

/** Buffers of 10 ms from a card whose quartz is off by `ppm`, stamped with jitter. */
function run(
  timeline: AudioTimeline,
  options: {
    ppm: number;
    jitterMs: number;
    buffers: number;
    startNs?: number;
    from?: number;
    holes?: Map<number, number>;
  },
): { jumps: number[]; truthNs: (sample: number) => number } {
  const sampleNs = (1e9 / 48_000) * (1 + options.ppm * 1e-6);
  const truthNs = (sample: number): number => (options.startNs ?? 5e9) + sample * sampleNs;
  let sample = options.from ?? 0;
  let seed = 1;
  const jumps: number[] = [];
  for (let buffer = 0; buffer < options.buffers; buffer += 1) {
    sample += options.holes?.get(buffer) ?? 0;
    seed = (seed * 48_271) % 0x7fffffff;
    const jitterNs = (seed / 0x7fffffff - 0.5) * 2e6 * options.jitterMs;
    const jumped = timeline.add(truthNs(sample) + jitterNs, 480);
    if (jumped !== 0) jumps.push(jumped);
    sample += 480;
  }
  return { jumps, truthNs };
}

describe('AudioTimeline', () => {
  it('gives smooth times within a millisecond, however the stamps jitter', () => {
    const timeline = new AudioTimeline(48_000);
    const { truthNs, jumps } = run(timeline, { ppm: 0, jitterMs: 5, buffers: 3000 });
    expect(jumps).toEqual([]);
    const index = timeline.nextIndex;
    expect(Math.abs(timeline.at(index) - truthNs(index))).toBeLessThan(1e6);
    expect(timeline.at(index) - timeline.at(index - 960)).toBeCloseTo(20e6, -4);
  });

  it('is not misled by stamps that come late, as they do on a busy computer', () => {
    const timeline = new AudioTimeline(48_000);
    for (let buffer = 0; buffer < 3000; buffer += 1)
      timeline.add(buffer * 10e6 + (buffer % 3 === 0 ? 5e6 : (buffer % 7) * 0.03e6), 480);
    expect(Math.abs(timeline.at(timeline.nextIndex) - 3000 * 10e6)).toBeLessThan(0.3e6);
  });

  it.each([-50, 50, 200])('follows a quartz that is wrong by %d ppm', (ppm) => {
    const timeline = new AudioTimeline(48_000);
    const { truthNs, jumps } = run(timeline, { ppm, jitterMs: 2, buffers: 60_000 });
    expect(jumps).toEqual([]);
    expect(Math.abs(timeline.at(timeline.nextIndex) - truthNs(timeline.nextIndex))).toBeLessThan(1e6);
    expect(timeline.drift * 1e6).toBeCloseTo(ppm, -1.3);
  });

  it('counts a hole once and is right after it', () => {
    const timeline = new AudioTimeline(48_000);
    const { truthNs, jumps } = run(timeline, { ppm: 0, jitterMs: 1, buffers: 2000, holes: new Map([[1000, 4800]]) });
    expect(jumps).toHaveLength(1);
    expect(Math.abs((jumps[0] as number) - 4800)).toBeLessThan(100);
    expect(Math.abs(timeline.at(timeline.nextIndex) - truthNs(timeline.nextIndex))).toBeLessThan(2e6);
  });

  it('recognises stamps that were late for a while', () => {
    const timeline = new AudioTimeline(48_000);
    run(timeline, { ppm: 0, jitterMs: 0, buffers: 1000 });
    const stampNs = timeline.at(timeline.nextIndex);
    for (let i = 0; i < 10; i += 1) expect(timeline.add(stampNs + i * 10e6 + 40e6, 480)).toBe(0);
    expect(timeline.add(stampNs + 100e6, 480)).toBe(0);
    expect(Math.abs(timeline.at(timeline.nextIndex) - (stampNs + 110e6))).toBeLessThan(0.1e6);
  });
});
