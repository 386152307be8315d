import { expect, it } from 'vitest';
import { fitted, holding, moved, ticks, zoomed } from './view.ts';

const MINUTE = 60e9;

it('zooms around a moment that stays in place, and never beyond the session', () => {
  const view = zoomed(fitted(MINUTE), 0.5, 15e9, MINUTE);
  expect(view).toEqual({ fromNs: 7.5e9, toNs: 37.5e9 });
  expect(zoomed(view, 100, 15e9, MINUTE)).toEqual(fitted(MINUTE));
  expect(zoomed(view, 1e-9, 15e9, MINUTE).toNs - zoomed(view, 1e-9, 15e9, MINUTE).fromNs).toBeCloseTo(20e6, 0);
});

it('moves and follows without leaving the session', () => {
  const view = { fromNs: 10e9, toNs: 20e9 };
  expect(moved(view, -50e9, MINUTE)).toEqual({ fromNs: 0, toNs: 10e9 });
  expect(moved(view, 50e9, MINUTE)).toEqual({ fromNs: 50e9, toNs: 60e9 });
  expect(holding(view, 15e9, MINUTE)).toBe(view);
  expect(holding(view, 20.1e9, MINUTE)).toEqual({ fromNs: 19.1e9, toNs: 29.1e9 });
  expect(holding(view, 2e9, MINUTE)).toEqual({ fromNs: 0, toNs: 10e9 });
});

it('divides a ruler like a clock', () => {
  expect(ticks(fitted(MINUTE), 900)).toEqual({ stepS: 10, ns: [0, 10e9, 20e9, 30e9, 40e9, 50e9, 60e9] });
  expect(ticks(fitted(90 * MINUTE), 900).stepS).toBe(600);
  expect(ticks({ fromNs: 1.001e9, toNs: 1.021e9 }, 900).stepS).toBe(0.002);
});
