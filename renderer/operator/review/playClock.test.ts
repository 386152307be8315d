import { expect, it } from 'vitest';
import { PlayClock, secondsNow } from './playClock.ts';

it('runs from a moment on, at its speed, and says when a session time is reached', () => {
  const clock = new PlayClock();
  clock.start(60e9, 10.1, 0.5);
  expect(clock.at(10)).toBe(60e9);
  expect(clock.at(12.1)).toBeCloseTo(61e9, 0);
  expect(clock.secondsOf(61e9)).toBeCloseTo(12.1);
  clock.start(61e9, 12.1, 0);
  expect(clock.at(99)).toBe(61e9);
  expect(clock.running).toBe(false);
});

it('extrapolates the clock from its last reading, never backwards', () => {
  expect(secondsNow({ seconds: 3, atMs: 1000 }, 1500)).toBe(3.5);
  expect(secondsNow({ seconds: 3, atMs: 1000 }, 900)).toBe(3);
});
