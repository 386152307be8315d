import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitLine, offsetAt } from './fit.ts';
import { clockSample, type Probe, sampleOf } from './probe.ts';

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
  it('is exact on a symmetric path, and never off by more than half the round trip', () => {
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

  it('is bounded by a whole wave at least as closely as by its quickest exchange', () => {
    const way = fc.integer({ min: 0, max: 5e7 });
    fc.assert(
      fc.property(fc.array(fc.tuple(way, way), { minLength: 1, maxLength: 8 }), (ways) => {
        const wave = ways.map(([out, back], i) => exchange(truth(5e9, 0), 1e12 + i * 1e8, out, back));
        const sample = sampleOf(wave);
        const quickest = Math.min(...wave.map((probe) => clockSample(probe).roundTripNs));
        expect(sample?.roundTripNs).toBeLessThanOrEqual(quickest);
        expect(Math.abs((sample?.offsetNs ?? Number.NaN) - 5e9)).toBeLessThanOrEqual(
          (sample?.roundTripNs ?? 0) / 2 + 1,
        );
      }),
    );
  });

  it('gives no result for an empty wave', () => {
    expect(sampleOf([])).toBeNull();
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
            const best = sampleOf(wave);
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

  it('does not treat two early samples as drift, and reports the drift as uncertain', () => {
    const samples = [
      { atNs: 0, offsetNs: 0, roundTripNs: 1e5 },
      { atNs: 1e8, offsetNs: 4e4, roundTripNs: 2e5 },
    ];
    const line = fitLine(samples, 0, 1e9);
    expect(Math.abs(line.drift)).toBeLessThan(5e-6);
    expect(line.uncertaintyNs).toBeGreaterThan(5e4 + 1e9 * 50e-6);
  });
});
