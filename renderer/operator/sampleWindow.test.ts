import { expect, it } from 'vitest';
import { type SampleRow, SampleWindow } from './sampleWindow.ts';

const rows = (from: number, count: number, stepS: number): SampleRow[] =>
  Array.from({ length: count }, (_, i) => [from + i * stepS, i, 'text'] as SampleRow);

it('keeps the last twenty seconds and returns the last values', () => {
  const window = new SampleWindow();
  for (let s = 0; s < 60; s += 1) window.add(rows(s, 10, 0.1));
  const [seconds, values] = window.series(0);
  expect(seconds[0]).toBeGreaterThanOrEqual(39.8);
  expect(seconds.at(-1)).toBeCloseTo(59.9);
  expect(values.at(-1)).toBe(9);
  expect(window.series(1)[1].every((value) => value === null)).toBe(true);
});

it('stays bounded with a fast sensor', () => {
  const window = new SampleWindow();
  for (let s = 0; s < 20; s += 1) window.add(rows(s, 2000, 0.0005));
  expect(window.series(0)[0].length).toBeLessThanOrEqual(2400);
  expect(window.last?.[0]).toBeCloseTo(19.9995);
});

it('restarts with a new session', () => {
  const window = new SampleWindow();
  window.add(rows(100, 5, 0.1));
  window.add(rows(0, 5, 0.1));
  expect(window.series(0)[0][0]).toBe(0);
});
