import { expect, test } from 'vitest';
import { DriverBench, truthOf } from '../ant-heart-rate/driverBench.ts';
import { nmeaDriver } from './driver.ts';
import { NmeaEmulator } from './emulator.ts';
import { encodeNmea } from './parser.ts';

async function begin() {
  const emulator = new NmeaEmulator({ settings: {}, parameters: {}, seed: 1 });
  const bench = new DriverBench(nmeaDriver, emulator, {});
  emulator.start = () => undefined;
  bench.plug();
  const hear = async (fixes: number): Promise<void> => {
    for (let i = 0; i < fixes; i += 1) {
      emulator.step();
      await bench.advance(1000);
    }
  };
  const same = (): void => {
    for (const stream of ['', 'fix', 'utc']) expect(bench.rows(stream), stream).toEqual(truthOf(emulator, stream));
  };
  return { emulator, bench, hear, same };
}

test('position, fix and UTC of every sentence, over midnight', async () => {
  const { bench, hear, same } = await begin();
  await hear(60);
  same();
  expect(bench.recorded('').samples.length).toBe(60);
  expect(bench.recorded('').samples.at(-1)?.deviceTime).toBe(Date.UTC(2026, 2, 2, 0, 0, 39));
  await bench.close();
});

test.each(['split', 'merge', 'garbage', 'corrupt-checksum', 'restart'])('%s', async (fault) => {
  const { emulator, bench, hear, same } = await begin();
  await hear(5);
  emulator.fault(fault, 9);
  await hear(20);
  same();
  expect(bench.recorded('').gaps.length > 0).toBe(['garbage', 'corrupt-checksum', 'restart'].includes(fault));
  if (fault === 'corrupt-checksum') expect(bench.recorded('').gaps.map((gap) => gap.cause)).toContain('checksum');
  await bench.close();
});

test('without a fix, neither position nor time is recorded', async () => {
  const { emulator, bench, hear, same } = await begin();
  emulator.fault('no-fix', 3);
  await hear(6);
  same();
  expect(bench.recorded('').samples.map((sample) => sample.deviceTime === undefined)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  await bench.close();
});

test('a wrong baud rate or a different device is reported', async () => {
  const { emulator, bench, hear } = await begin();
  emulator.fault('wrong-device');
  await hear(20);
  expect(bench.troubles).toMatchObject([{ code: 'device.garbage' }]);
  await bench.close();
});

test('a fix received before any date gets it from the next sentence', async () => {
  const { bench } = await begin();
  const send = (body: string) => bench.deliver(new TextEncoder().encode(encodeNmea(body)));
  send('GNGGA,235959.500,4807.000,N,01107.000,W,1,08,0.9,545.4,M,46.9,M,,');
  send('GNRMC,000000.500,A,4807.000,N,01107.000,W,0.1,84.4,020326,,,A');
  expect(bench.recorded('fix').samples[0]?.deviceTime).toBe(Date.UTC(2026, 2, 1, 23, 59, 59, 500));
  await bench.close();
});

test('without any date, fixes are recorded without a time', async () => {
  const { bench } = await begin();
  for (let i = 0; i < 6; i += 1)
    bench.deliver(
      new TextEncoder().encode(encodeNmea(`GNGGA,12000${i},4807.000,N,01107.000,W,1,08,0.9,5.4,M,46.9,M,,`)),
    );
  await bench.advance(1);
  await bench.close();
  expect(bench.recorded('fix').samples.map((sample) => sample.deviceTime)).toEqual(Array(6).fill(undefined));
});
