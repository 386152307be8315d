import { describe, expect, test } from 'vitest';
import type { DeviceInfo } from '../../driver.ts';
import { DriverBench, truthOf } from '../ant-heart-rate/driverBench.ts';
import { hidMarkerDriver } from './driver.ts';
import { HidMarkerEmulator } from './emulator.ts';
import { DEVICES } from './layouts.ts';

async function begin(settings: Record<string, unknown>, device: DeviceInfo | null = null) {
  const emulator = new HidMarkerEmulator({ settings, parameters: {}, seed: 1 });
  const bench = new DriverBench(hidMarkerDriver, emulator, settings, device);
  emulator.start();
  bench.plug();
  await bench.advance(1);
  const use = async (steps: number): Promise<void> => {
    for (let i = 0; i < steps; i += 1) {
      emulator.step();
      await bench.advance(500);
    }
  };
  const end = async (): Promise<void> => {
    await bench.close();
    emulator.stop();
  };
  return { emulator, bench, use, end };
}

test.each(DEVICES)('%s: every press and release, in order', async (device) => {
  const { emulator, bench, use, end } = await begin({ device });
  await use(30);
  expect(bench.rows('').length).toBeGreaterThan(10);
  expect(bench.rows('')).toEqual(truthOf(emulator, ''));
  expect(bench.recorded('').gaps).toEqual([]);
  await end();
});

test('a custom device, by bits and values, with names', async () => {
  const buttons = [
    { button: 1, byte: 2, bit: 4 },
    { button: 9, byte: 1, value: 0x33, name: 'right' },
  ];
  const { emulator, bench, use, end } = await begin({ buttons, names: { '1': 'good idea' } });
  await use(8);
  expect(bench.rows('')).toEqual(truthOf(emulator, ''));
  expect(bench.recorded('').samples.map((sample) => sample.values[2])).toContain('good idea');
  await end();
});

describe('identification', () => {
  const usb = (vendorId: string, productId: string): DeviceInfo => ({
    kind: 'hid',
    path: '/dev/hidraw7',
    vendorId,
    productId,
  });
  test('is found by vendor and product', async () => {
    const { bench, use, end } = await begin({}, usb('05f3', '00ff'));
    await use(4);
    expect(bench.recorded('').declaration.facts).toMatchObject({ layout: 'infinity-pedal' });
    await end();
  });
  test('has to be chosen if its ids are unknown', async () => {
    const { bench, emulator } = await begin({}, { ...usb('dead', 'beef'), path: 'COM-like' });
    emulator.stop();
    expect(await bench.outcome).toMatchObject({ code: 'device.unknown-layout' });
  });
  test('fits only known ids, inferred ones less', () => {
    expect(hidMarkerDriver.fits(usb('054c', '1000'))).toBe(3);
    expect(hidMarkerDriver.fits(usb('05f3', '00ff'))).toBe(2);
    expect(hidMarkerDriver.fits(usb('046d', 'c077'))).toBe(0);
  });
  test('an invalid mapping is rejected with its path', () => {
    const result = hidMarkerDriver.settings.safeParse({ buttons: [{ button: 1, byte: 0 }] });
    expect(result.error?.issues[0]).toMatchObject({ path: ['buttons', 0] });
  });
});

describe('faults', () => {
  test.each(['bounce', 'repeat', 'silent'])('%s leaves presses and releases as they were', async (fault) => {
    const { emulator, bench, use, end } = await begin({ device: 'presenter' });
    await use(4);
    emulator.fault(fault, 3000);
    await use(20);
    expect(bench.rows('')).toEqual(truthOf(emulator, ''));
    await end();
  });
  test('without debouncing, bounce is recorded as it arrived', async () => {
    const { emulator, bench, use, end } = await begin({ device: 'infinity-pedal', debounceMs: 0 });
    emulator.fault('bounce', 1);
    await use(1);
    expect(bench.recorded('').samples.map((sample) => sample.values[1])).toEqual([true, false, true]);
    await end();
  });
  test('reports without meaning are recorded as a gap', async () => {
    const { emulator, bench, use, end } = await begin({ device: 'infinity-pedal' });
    emulator.fault('garbage', 2);
    await use(4);
    expect(bench.recorded('').gaps.map((gap) => gap.cause)).toEqual(['garbage', 'garbage']);
    expect(bench.rows('')).toEqual(truthOf(emulator, ''));
    await end();
  });
  test('a different device is recognised by its reports', async () => {
    const { emulator, bench, use, end } = await begin({ device: 'presenter' });
    emulator.fault('wrong-device');
    await use(25);
    expect(bench.troubles).toMatchObject([{ code: 'device.garbage' }]);
    expect(bench.recorded('').samples).toEqual([]);
    await end();
  });
});
