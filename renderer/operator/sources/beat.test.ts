import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { atNextBeat, forgetBeat } from './beat.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', globalThis);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('draws requests from any time together, each once', () => {
  const shown: [string, number][] = [];
  const draw = ['plot', 'number', 'gone'].map((name) => () => void shown.push([name, performance.now()]));
  const [plot = () => {}, value = () => {}, gone = () => {}] = draw;
  const ask = (afterMs: number, ...what: (() => void)[]): void => {
    vi.advanceTimersByTime(afterMs);
    for (const one of what) atNextBeat(one);
  };
  ask(0, plot, gone);
  ask(30, value, plot);
  ask(40, plot);
  forgetBeat(gone);
  vi.advanceTimersByTime(1000);
  expect(shown.map(([name]) => name)).toEqual(['plot', 'number']);
  expect(new Set(shown.map(([, atMs]) => atMs)).size).toBe(1);
  // A request made while drawing is served at the next beat.
  const again = vi.fn(() => again.mock.calls.length < 3 && atNextBeat(again));
  atNextBeat(again);
  vi.advanceTimersByTime(2000);
  expect(again).toHaveBeenCalledTimes(3);
});
