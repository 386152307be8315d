import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lateness, linuxRunQueue } from './lateness.ts';

/** One turn of an event loop: waits until bytes arrive, then for a processor, then works before it reads. */
const turn = fc.record({
  waitNs: fc.integer({ min: 1, max: 20_000_000 }),
  queueNs: fc.integer({ min: 0, max: 50_000_000 }),
  workNs: fc.integer({ min: 0, max: 3_000_000 }),
  /** Another port is read in the same turn, after this much more work. */
  secondNs: fc.option(fc.integer({ min: 0, max: 1_000_000 })),
  afterNs: fc.integer({ min: 0, max: 1_000_000 }),
});

describe('how late a read may be', () => {
  it('covers the wait for a processor and all work, and states no more than both', () => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 40 }), (turns) => {
        let [now, idle, queue] = [0, 0, 0];
        const runQueue = { mainNs: () => queue, allNs: () => queue };
        const lateness = new Lateness({ now: () => now, runQueue, idleNs: () => idle });
        let workedNs = 0;
        for (const { waitNs, queueNs, workNs, secondNs, afterNs } of turns) {
          const arrivedNs = now + waitNs;
          now = arrivedNs + queueNs;
          // The event loop counts the time until it runs again as waiting.
          idle += waitNs + queueNs;
          queue += queueNs;
          now += workNs;
          const truth = now - arrivedNs;
          const stated = lateness.ofRead(now);
          expect(stated).toBeGreaterThanOrEqual(truth);
          expect(stated).toBeLessThanOrEqual(truth + workedNs);
          if (secondNs !== null) {
            now += secondNs;
            expect(lateness.ofRead(now)).toBeGreaterThanOrEqual(now - arrivedNs);
          }
          workedNs = afterNs;
          now += afterNs;
        }
      }),
    );
  });

  it('is bounded by the second newest check if the system counts nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30_000_000 }), { minLength: 2, maxLength: 40 }), (steps) => {
        let now = 0;
        const lateness = new Lateness({ now: () => now, runQueue: null, idleNs: () => 0 });
        lateness.stop();
        const looks = [0];
        for (const step of steps) {
          // A check finds the ports as they were; anything it could not see yet is read in the next turn at the latest.
          now += step;
          lateness.look();
          looks.push(now);
          const before = looks.at(-2) as number;
          expect(lateness.ofRead(now + 5)).toBe(now + 5 - before);
        }
      }),
    );
  });

  it.runIf(process.platform === 'linux')('reads the run queue of this thread and of all threads', () => {
    const queue = linuxRunQueue();
    const [main, all] = [queue?.mainNs() ?? -1, queue?.allNs() ?? -1];
    expect(main).toBeGreaterThanOrEqual(0);
    expect(all).toBeGreaterThanOrEqual(main);
  });
});
