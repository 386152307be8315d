import { describe, expect, it } from 'vitest';
import { ClockMonitor } from './clockMonitor.ts';

/** Three clocks that a test sets, in milliseconds. */
function hands() {
  const at = { monotonic: 1000, boot: 5000, wall: 1_700_000_000_000 };
  const said: string[] = [];
  const watch = new ClockMonitor({
    clock: {
      epoch: 'test',
      now: () => BigInt(at.monotonic) * 1_000_000n,
      wall: () => BigInt(at.wall) * 1_000_000n,
    },
    sinceBootS: () => at.boot / 1000,
    onFrozen: (from, to) => said.push(`frozen ${(to - from) / 1_000_000n}`),
    onSuspended: (from, to, slept) => said.push(`suspended ${(to - from) / 1_000_000n} slept ${Math.round(slept)}`),
    onWallStepped: (step) => said.push(`stepped ${Math.round(step)}`),
  });
  const go = (monotonic: number, boot = monotonic, wall = boot): void => {
    at.monotonic += monotonic;
    at.boot += boot;
    at.wall += wall;
    watch.look();
  };
  return { said, go };
}

describe('the clock monitor', () => {
  it('reports nothing for a busy machine or a slewed clock', () => {
    const { said, go } = hands();
    for (let turn = 0; turn < 50; turn += 1) go(250 + turn * 20, 250 + turn * 20 + 9, 250 + turn * 20 + 10);
    expect(said).toEqual([]);
  });

  it('distinguishes a frozen process, a machine that slept and a clock that was set', () => {
    const { said, go } = hands();
    go(10_250);
    go(300, 3_600_300);
    go(250, 250, 250 + 3_600_000);
    go(250, 250, 250 - 3_600_000);
    go(250);
    expect(said).toEqual(['frozen 10250', 'suspended 300 slept 3600000', 'stepped 3600000', 'stepped -3600000']);
  });

  it('does not mistake sleep for a step of the wall clock', () => {
    const { said, go } = hands();
    go(250, 60_250, 60_250);
    expect(said).toEqual(['suspended 250 slept 60000']);
  });
});
