import { expect, it } from 'vitest';
import { type HeardStrap, QUIET_MS, TouchDetector, withWearer } from './strapTouch.ts';

const at = (beats: Record<string, number | null>): HeardStrap[] =>
  Object.entries(beats).map(([strap, beatAtMs]) => ({ strap, beatAtMs }));

it('names the strap that appears, not those that are already worn', () => {
  const watch = new TouchDetector(at({ 100: 0, 101: 200 }));
  watch.look(at({ 100: 800, 101: 1000, 102: null }));
  expect(watch.touched).toEqual([]);
  watch.look(at({ 100: 1600, 101: 1900, 102: 1700 }));
  expect(watch.touched).toEqual(['102']);
  // Its beats continue: it stays the touched one until it is assigned, and does not count as touched again.
  watch.look(at({ 102: 2500 }));
  expect(watch.touched).toEqual(['102']);
  watch.done();
  watch.look(at({ 102: 3300 }));
  expect(watch.touched).toEqual([]);
});

it('names a strap again that returns after a silence, and takes the newest', () => {
  const watch = new TouchDetector(at({ 100: 0 }));
  watch.look(at({ 100: QUIET_MS + 1 }));
  expect(watch.touched).toEqual(['100']);
  watch.look(at({ 100: 5000, 101: 9000 }));
  expect(watch.touched).toEqual(['101']);
});

it('does not guess between two straps touched together', () => {
  const watch = new TouchDetector([]);
  watch.look(at({ 100: 1000, 101: 1900 }));
  expect(watch.touched).toEqual(['100', '101']);
});

it('assigns one strap per child and one child per strap', () => {
  expect(withWearer({ 100: 'P01', 101: 'P02' }, '102', 'P01')).toEqual({ 101: 'P02', 102: 'P01' });
  expect(withWearer({ 100: 'P01' }, '100', 'P02')).toEqual({ 100: 'P02' });
  expect(withWearer({ 100: 'P01', 101: 'P02' }, '100', null)).toEqual({ 101: 'P02' });
});
