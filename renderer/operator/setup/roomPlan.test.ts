import { expect, it } from 'vitest';
import { anchorsOf, frameOf, withAnchorAt } from './roomPlan.ts';

it('covers a room with a margin around its anchors', () => {
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

it('moves one anchor by whole centimetres within the plan, and nothing else', () => {
  const settings = {
    dimension: '2D',
    anchors: [
      { id: '0xA001', x: 0, y: 0, z: 2790 },
      { id: '0xA002', x: 10_000, y: 6000, z: 2500 },
    ],
  };
  const frame = frameOf(anchorsOf(settings));
  if (!frame) throw new Error('two anchors span a room');
  const [first, second] = settings.anchors;
  expect(withAnchorAt(settings, '0xA002', { x: 9123.4, y: 5 }, frame)).toEqual({
    dimension: '2D',
    anchors: [first, { ...second, x: 9120, y: 10 }],
  });
  expect(anchorsOf(withAnchorAt(settings, '0xA001', { x: -1e9, y: 1e9 }, frame))[0]).toMatchObject({
    x: -1200,
    y: 7200,
  });
});
