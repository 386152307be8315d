/** Left alone with nothing configured, the app says nothing to anybody; an hour of it: `npm run bench -- idle`. */
import { expect, it } from 'vitest';
import { TestPlace } from '../fixtures/appliance.ts';
import { leaveAlone } from '../fixtures/idle.ts';
import { nameQuestions, outward } from '../fixtures/outward.ts';

it('with a finished session and no destination, not one packet leaves, and no name is looked up', async () => {
  await using place = new TestPlace();
  const { sent, calls, uploads } = await leaveAlone(place, 15);
  expect(uploads).toEqual([]);
  expect(sent).toBe(0);
  expect(calls.length).toBeGreaterThan(100);
  expect([...outward(calls), ...nameQuestions(calls)].map(({ line }) => line)).toEqual([]);
});
