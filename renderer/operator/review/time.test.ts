import { expect, it } from 'vitest';
import { momentText, parseMoment } from './time.ts';

it.each([
  [0, '0:00.000'],
  [62_345_678_901, '1:02.345'],
  [3_723_000_999_999, '1:02:03.000'],
  [-1_500_000_000, '-0:01.500'],
])('%d ns', (ns, text) => expect(momentText(ns)).toBe(text));

it.each([
  ['62', 62e9],
  ['1:02.5', 62.5e9],
  [' 1:02:03,25 ', 3723.25e9],
  ['1:75', null],
  ['soon', null],
  ['', null],
])('what a person types: %s', (text, ns) => expect(parseMoment(text)).toBe(ns));
