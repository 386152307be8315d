import { expect, it } from 'vitest';
import { anchorsOf, frameOf } from './roomPlan.ts';

it('spans a room with a margin around its anchors', () => {
  const anchors = anchorsOf({
    anchors: [
      { id: '0xA001', x: 0, y: 0, z: 2790 },
      { id: '0xA002', x: 10_000, y: 6000, z: 2790 },
    ],
  });
  const frame = frameOf(anchors);
  expect(frame).toEqual({ left: -1200, top: -1200, width: 12_400, height: 8400 });
});

it.each([{}, null, { anchors: 'none' }, { anchors: [{ id: 1, x: 'a', y: 2 }] }])(
  'has no plan without anchors: %j',
  (settings) => expect(frameOf(anchorsOf(settings))).toBeNull(),
);
