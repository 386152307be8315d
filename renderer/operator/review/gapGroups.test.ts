import { expect, it } from 'vitest';
import type { ReviewGap } from '../../../electron/common/review.ts';
import { groupGaps } from './gapGroups.ts';

const gap = (atS: number, more: Partial<ReviewGap> = {}): ReviewGap => ({
  stream: 'front',
  fromNs: String(atS * 1e9),
  toNs: String((atS + 0.1) * 1e9),
  cause: 'queue-full',
  missing: 2,
  detail: '',
  ...more,
});

it('merges a burst of 289 gaps into one entry with a count', () => {
  const storm = Array.from({ length: 289 }, (_, i) => gap(100 + i));
  expect(groupGaps(storm)).toEqual([
    { stream: 'front', cause: 'queue-full', pause: false, fromNs: 100e9, toNs: 388.1e9, missing: 578, count: 289 },
  ]);
});

it('keeps gaps apart that have another cause or stream, or came much later', () => {
  const groups = groupGaps([gap(1), gap(60), gap(2, { cause: 'device-lost' }), gap(3, { stream: 'back' })]);
  expect(groups.map(({ fromNs, count }) => [fromNs / 1e9, count])).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
    [60, 1],
  ]);
});

it('never merges two pauses, and leaves one open that did not end', () => {
  const groups = groupGaps([
    gap(1, { cause: 'paused', missing: 0 }),
    gap(2, { cause: 'paused', missing: 0, toNs: null }),
  ]);
  expect(groups.map(({ pause, toNs }) => [pause, toNs])).toEqual([
    [true, 1.1e9],
    [true, null],
  ]);
});
