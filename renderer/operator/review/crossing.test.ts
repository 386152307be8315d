import { expect, it } from 'vitest';
import { type CrossingSource, nextCrossing } from './crossing.ts';

/** A heart rate: one sample a second for an hour, above 100 only from 20:05 to 20:40 and from 50:00 on. */
const rate = (s: number): number => ((s >= 1205 && s < 1240) || s >= 3000 ? 130 : 80 + (s % 7));
const all = Array.from({ length: 3600 }, (_, s) => ({ ns: s * 1e9, value: rate(s) }));
const within = (fromNs: number, toNs: number) => all.filter(({ ns }) => ns >= fromNs && ns <= toNs);

const source: CrossingSource = {
  plot: async (fromNs, toNs) => {
    const width = (toNs - fromNs) / 50;
    const buckets = Array.from({ length: 50 }, (_, i) => within(fromNs + i * width, fromNs + (i + 1) * width - 1));
    return {
      ns: buckets.map((_, i) => fromNs + (i + 0.5) * width),
      min: buckets.map((bucket) => (bucket.length === 0 ? null : Math.min(...bucket.map(({ value }) => value)))),
      max: buckets.map((bucket) => (bucket.length === 0 ? null : Math.max(...bucket.map(({ value }) => value)))),
    };
  },
  samples: async (fromNs, toNs) => {
    const found = within(fromNs, toNs);
    return { ns: found.map(({ ns }) => ns), values: [found.map(({ value }) => value)] };
  },
};
const find = async (fromS: number, above: boolean, value: number): Promise<number | null> => {
  const ns = await nextCrossing(source, 0, { above, value }, fromS * 1e9, 3600e9);
  return ns === null ? null : ns / 1e9;
};

it('goes to the sample at which a heart rate rises above 100, and from there to the next one', async () => {
  expect(await find(0, true, 100)).toBe(1205);
  expect(await find(1205, true, 100)).toBe(3000);
  expect(await find(3000, true, 100)).toBeNull();
});
it('finds where it falls below, and nothing if it never does', async () => {
  expect(await find(1210, false, 90)).toBe(1240);
  expect(await find(0, false, 20)).toBeNull();
});
