import { expect, test } from 'vitest';
import { bleHeartRateDriver } from './driver.ts';
import { BleHeartRateEmulator } from './emulator.ts';
import { parseHeartRateMeasurement } from './parser.ts';

test.each(['0', '1'])('the parser reads what the emulator sent, faults or not (wide=%s)', (wide) => {
  const emulator = new BleHeartRateEmulator({ settings: {}, parameters: { wide }, seed: 1 });
  const rows: unknown[][] = [];
  let refused = 0;
  emulator.emit = (bytes) => {
    const packet = parseHeartRateMeasurement(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (!packet) refused += 1;
    else if (packet.rrMs.length === 0) rows.push([packet.heartRateBpm, Number.NaN, packet.contact]);
    else for (const rr of packet.rrMs) rows.push([packet.heartRateBpm, rr, packet.contact]);
  };
  for (const fault of ['none', 'no-rr', 'contact-lost', 'short', 'silent', 'none']) {
    emulator.fault(fault, 2);
    for (let i = 0; i < 20; i += 1) emulator.step();
  }
  expect(refused).toBe(2);
  expect(rows.length).toBeGreaterThan(120);
  expect(rows).toEqual(emulator.truth.map((row) => row.values));
});

test('an unknown fault is an error', () => {
  expect(() => new BleHeartRateEmulator({ settings: {}, parameters: {}, seed: 1 }).fault('frost')).toThrow(/frost/);
});

test('the driver says where it runs', async () => {
  await expect(bleHeartRateDriver.run({} as never)).rejects.toMatchObject({
    code: 'device.capture-window',
    message: 'Bluetooth heart rate straps are read by the capture window.',
  });
});
