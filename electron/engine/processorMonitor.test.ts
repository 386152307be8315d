import type { CpuInfo } from 'node:os';
import { expect, it } from 'vitest';
import { ProcessorMonitor } from './processorMonitor.ts';

it('reports the load of all cores over the last seconds', () => {
  let ms = 0;
  const core = (share: number): CpuInfo => ({
    model: '',
    speed: 0,
    times: { user: ms * share, nice: 0, sys: 0, irq: 0, idle: ms * (1 - share) },
  });
  const monitor = new ProcessorMonitor(() => [core(1), core(0.5)]);
  expect(monitor.look(0).busy).toBeNull();
  ms = 1000;
  expect(monitor.look(1000).busy).toBeCloseTo(0.75);
});
