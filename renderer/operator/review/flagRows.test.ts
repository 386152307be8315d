import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rowsOf, widthOf } from './flagRows.ts';

it('no label covers another, at any position', () => {
  const flag = fc.record({ atPx: fc.integer({ min: 0, max: 1600 }), text: fc.string({ maxLength: 30 }) });
  fc.assert(
    fc.property(fc.array(flag, { maxLength: 60 }), (flags) => {
      const sorted = flags.toSorted((a, b) => a.atPx - b.atPx);
      const rows = rowsOf(sorted);
      sorted.forEach((a, i) => {
        for (const [j, b] of sorted.entries()) {
          if (j <= i || rows[i] === null || rows[i] !== rows[j]) continue;
          expect(b.atPx).toBeGreaterThanOrEqual(a.atPx + widthOf(a.text));
        }
      });
    }),
  );
});
it('shows both of two markers side by side', () =>
  expect(
    rowsOf([
      { atPx: 10, text: 'Question' },
      { atPx: 20, text: 'Answer' },
    ]),
  ).toEqual([0, 1]));
