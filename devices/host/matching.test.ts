import { describe, expect, it } from 'vitest';
import { type SensorSource, sourceSchema } from '../../electron/common/kit.ts';
import type { DeviceInfo } from '../driver.ts';
import { linesDriver } from '../drivers/lines/driver.ts';
import { holds, matchDevice, matchOf } from './matching.ts';

const usb = (path: string, more: Partial<DeviceInfo> = {}): DeviceInfo => ({
  kind: 'serial',
  path,
  vendorId: '2341',
  productId: '0043',
  ...more,
});
const find = (
  match: object,
  devices: DeviceInfo[],
  taken: string[] = [],
  reserved: (device: DeviceInfo) => boolean = () => false,
) => {
  const source = sourceSchema.parse({ id: 'a', kind: 'serial', driver: 'lines', match }) as SensorSource;
  const result = matchDevice(source, linesDriver, devices, new Set(taken), reserved);
  return result.state === 'found'
    ? result.device.path
    : result.state === 'choose'
      ? result.candidates.map((d) => d.path)
      : null;
};

it('finds a device by serial number, whatever its path has become', () => {
  const devices = [usb('/dev/ttyACM3', { serialNumber: 'A' }), usb('/dev/ttyACM0', { serialNumber: 'B' })];
  expect(find({ serialNumber: 'A', path: '/dev/ttyACM0' }, devices)).toBe('/dev/ttyACM3');
  expect(find({ serialNumber: 'C' }, devices)).toBeNull();
});

it('never guesses between identical devices, nor by a number that the system assigns in plug-in order', () => {
  const devices = [usb('/dev/ttyACM0'), usb('/dev/ttyACM1')];
  expect(find({ vendorId: '2341', productId: '0043' }, devices)).toEqual(['/dev/ttyACM0', '/dev/ttyACM1']);
  expect(find({ vendorId: '2341', path: '/dev/ttyACM1' }, devices)).toEqual(['/dev/ttyACM0', '/dev/ttyACM1']);
  const named = devices.map((device, i) => ({ ...device, path: `COM${i + 3}` }));
  expect(find({ vendorId: '2341', path: 'COM4' }, named)).toBe('COM4');
  expect(find({}, devices)).toEqual(['/dev/ttyACM0', '/dev/ttyACM1']);
  expect(find({}, devices, ['/dev/ttyACM0'])).toBe('/dev/ttyACM1');
});

it('ignores a device that another source names, and one that does not fit the driver', () => {
  const devices = [usb('/dev/ttyACM0', { serialNumber: 'A' }), usb('/dev/ttyACM1', { serialNumber: 'B' })];
  expect(find({}, devices, [], (device) => holds({ serialNumber: 'A' }, device))).toBe('/dev/ttyACM1');
  expect(find({}, [usb('/dev/ttyS0', { vendorId: 'ffff' })])).toBeNull();
});

it('reads hex ids in any case, and labels by a part of the name', () => {
  const devices = [usb('/dev/ttyACM0', { vendorId: '0fcf', manufacturer: 'Dynastream', product: 'ANT USB Stick 2' })];
  expect(find({ vendorId: '0FCF' }, devices)).toBe('/dev/ttyACM0');
  expect(find({ label: 'usb stick' }, devices)).toBe('/dev/ttyACM0');
});

it('suggests the serial number as a match only if it is unique', () => {
  const a = usb('/dev/ttyACM0', { serialNumber: 'A' });
  const clone = usb('/dev/ttyACM1', { serialNumber: 'A' });
  expect(matchOf(a, [a])).toEqual({ serialNumber: 'A', vendorId: '2341', productId: '0043' });
  expect(matchOf(a, [a, clone])).toEqual({ path: '/dev/ttyACM0' });
});

describe('two clones without a serial number, or with the same one', () => {
  const clone = (path: string, socket: string, serialNumber?: string): DeviceInfo => ({
    kind: 'serial',
    path,
    vendorId: '1a86',
    productId: '7523',
    place: `0000:00:14.0-usb-${socket}`,
    ...(serialNumber === undefined ? {} : { serialNumber }),
  });
  it.each([undefined, '0001', '123456'])(
    'are told apart by their socket when their paths swap (serial number %s)',
    (serial) => {
      const before = [clone('/dev/ttyUSB0', '1.2', serial), clone('/dev/ttyUSB1', '1.3', serial)];
      const after = [clone('/dev/ttyUSB0', '1.3', serial), clone('/dev/ttyUSB1', '1.2', serial)];
      const [a, b] = before.map((device) => matchOf(device, before));
      expect([find(a as object, before), find(b as object, before)]).toEqual(['/dev/ttyUSB0', '/dev/ttyUSB1']);
      expect([find(a as object, after), find(b as object, after)]).toEqual(['/dev/ttyUSB1', '/dev/ttyUSB0']);
      // Saved before the other one was plugged in.
      const alone = matchOf(before[0] as DeviceInfo, before.slice(0, 1));
      expect(find(alone, after)).toBe('/dev/ttyUSB1');
    },
  );
  it('need a choice if the system reports no socket, and if a kit names only a path', () => {
    const bare = ['/dev/ttyUSB0', '/dev/ttyUSB1'].map((path) => usb(path));
    expect(find(matchOf(bare[0] as DeviceInfo, bare), bare)).toEqual(['/dev/ttyUSB0', '/dev/ttyUSB1']);
    const placed = [clone('/dev/ttyUSB0', '1.3'), clone('/dev/ttyUSB1', '1.2')];
    expect(find({ path: '/dev/ttyUSB1' }, placed)).toEqual(['/dev/ttyUSB1', '/dev/ttyUSB0']);
    expect(find({ path: '/dev/ttyUSB0' }, placed.slice(0, 1))).toBe('/dev/ttyUSB0');
  });
  it('need a choice if one is found in another socket', () => {
    const moved = [clone('/dev/ttyUSB0', '1.4')];
    expect(find({ vendorId: '1a86', productId: '7523', place: '0000:00:14.0-usb-1.2' }, moved)).toEqual([
      '/dev/ttyUSB0',
    ]);
    expect(
      find({ vendorId: '1a86', productId: '7523', place: '0000:00:14.0-usb-1.2' }, moved, [], () => true),
    ).toBeNull();
  });
});
