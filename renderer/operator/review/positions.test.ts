import { expect, it } from 'vitest';
import type { ReviewSession, ReviewStream } from '../../../electron/common/review.ts';
import { boxAround, positionStreams, projection, wearerAt } from './positions.ts';

const stream = (id: string, channels: [name: string, unit: string][]): ReviewStream => ({
  ...{ id, kind: 'samples', source: id, label: '', place: '', participant: 'P01', simulated: true },
  ...{ count: 1, firstNs: '0', lastNs: '0', uncertaintyNs: 0 },
  channels: channels.map(([name, unit]) => ({ name, unit, type: 'number', label: '' })),
});
const session = (streams: ReviewStream[], assignments: ReviewSession['assignments'] = []): ReviewSession => ({
  ...{ key: 'k', id: 'i', study: 's', name: '', live: false, zeroWallMs: 0, durationNs: '1', simulated: true },
  ...{ streams, gaps: [], markers: [], assignments, anchors: [] },
});

it('recognises positions by their channels and units, not by the name of a driver', () => {
  const tag = stream('tag', [
    ['z', 'mm'],
    ['x', 'm'],
    ['y', 'm'],
  ]);
  const other = stream('pad', [
    ['x', 'px'],
    ['y', 'px'],
  ]);
  expect(positionStreams(session([tag, other]))).toEqual([{ stream: tag, x: 1, y: 2, toMm: 1000 }]);
});

it('draws a room without distortion, y upwards', () => {
  const box = boxAround([
    { x: 0, y: 0 },
    { x: 9000, y: 4000 },
  ]);
  const at = projection(box, 400, 400);
  const [[left, low], [right, high]] = [at(0, 0), at(9000, 4000)];
  expect((right - left) / (low - high)).toBeCloseTo(9 / 4);
  expect(low).toBeGreaterThan(high);
});

it('says who wore it at that time: children swap seats', () => {
  const heart = stream('heart', []);
  const swapped = session(
    [heart],
    [
      { atNs: '10', source: 'heart', participant: 'P02' },
      { atNs: '20', source: 'heart', participant: null },
    ],
  );
  expect([5, 10, 25].map((ns) => wearerAt(swapped, heart, ns))).toEqual(['P01', 'P02', null]);
});
