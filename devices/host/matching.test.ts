import { expect, it } from 'vitest';
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

it('finds by serial number whatever the path has become', () => {
  const devices = [usb('/dev/ttyACM3', { serialNumber: 'A' }), usb('/dev/ttyACM0', { serialNumber: 'B' })];
  expect(find({ serialNumber: 'A', path: '/dev/ttyACM0' }, devices)).toBe('/dev/ttyACM3');
  expect(find({ serialNumber: 'C' }, devices)).toBeNull();
});

it('never guesses between identical devices; the path decides only where it is given', () => {
  const devices = [usb('/dev/ttyACM0'), usb('/dev/ttyACM1')];
  expect(find({ vendorId: '2341', productId: '0043' }, devices)).toEqual(['/dev/ttyACM0', '/dev/ttyACM1']);
  expect(find({ vendorId: '2341', path: '/dev/ttyACM1' }, devices)).toBe('/dev/ttyACM1');
  expect(find({}, devices)).toEqual(['/dev/ttyACM0', '/dev/ttyACM1']);
  expect(find({}, devices, ['/dev/ttyACM0'])).toBe('/dev/ttyACM1');
});

it('leaves a device that another source names, and one that the driver cannot be for', () => {
  const devices = [usb('/dev/ttyACM0', { serialNumber: 'A' }), usb('/dev/ttyACM1', { serialNumber: 'B' })];
  expect(find({}, devices, [], (device) => holds({ serialNumber: 'A' }, device))).toBe('/dev/ttyACM1');
  expect(find({}, [usb('/dev/ttyS0', { vendorId: 'ffff' })])).toBeNull();
});

it('reads hex ids in any case, and labels by a part of the name', () => {
  const devices = [usb('/dev/ttyACM0', { vendorId: '0fcf', manufacturer: 'Dynastream', product: 'ANT USB Stick 2' })];
  expect(find({ vendorId: '0FCF' }, devices)).toBe('/dev/ttyACM0');
  expect(find({ label: 'usb stick' }, devices)).toBe('/dev/ttyACM0');
});

it('proposes the serial number as a match only where it is of one device', () => {
  const a = usb('/dev/ttyACM0', { serialNumber: 'A' });
  const clone = usb('/dev/ttyACM1', { serialNumber: 'A' });
  expect(matchOf(a, [a])).toEqual({ serialNumber: 'A', vendorId: '2341', productId: '0043' });
  expect(matchOf(a, [a, clone])).toEqual({ path: '/dev/ttyACM0' });
});
