import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.ts';

describe('a duration on the command line', () => {
  it.each([
    ['30s', 30_000],
    ['90', 90_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['1.5m', 90_000],
    ['2min', 120_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 's', '30 seconds', '-5s', '0s', '5x', '1h x'])('refuses "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow(/duration|longer/);
  });
});
