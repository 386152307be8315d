/** The serial ports of this computer, even if `serialport` cannot list them. */
import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DeviceInfo } from '../driver.ts';

export interface SerialListing {
  devices: DeviceInfo[];
  /** Why the list was made another way; the same sentence each time, so that it can be reported once. */
  note: string | null;
}

/** Never rejects: without udev (a container, a small Linux) `SerialPort.list()` does, and /sys is read instead. */
export async function listSerial(
  sysRoot = '/sys/class/tty',
  list: () => Promise<PortLike[]> = listPorts,
): Promise<SerialListing> {
  try {
    return { devices: await Promise.all((await list()).map((port) => portInfo(port, sysRoot))), note: null };
  } catch (error) {
    const devices = process.platform === 'linux' ? await walkSys(sysRoot) : [];
    const why = error instanceof Error ? error.message : String(error);
    return {
      devices,
      note: `The system's list of serial ports is not available (${why}); ${process.platform === 'linux' ? 'ports are read from /sys' : 'only ports named by path work'}.`,
    };
  }
}

interface PortLike {
  path: string;
  manufacturer?: string | undefined;
  serialNumber?: string | undefined;
  vendorId?: string | undefined;
  productId?: string | undefined;
  /** The socket, on Windows and macOS. */
  locationId?: string | undefined;
}

const listPorts = async (): Promise<PortLike[]> => (await import('serialport')).SerialPort.list();

async function portInfo(port: PortLike, sysRoot: string): Promise<DeviceInfo> {
  const onLinux = process.platform === 'linux';
  return compact({
    place: onLinux ? await placeOf(join(sysRoot, basename(port.path), 'device')) : port.locationId,
    path: port.path,
    serialNumber: port.serialNumber,
    vendorId: port.vendorId?.toLowerCase(),
    productId: port.productId?.toLowerCase(),
    manufacturer: port.manufacturer,
  });
}

/** USB serial ports are below a directory that contains `idVendor`; others (ttyS0 ... on a mainboard) are skipped. */
async function walkSys(root: string): Promise<DeviceInfo[]> {
  const names = await readdir(root).catch(() => [] as string[]);
  const found = await Promise.all(
    names
      .filter((name) => /^tty(ACM|USB|AMA|WCH|XRUSB)\d+$/.test(name))
      .map(async (name) => {
        const usb = await usbFolder(join(root, name, 'device'));
        const read = async (file: string): Promise<string | undefined> =>
          usb ? (await readFile(join(usb, file), 'utf8').catch(() => '')).trim() || undefined : undefined;
        return compact({
          path: `/dev/${name}`,
          place: await placeOf(join(root, name, 'device')),
          serialNumber: await read('serial'),
          vendorId: await read('idVendor'),
          productId: await read('idProduct'),
          manufacturer: await read('manufacturer'),
          product: await read('product'),
        });
      }),
  );
  return found.sort((a, b) => a.path.localeCompare(b.path));
}

/**
 * The USB socket of a device in /sys: the controller, the hub ports on the way, the interface. The bus number is
 * omitted because it is reassigned at each start (as in udev's by-path names).
 */
export async function placeOf(device: string): Promise<string | undefined> {
  const folder = await realpath(device).catch(() => '');
  const parts = folder.split(/[\\/]/);
  const bus = parts.findLastIndex((part) => /^usb\d+$/.test(part));
  const socket = parts.findLast((part) => /^\d+-[\d.]+(:[\d.]+)?$/.test(part));
  if (bus < 1 || socket === undefined) return undefined;
  return `${parts[bus - 1]}-usb-${socket.replace(/^\d+-/, '')}`;
}

async function usbFolder(start: string): Promise<string | null> {
  let folder = await realpath(start).catch(() => '');
  for (let depth = 0; folder.length > 1 && depth < 12; depth += 1) {
    const has = await readFile(join(folder, 'idVendor'), 'utf8').then(
      () => true,
      () => false,
    );
    if (has) return folder;
    folder = dirname(folder);
  }
  return null;
}

function compact(
  info: { path: string } & Partial<
    Record<'serialNumber' | 'vendorId' | 'productId' | 'manufacturer' | 'product' | 'place', string | undefined>
  >,
): DeviceInfo {
  const out: DeviceInfo = { kind: 'serial', path: info.path };
  for (const key of ['serialNumber', 'vendorId', 'productId', 'manufacturer', 'product', 'place'] as const) {
    const value = info[key];
    if (value) out[key] = value;
  }
  return out;
}
