/** HID devices behind an interface, so that tests and emulators can replace them where /dev/uhid is not available. */
import { access, constants } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FieldroomError, fieldroomError } from '../../electron/common/errors.ts';
import type { DeviceInfo } from '../driver.ts';
import { noPermission } from './serial.ts';
import { placeOf } from './serialList.ts';
import { lost, WireLink } from './wireLink.ts';

/** One open device. A report's first byte is its id only if the device numbers its reports. */
export interface HidPort {
  onReport(listener: (report: Uint8Array) => void): void;
  onLost(listener: (error: Error) => void): void;
  /** The report with its leading id byte (00 if the device has none). */
  write(report: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** The lowest layer: `node-hid`, or a fake. */
export interface HidBackend {
  list(): Promise<DeviceInfo[]>;
  open(path: string): Promise<HidPort>;
}

const hex4 = (value: number): string => value.toString(16).padStart(4, '0');

/** Only Linux reports the socket of a HID device. */
const hidPlace = async (path: string): Promise<string | undefined> =>
  process.platform === 'linux' ? placeOf(join('/sys/class/hidraw', basename(path), 'device')) : undefined;

/** `node-hid`, loaded when first needed: a computer on which it does not load can still record everything else. */
export const nodeHid: HidBackend = {
  async list() {
    const { devicesAsync } = (await import('node-hid')).default;
    const seen = new Map<string, DeviceInfo>();
    for (const device of await devicesAsync()) {
      if (!device.path || seen.has(device.path)) continue;
      const info: DeviceInfo = {
        kind: 'hid',
        path: device.path,
        vendorId: hex4(device.vendorId),
        productId: hex4(device.productId),
      };
      if (device.serialNumber) info.serialNumber = device.serialNumber;
      if (device.manufacturer) info.manufacturer = device.manufacturer;
      if (device.product) info.product = device.product;
      const place = await hidPlace(device.path);
      if (place) info.place = place;
      seen.set(device.path, info);
    }
    return [...seen.values()];
  },
  async open(path) {
    const { HIDAsync } = (await import('node-hid')).default;
    const device = await HIDAsync.open(path);
    return {
      onReport: (listener) => void device.on('data', listener),
      onLost: (listener) => void device.on('error', listener),
      write: async (report) => {
        await device.write(Buffer.from(report));
      },
      close: () => device.close(),
    };
  },
};

/** @throws FieldroomError `device.no-permission`, `device.not-found`, `device.port-busy` */
export async function openHid(backend: HidBackend, path: string, now: () => number): Promise<WireLink> {
  const port = await backend.open(path).catch(async (error: unknown) => {
    throw error instanceof FieldroomError ? error : await hidError(path, error);
  });
  const link = new WireLink(path, { write: (bytes) => port.write(bytes), close: () => port.close() });
  port.onReport((report) => {
    const arrivedNs = now();
    link.deliver(report, arrivedNs);
  });
  port.onLost((error) => link.lose(lost(path, error)));
  return link;
}

/** hidapi says "cannot open device" for every error: checking the file shows which one it is. */
async function hidError(path: string, cause: unknown): Promise<FieldroomError> {
  const code = await access(path, constants.R_OK | constants.W_OK).then(
    () => '',
    (error: NodeJS.ErrnoException) => error.code ?? '',
  );
  if (code === 'EACCES' || code === 'EPERM') return noPermission(path, 'hid', cause);
  if (code === 'ENOENT' && path.startsWith('/')) {
    return fieldroomError('device.not-found', { path }, { data: { path }, cause });
  }
  const text = cause instanceof Error ? cause.message : String(cause);
  return fieldroomError('device.open-failed:hid', { path, text }, { data: { path }, cause });
}
