/** Means do not depend on how the samples came, whatever a device prints. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSameBucket } from '../../session/check/plotCheck.ts';
import { type Bucket, Decimator, meanOf } from '../../session/format/decimator.ts';

const row = (b: Bucket): (number | null)[] => [
  ...[b.level, b.firstSeq, b.lastSeq, b.clock, b.fromNs, b.toNs, b.rows],
  ...[b.min[0] ?? null, b.max[0] ?? null, meanOf(b, 0)],
];

/** The buckets of values that come in runs of these lengths, over and over. */
function bucketsOf(values: readonly number[], runs: readonly number[]): (number | null)[][] {
  const made: (number | null)[][] = [];
  const decimator = new Decimator(1, (bucket) => made.push(row(bucket)));
  for (let at = 0, turn = 0; at < values.length; turn += 1) {
    const part = values.slice(at, at + (runs[turn % runs.length] as number));
    const publisherNs = Float64Array.from(part, (_, i) => (at + i) * 1e7);
    decimator.push({ firstSeq: at, clock: 1, count: part.length, publisherNs, numeric: [Float64Array.from(part)] });
    at += part.length;
  }
  return made;
}

const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(1e308, -1e308, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, 1, 0),
);

it('agrees with the rows read one by one, up to the largest doubles', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 128, maxLength: 300 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
      (values, runs) => {
        const [one, other] = [bucketsOf(values, [1]), bucketsOf(values, runs)];
        expect(other).toHaveLength(one.length);
        for (const [i, made] of one.entries()) {
          expect(isSameBucket(made, other[i] ?? [])).toBe(true);
          expect(made.every((figure) => Number.isFinite(figure))).toBe(true);
        }
      },
    ),
  );
});

it('finds a mean, a minimum or a count that is not that of the rows', () => {
  const [made] = bucketsOf(
    Array.from({ length: 32 }, (_, i) => i),
    [7],
  );
  for (const at of [6, 7, 8, 9])
    expect(
      isSameBucket(
        made ?? [],
        (made ?? []).map((figure, i) => (i === at ? (figure ?? 0) + 0.001 : figure)),
      ),
    ).toBe(false);
});
