/** Idle with nothing configured, the app sends nothing; for an hour of it: `npm run bench -- idle`. */
import { expect, it } from 'vitest';
import { TestPlace } from '../fixtures/appliance.ts';
import { leaveAlone } from '../fixtures/idle.ts';
import { nameQuestions, outward } from '../fixtures/outward.ts';

it('with a finished session and no destination, no packet leaves and no name is looked up', async () => {
  await using place = new TestPlace();
  const { sent, calls, uploads } = await leaveAlone(place, 15);
  expect(uploads).toEqual([]);
  expect(sent).toBe(0);
  expect(calls.length).toBeGreaterThan(100);
  expect([...outward(calls), ...nameQuestions(calls)].map(({ line }) => line)).toEqual([]);
});
