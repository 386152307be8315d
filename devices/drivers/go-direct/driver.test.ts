import { describe, expect, test } from 'vitest';
import type { FieldroomError } from '../../../electron/common/errors.ts';
import { DriverBench, truthOf } from '../ant-heart-rate/driverBench.ts';
import { goDirectDriver } from './driver.ts';
import { GoDirectEmulator } from './emulator.ts';

const READY_MS = 1;

async function begin(
  settings: Record<string, unknown> = {},
  parameters: Record<string, string> = {},
  faults: [string, number][] = [],
) {
  const emulator = new GoDirectEmulator({ settings, parameters, seed: 7 });
  for (const [name, argument] of faults) emulator.fault(name, argument);
  const bench = new DriverBench(goDirectDriver, emulator, settings);
  emulator.start();
  bench.plug();
  await bench.advance(READY_MS);
  const hear = async (packets: number): Promise<void> => {
    for (let i = 0; i < packets; i += 1) {
      emulator.step();
      await bench.advance(100);
    }
  };
  return { emulator, bench, hear };
}

describe('the handshake', () => {
  test('asks in the order of godirect-js, counter from FE down, and starts the default channels', async () => {
    const { bench } = await begin();
    expect(bench.written.map((report) => report[6])).toEqual([
      0x1a, 0x10, 0x55, 0x56, 0x51, 0x50, 0x50, 0x50, 0x50, 0x1b, 0x18,
    ]);
    expect(bench.written.map((report) => report[4])).toEqual([
      0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8, 0xf7, 0xf6, 0xf5, 0xf4,
    ]);
    expect(bench.written.every((report) => report.length === 65 && report[0] === 0)).toBe(true);
    await bench.close();
    expect(bench.written.slice(11).map((report) => report[6])).toEqual([0x19, 0x54]);
  });
  test('facts carry order code, serial number and what was obtained', async () => {
    const { bench } = await begin({ periodMs: 50 });
    const { declaration } = bench.recorded('');
    expect(declaration.facts).toMatchObject({
      orderCode: 'GDX-RB',
      serialNumber: '07100007',
      firmware: '1.4.11',
      batteryPercent: 87,
      periodMs: 50,
    });
    expect(declaration.channels.map(({ name, unit }) => [name, unit])).toEqual([
      ['force', 'N'],
      ['respiration_rate', 'bpm'],
    ]);
    expect(declaration).toMatchObject({ nominalRateHz: 20, deviceClock: { kind: 'counter', tickNs: 50e6 } });
    await bench.close();
  });
});

describe('measurements', () => {
  test('all samples, NaN as NaN, indexed, with the arrival of their packet and no other time', async () => {
    const { emulator, bench, hear } = await begin({}, { perPacket: '4' });
    await hear(50);
    expect(bench.rows('')).toEqual(truthOf(emulator, ''));
    const { samples } = bench.recorded('');
    expect(samples).toHaveLength(200);
    expect(samples.slice(0, 4).map((sample) => sample.arrivedNs)).toEqual(Array(4).fill(samples[0]?.arrivedNs));
    expect(samples.slice(0, 5).map((sample) => sample.deviceTime)).toEqual([0, 1, 2, 3, 4]);
    expect(samples[0]?.values[1]).toBeNaN();
    await bench.close();
  });
  test.each([
    ['an integer channel alone', { channels: ['Steps'] }, {}, ['']],
    ['by number, wide packets', { channels: [1, 2] }, { wide: '1' }, ['']],
    ['all, one of them aperiodic', { channels: ['force (n)', 'Respiration Rate', 4, 'Step Rate'] }, {}, ['', 'ch5']],
    ['an aperiodic one alone', { channels: [5] }, {}, ['ch5']],
  ] as [string, Record<string, unknown>, Record<string, string>, string[]][])(
    '%s',
    async (_name, settings, parameters, streams) => {
      const { emulator, bench, hear } = await begin(settings, parameters);
      await hear(60);
      expect([...bench.streams.keys()]).toEqual(streams);
      for (const stream of streams) {
        expect(bench.rows(stream).length).toBeGreaterThan(10);
        expect(bench.rows(stream)).toEqual(truthOf(emulator, stream));
        expect(bench.recorded(stream).gaps).toEqual([]);
      }
      await bench.close();
    },
  );
});

describe('faults', () => {
  test.each([
    ['corrupt-checksum', 3, ['checksum', 'checksum', 'checksum', 'lost-packet']],
    ['lost-packet', 3, ['lost-packet']],
    ['dropped', 1, ['device-dropped']],
    ['nan', 5, []],
    ['garbage', 1, ['garbage']],
  ] as [string, number, string[]][])('%s', async (fault, argument, causes) => {
    const { emulator, bench, hear } = await begin();
    await hear(10);
    emulator.fault(fault, argument);
    await hear(20);
    expect(bench.rows('')).toEqual(truthOf(emulator, ''));
    const { gaps, samples } = bench.recorded('');
    expect(gaps.map((gap) => gap.cause)).toEqual(causes);
    if (causes.includes('lost-packet')) {
      expect(gaps.at(-1)?.lost).toBe(6);
      // The index counts the lost samples, so it still shows how long the measurement has run.
      expect(samples.at(-1)?.deviceTime).toBe(59);
    }
    await bench.close();
  });
  test('an overflow before the start is reported', async () => {
    const { bench } = await begin({}, {}, [['fifo-overflow', 1]]);
    expect(bench.logs.join()).toMatch(/overflow/);
    await bench.close();
  });
  test('a counter that is not echoed is reported once and tolerated', async () => {
    const { bench, hear } = await begin({}, {}, [['wrong-counter', 5]]);
    await hear(5);
    expect(bench.recorded('').samples).toHaveLength(10);
    expect(bench.logs.filter((line) => line.includes('echo'))).toHaveLength(1);
    await bench.close();
  });
  test.each(['mute', 'wrong-echo', 'wrong-device'])('%s: no usable answer within five seconds', async (fault) => {
    const { bench } = await begin({}, {}, [[fault, 99]]);
    await bench.advance(5100);
    expect(await bench.outcome).toMatchObject({ code: 'device.no-answer' });
  });
  test('unplugged while streaming, and back', async () => {
    const { emulator, bench, hear } = await begin();
    await hear(5);
    await bench.unplug();
    emulator.start();
    bench.plug();
    await bench.advance(READY_MS);
    await hear(5);
    expect(bench.rows('')).toEqual(truthOf(emulator, ''));
    await bench.close();
  });
});

describe('settings that cannot be met', () => {
  test.each([
    [{ channels: ['Temperature'] }, 'device.no-channel', /"Force \(N\)"/],
    [{ periodMs: 2 }, 'device.period-too-short', /10 or more/],
  ])('%o', async (settings, code, nextStep) => {
    const { bench } = await begin(settings);
    const error = await bench.outcome;
    expect(error).toMatchObject({ code });
    expect((error as FieldroomError).nextStep).toMatch(nextStep);
  });
});
