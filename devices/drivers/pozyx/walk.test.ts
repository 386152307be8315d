import { expect, test } from 'vitest';
import { ROOM_ANCHORS, STEP_MM, walk } from './walk.ts';

test('each walker goes around the room in steps, and never leaves it or jumps', () => {
  const width = Math.max(...ROOM_ANCHORS.map((anchor) => anchor.x));
  const depth = Math.max(...ROOM_ANCHORS.map((anchor) => anchor.y));
  for (let walker = 0; walker < 6; walker += 1) {
    const places = new Set<string>();
    for (let n = 0; n < 2000; n += 1) {
      const [from, to] = [walk(walker, n), walk(walker, n + 1)];
      expect(from.x > 0 && from.x < width && from.y > 0 && from.y < depth).toBe(true);
      expect(Math.abs(to.x - from.x) + Math.abs(to.y - from.y)).toBeLessThanOrEqual(STEP_MM);
      places.add(`${from.x} ${from.y}`);
    }
    expect(places.size).toBeGreaterThan(500);
  }
});

test('two walkers take different paths, and the same counter gives the same position', () => {
  expect(walk(0, 100)).not.toEqual(walk(1, 100));
  expect(walk(1, 12_345)).toEqual(walk(1, 12_345));
});
