import { expect, it } from 'vitest';
import type { FoundDevice } from '../../electron/common/found.ts';
import type { DeviceListing } from '../list.ts';
import { Finder } from './finder.ts';

const port = (path: string, serialNumber?: string): DeviceListing['devices'][number] => ({
  device: { kind: 'serial', path, vendorId: '2341', ...(serialNumber ? { serialNumber } : {}) },
  probably: 'Arduino board',
  drivers: ['lines'],
});
const mouse: DeviceListing['devices'][number] = {
  device: { kind: 'hid', path: '/dev/hidraw0' },
  probably: 'Mouse',
  drivers: [],
};

it('reports each arrival and removal once, and how a kit names the device', async () => {
  let devices = [port('/dev/ttyACM0', 'A1'), mouse];
  const told: FoundDevice[][] = [];
  const finder = new Finder({
    list: async () => ({ devices, troubles: [] }),
    sourceAt: (path) => (path === '/dev/ttyACM0' ? 'light' : null),
    tell: (found) => told.push(found),
    log: () => undefined,
    everyMs: 5,
  });
  const heard = async (count: number): Promise<void> => {
    const deadlineMs = Date.now() + 5_000;
    while (told.length < count && Date.now() < deadlineMs) await new Promise((done) => setTimeout(done, 5));
    expect(told).toHaveLength(count);
  };
  finder.setLooking(true);
  await heard(1);
  expect(told[0]).toEqual([
    {
      kind: 'serial',
      key: '/dev/ttyACM0',
      label: 'Arduino board, A1',
      match: { serialNumber: 'A1', vendorId: '2341' },
      drivers: ['lines'],
      source: 'light',
    },
  ]);
  await new Promise((done) => setTimeout(done, 40));
  await heard(1);
  devices = [port('/dev/ttyACM0', 'A1'), port('/dev/ttyACM1')];
  await heard(2);
  expect(told[1]?.[1]).toMatchObject({ match: { path: '/dev/ttyACM1' }, source: null });
  finder.setLooking(false);
  devices = [];
  await new Promise((done) => setTimeout(done, 40));
  await heard(2);
});
