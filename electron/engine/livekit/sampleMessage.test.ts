import { expect, it } from 'vitest';
import { sampleMessages } from './sampleMessage.ts';

const read = (payload: Uint8Array): { t: number[]; v: unknown[][]; clock: string } =>
  JSON.parse(new TextDecoder().decode(payload));

it('carries the rows with their times and the last one as the user timestamp', () => {
  const [message] = sampleMessages(
    [
      [1.5, 20.1, 'a'],
      [1.6, null, 'b'],
    ],
    'session',
  );
  expect(message?.userTimestamp).toBe(1_600_000n);
  expect(read(message?.payload ?? new Uint8Array())).toEqual({
    t: [1.5, 1.6],
    v: [
      [20.1, 'a'],
      [null, 'b'],
    ],
    clock: 'session',
  });
});

it('outside a session it names its clock and has no user timestamp', () => {
  const [message] = sampleMessages([[99, 1]], 'engine');
  expect([message?.userTimestamp, read(message?.payload ?? new Uint8Array()).clock]).toEqual([0n, 'engine']);
});

it('what does not fit into one packet becomes several messages, each with its own timestamp', () => {
  const rows = Array.from({ length: 100 }, (_, i): [number, string] => [i, 'x'.repeat(300)]);
  const messages = sampleMessages(rows, 'session');
  expect(messages.length).toBeGreaterThan(1);
  expect(messages.every(({ payload }) => payload.byteLength < 16_000)).toBe(true);
  expect(messages.flatMap(({ payload }) => read(payload).t)).toEqual(rows.map(([t]) => t));
  expect(messages.at(-1)?.userTimestamp).toBe(99_000_000n);
});

it('session time zero is not treated as absent', () => {
  expect(sampleMessages([[0, 1]], 'session')[0]?.userTimestamp).toBe(1n);
});
