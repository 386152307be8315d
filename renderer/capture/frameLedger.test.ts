import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameLedger } from './frameLedger.ts';

it('reports unreported losses once, and nothing from before or still in transit', () => {
  const ledger = new FrameLedger();
  expect(ledger.add({ made: 7, madeThen: 8, read: 3, told: 0 })).toBe(0);
  expect(ledger.add({ made: 30, madeThen: 31, read: 26, told: 0 })).toBe(0);
  expect(ledger.add({ made: 60, madeThen: 60, read: 52, told: 1 })).toBe(2);
  expect(ledger.add({ made: 90, madeThen: 91, read: 82, told: 1 })).toBe(0);
});

it('a hole made by the camera itself does not hide a later loss', () => {
  const ledger = new FrameLedger();
  ledger.add({ made: 10, madeThen: 10, read: 10, told: 0 });
  expect(ledger.add({ made: 40, madeThen: 40, read: 40, told: 3 })).toBe(0);
  expect(ledger.add({ made: 70, madeThen: 70, read: 69, told: 3 })).toBe(1);
});

it('never reports more than was lost, however late the checks, and all of it when nothing is in transit', () => {
  const second = fc.record({
    lost: fc.nat(3),
    seen: fc.nat(40),
    before: fc.nat(4),
    after: fc.nat(4),
    holes: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(second, { minLength: 1, maxLength: 50 }), (seconds) => {
      const ledger = new FrameLedger();
      ledger.add({ made: 0, madeThen: 0, read: 0, told: 0 });
      let [lost, read, told, unsaid] = [0, 0, 0, 0];
      for (const { lost: more, seen, before, after, holes } of seconds) {
        lost += more;
        read += seen;
        // A frame reported by its hole was lost.
        told += Math.min(more, holes);
        const made = read + lost;
        unsaid += ledger.add({ made: Math.max(0, made - before), madeThen: made + after, read, told });
        expect(unsaid).toBeLessThanOrEqual(lost - told);
      }
      unsaid += ledger.add({ made: read + lost, madeThen: read + lost, read, told });
      expect(unsaid).toBe(lost - told);
    }),
  );
});
