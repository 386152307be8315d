import { describe, expect, it } from 'vitest';
import { AudioTimeline } from './audioTimeline.ts';
import { OtherQuartz } from './otherQuartz.ts';

const RATE = 48_000;
const BUFFER = 480;
const MINUTES = 2;

/** Two minutes of a slow sine through a quartz that is off by `ppm`. */
function play(ppm: number): { samples: number; worst: number; timeline: AudioTimeline } {
  const quartz = new OtherQuartz(ppm);
  const timeline = new AudioTimeline(RATE);
  let samples = 0;
  let worst = 0;
  for (let from = 0; from < RATE * 60 * MINUTES; from += BUFFER) {
    const plane = Float32Array.from({ length: BUFFER }, (_, i) => Math.sin((from + i) / 40));
    const [made = new Float32Array()] = quartz.resample([plane]);
    timeline.add((from * 1e9) / RATE, made.length);
    for (const value of made) {
      worst = Math.max(worst, Math.abs(value - Math.sin(samples / (1 + ppm * 1e-6) / 40)));
      samples += 1;
    }
  }
  return { samples, worst, timeline };
}

describe('a microphone whose quartz runs at a different rate', () => {
  it.each([-50, 50, 200])('of %i ppm changes the number of samples of the same sound accordingly', (ppm) => {
    const { samples, worst } = play(ppm);
    expect(Math.abs(samples - RATE * 60 * MINUTES * (1 + ppm * 1e-6))).toBeLessThan(2);
    expect(worst).toBeLessThan(0.01);
  });

  it.each([-50, 50])('of %i ppm is followed by the timeline: its drift is found, and no time is off by it', (ppm) => {
    const { samples, timeline } = play(ppm);
    expect(timeline.drift * 1e6).toBeCloseTo(-ppm, 0);
    // Counted alone, the end would be off by 6 ms.
    const trueNs = ((samples / (1 + ppm * 1e-6)) * 1e9) / RATE;
    expect(Math.abs(timeline.at(samples) - trueNs)).toBeLessThan(0.2e6);
  });
});
