import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutesLeft, type Stage, stageOf, stoppedKinds } from './diskPlan.ts';

const RESERVE = 64e6;

describe('a disk that runs full', () => {
  it('stops video first, then audio, then the session, and sensors only with the session', () => {
    const lefts = [1e9, 130e6, 127e6, 65e6, 63e6, 39e6, 38e6];
    let stage: Stage = 0;
    const stages = lefts.map((left) => {
      stage = stageOf(left, RESERVE, stage);
      return stage;
    });
    expect(stages).toEqual([0, 0, 1, 1, 2, 2, 3]);
    expect(stoppedKinds(1)).not.toContain('microphone');
    for (const at of [0, 1, 2, 3] as const) expect(stoppedKinds(at)).not.toContain('serial');
  });

  it('resumes nothing until there is clearly more space', () => {
    expect(stageOf(129e6, RESERVE, 1)).toBe(1);
    expect(stageOf(200e6, RESERVE, 1)).toBe(0);
    expect(stageOf(200e6, RESERVE, 2)).toBe(0);
    expect(stageOf(70e6, RESERVE, 2)).toBe(2);
    expect(stageOf(100e6, RESERVE, 2)).toBe(1);
  });

  it('never stops less when less space is left', () => {
    const stage = fc.constantFrom<Stage>(0, 1, 2, 3);
    fc.assert(
      fc.property(fc.nat(400e6), fc.nat(400e6), stage, (a, b, before) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(stageOf(less, RESERVE, before)).toBeGreaterThanOrEqual(stageOf(more, RESERVE, before));
      }),
    );
  });

  it('counts the minutes until the first thing stops', () => {
    expect(minutesLeft(2 * RESERVE + 60e6, RESERVE, 1e6)).toBeCloseTo(1);
    expect(minutesLeft(RESERVE, RESERVE, 1e6)).toBe(0);
  });
});
