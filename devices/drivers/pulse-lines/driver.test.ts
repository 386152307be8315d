import { describe, expect, test } from 'vitest';
import { DriverBench, truthOf } from '../ant-heart-rate/driverBench.ts';
import { pulseLinesDriver } from './driver.ts';
import { PulseLinesEmulator } from './emulator.ts';
import { PULSE_FORMATS } from './settings.ts';

function begin(settings: Record<string, unknown> = {}) {
  const emulator = new PulseLinesEmulator({ settings, parameters: {}, seed: 1 });
  const bench = new DriverBench(pulseLinesDriver, emulator, settings);
  emulator.start = () => undefined;
  bench.plug();
  emulator.fault('restart');
  return { bench, emulator };
}

async function hear({ bench, emulator }: ReturnType<typeof begin>, lines: number): Promise<void> {
  for (let i = 0; i < lines; i += 1) {
    emulator.step();
    await bench.advance(20);
  }
}

function same({ bench, emulator }: ReturnType<typeof begin>): void {
  const streams = [...new Set(emulator.truth.map((row) => row.stream))];
  expect([...bench.streams.keys()].sort()).toEqual(streams.sort());
  for (const stream of streams) expect(bench.rows(stream), stream).toEqual(truthOf(emulator, stream));
}

test.each(PULSE_FORMATS)('%s: signal and beats as the board printed them', async (format) => {
  const both = begin({ format });
  await hear(both, 300);
  same(both);
  expect(both.bench.recorded('').samples.length).toBe(300);
  await both.bench.close();
});

test('three sensors of one visualizer sketch', async () => {
  const both = begin({ format: 'visualizer', sensors: 3 });
  await hear(both, 200);
  same(both);
  expect(both.bench.streams.size).toBe(6);
  await both.bench.close();
});

describe('faults', () => {
  test.each(['split', 'merge', 'garbage', 'corrupt-checksum', 'too-long', 'silent'])('%s', async (fault) => {
    const both = begin({ format: 'psws' });
    await hear(both, 20);
    both.emulator.fault(fault, 12);
    await hear(both, 200);
    same(both);
    const { gaps } = both.bench.recorded('');
    expect(gaps.length > 0).toBe(fault !== 'split' && fault !== 'merge');
    await both.bench.close();
  });
  test('a counter shows how many lines are missing', async () => {
    const both = begin({ format: 'psws' });
    await hear(both, 20);
    both.emulator.fault('skip', 7);
    await hear(both, 20);
    expect(both.bench.recorded('').gaps).toMatchObject([{ cause: 'device-skipped', lost: 7 }]);
    await both.bench.close();
  });
  test('a board that restarted', async () => {
    const both = begin({ format: 'psws' });
    await hear(both, 100);
    both.emulator.fault('restart');
    await hear(both, 100);
    expect(both.bench.recorded('').gaps.map((gap) => gap.cause)).toContain('device-restart');
    expect(both.bench.rows('')).toEqual(truthOf(both.emulator, ''));
    await both.bench.close();
  });
  test('a failed sensor is reported to people and recorded as one gap', async () => {
    const both = begin();
    await hear(both, 20);
    both.emulator.fault('sensor-failed', 30);
    await hear(both, 60);
    same(both);
    expect(both.bench.troubles[0]).toMatchObject({
      code: 'device.sensor-failed',
      nextStep: 'Check the wires between sensor and board.',
    });
    expect(both.bench.recorded('').gaps.map((gap) => gap.cause)).toEqual(['sensor-failed']);
    await both.bench.close();
  });
  test('a different device is recognised by what it sends', async () => {
    const both = begin();
    both.emulator.fault('wrong-device');
    await hear(both, 40);
    expect(both.bench.troubles.map((trouble) => trouble.code)).toContain('device.garbage');
    await both.bench.close();
  });
  test('for two numbers a line the user is asked; nothing is guessed', async () => {
    const both = begin({ format: 'auto' });
    both.bench.deliver(new TextEncoder().encode('first\r\n512,513\r\n'));
    expect(both.bench.streams.size).toBe(0);
    expect(both.bench.troubles[0]).toMatchObject({ code: 'device.ambiguous-lines' });
    await both.bench.close();
  });
});
