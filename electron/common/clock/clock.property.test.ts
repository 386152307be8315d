import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitLine, offsetAt } from './fit.ts';
import { bestOf, clockSample, type Probe } from './probe.ts';
import { fitSession } from './sessionFit.ts';

/** A remote clock with a known offset and drift: the truth. */
function truth(offsetNs: number, driftPpm: number) {
  return (referenceNs: number): number => Math.round((referenceNs - offsetNs) * (1 + driftPpm * 1e-6));
}

function exchange(remote: (ns: number) => number, t0: number, out: number, back: number): Probe {
  return { t0, t1: remote(t0 + out), t2: remote(t0 + out + 1000), t3: t0 + out + 1000 + back };
}

/** Deterministic noise in [0, 1). */
function random(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('one exchange', () => {
  it('is right when both ways take the same time, and never off by more than half the round trip', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e12, max: 1e12 }),
        fc.integer({ min: 0, max: 5e7 }),
        fc.integer({ min: 0, max: 5e7 }),
        (offset, out, back) => {
          const sample = clockSample(exchange(truth(offset, 0), 1e12, out, back));
          expect(Math.abs(sample.offsetNs - offset)).toBeLessThanOrEqual(sample.roundTripNs / 2 + 1);
        },
      ),
    );
  });

  it('of a wave, the quickest one counts', () => {
    const remote = truth(5e9, 0);
    const best = bestOf([
      exchange(remote, 0, 9e6, 1e6),
      exchange(remote, 1e6, 1e5, 1e5),
      exchange(remote, 2e6, 1e6, 9e6),
    ]);
    expect(best?.offsetNs).toBeCloseTo(5e9, -1);
  });
});

describe('the line through waves', () => {
  it('finds offset and drift under jitter and outliers, and its uncertainty covers the truth', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e10, max: 1e10 }),
        fc.integer({ min: -100, max: 100 }),
        fc.integer({ min: 1, max: 1e9 }),
        (offset, ppm, seed) => {
          const remote = truth(offset, ppm);
          const next = random(seed);
          const samples = Array.from({ length: 40 }, (_, i) => {
            const late = i % 11 === 7 ? 4e6 : 0;
            const wave = Array.from({ length: 8 }, (_, k) =>
              exchange(remote, 5e9 * i + k * 2e7, 5e4 + next() * 1e6 + late, 5e4 + next() * 1e6),
            );
            const best = bestOf(wave);
            if (!best) throw new Error('empty wave');
            return best;
          });
          const line = fitLine(samples, 5000);
          for (const t of [0, 60e9, 195e9]) {
            const at = remote(t);
            expect(Math.abs(at + offsetAt(line, at) - t)).toBeLessThan(Math.min(line.uncertaintyNs, 500_000));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('does not take two early samples for a drift', () => {
    const samples = [
      { atNs: 0, offsetNs: 0, roundTripNs: 1e5 },
      { atNs: 1e9, offsetNs: 4e4, roundTripNs: 2e5 },
    ];
    expect(fitLine(samples, 0).drift).toBe(0);
  });
});

describe('the fit of a session', () => {
  it('follows a clock whose drift wanders over two hours, without a jump between pieces', () => {
    const next = random(7);
    // 20 ppm and a swing of 2 ppm within the two hours, as a warming quartz has.
    const offset = (t: number): number =>
      3e9 + 20e-6 * t + (2e-6 * 3600e9 * Math.sin((2 * Math.PI * t) / 7200e9)) / (2 * Math.PI);
    const samples = Array.from({ length: 1440 }, (_, i) => {
      const t = i * 5e9;
      return { atNs: t, offsetNs: offset(t) + (next() - 0.5) * 6e4, roundTripNs: 1.2e5 + next() * 5e4 };
    });
    const pieces = fitSession(samples, 5000);
    expect(pieces.length).toBeGreaterThan(10);
    for (let t = 0; t < 7195e9; t += 37e9) {
      const piece = pieces.find((candidate) => candidate.toNs === null || t < candidate.toNs);
      if (!piece) throw new Error('no piece');
      expect(Math.abs(offsetAt(piece, t) - offset(t))).toBeLessThan(Math.min(piece.uncertaintyNs, 5e5));
    }
    for (let i = 1; i < pieces.length; i += 1) {
      const [a, b] = [pieces[i - 1], pieces[i]];
      if (!a || !b || b.fromNs === null) throw new Error('pieces are not in order');
      expect(Math.abs(offsetAt(a, b.fromNs) - offsetAt(b, b.fromNs))).toBeLessThan(1);
    }
  });
});
