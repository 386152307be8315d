import { expect, it } from 'vitest';
import { evenOrder } from './peaks.ts';

it.each([1, 2, 7, 64, 100])('covers %d evenly, each once', (count) => {
  const order = evenOrder(count);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  // After a quarter of the work, no stretch longer than a fifth is still unknown.
  const early = [...order.slice(0, Math.ceil(count / 4)), count].sort((a, b) => a - b);
  const widest = Math.max(...early.map((at, i) => at - (early[i - 1] ?? 0)));
  if (count > 20) expect(widest).toBeLessThanOrEqual(Math.ceil(count / 5));
});
