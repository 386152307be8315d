/** Which of the devices that are there a source means. Identical devices are never guessed. */
import type { Match, SensorSource } from '../../electron/common/kit.ts';
import type { AnyDriver, DeviceInfo } from '../driver.ts';

export type MatchResult =
  | { state: 'found'; device: DeviceInfo }
  | { state: 'none' }
  /** A person must say which: these fit equally well. */
  | { state: 'choose'; candidates: DeviceInfo[] };

/**
 * The serial number decides first, then vendor and product, then the socket, then the path: a path that has become another
 * (COM3 is COM5 after a replug) does no harm where the rest names one device only. The number of a Linux port (`ttyUSB0`) is
 * given in the order of plugging in, so it tells no twins apart.
 * @param taken paths that other sources have open.
 * @param reserved devices that another source names in its match: left alone by a source that names nothing.
 * @param hasTwin devices of which another one like it was plugged in since the host began.
 */
export function matchDevice(
  source: SensorSource,
  driver: AnyDriver,
  devices: readonly DeviceInfo[],
  taken: ReadonlySet<string>,
  reserved: (device: DeviceInfo) => boolean,
  hasTwin: (device: DeviceInfo) => boolean = (device) => twinsOf(device, devices).length > 0,
): MatchResult {
  const { match } = source;
  const free = devices.filter((device) => device.kind === source.kind && !taken.has(device.path));
  let fitting = free.filter((device) => holds(match, device));
  if (!namesDevice(match)) {
    const open = fitting.filter((device) => !reserved(device));
    const best = Math.max(0, ...open.map((device) => driver.fits(device)));
    fitting = best === 0 ? [] : open.filter((device) => driver.fits(device) === best);
  }
  if (match.place !== undefined && fitting.length === 0) {
    // Its socket is empty, and one like it is in another: perhaps it was moved. Only a person knows.
    const { place: _, ...rest } = match;
    const moved = free.filter((device) => namesDevice(rest) && holds(rest, device) && !reserved(device));
    return moved.length > 0 ? { state: 'choose', candidates: moved } : { state: 'none' };
  }
  if (fitting.length > 1 && match.path !== undefined) {
    const there = fitting.filter((device) => device.path === match.path && !isNumbered(device.path));
    if (there.length === 1) fitting = there;
  }
  const [device] = fitting;
  if (!device) return { state: 'none' };
  if (fitting.length > 1) return { state: 'choose', candidates: fitting };
  if (isOnlyPath(match) && isNumbered(device.path) && hasTwin(device))
    return { state: 'choose', candidates: [device, ...twinsOf(device, free)] };
  return { state: 'found', device };
}

/** Devices that differ in nothing but path and socket. */
export const twinsOf = (device: DeviceInfo, among: readonly DeviceInfo[]): DeviceInfo[] =>
  among.filter((other) => other.path !== device.path && kindOf(other) === kindOf(device));

/** What all devices of a kind share, and with it a serial number that is not one of its own. */
export const kindOf = ({ kind, vendorId, productId, serialNumber }: DeviceInfo): string =>
  JSON.stringify([kind, vendorId, productId, serialNumber]);

/** A path whose number says nothing but the order in which devices were found. */
const isNumbered = (path: string): boolean => /^\/dev\/(?:tty(?:USB|ACM|WCH|XRUSB)|hidraw)\d+$/.test(path);

const isOnlyPath = ({ serialNumber, vendorId, productId, label, place, path }: Match): boolean =>
  path !== undefined && [serialNumber, vendorId, productId, label, place].every((one) => one === undefined);

/** True when the match says more than the kind. */
export const namesDevice = (match: Match): boolean => Object.values(match).some((value) => value !== undefined);

/** True when a device is one that the match means; the path counts only where nothing else is given. */
export function holds(match: Match, device: DeviceInfo): boolean {
  if (match.serialNumber !== undefined && match.serialNumber !== device.serialNumber) return false;
  if (match.vendorId !== undefined && match.vendorId.toLowerCase() !== device.vendorId) return false;
  if (match.productId !== undefined && match.productId.toLowerCase() !== device.productId) return false;
  if (match.place !== undefined && match.place !== device.place) return false;
  if (
    match.label !== undefined &&
    !`${device.manufacturer ?? ''} ${device.product ?? ''}`.toLowerCase().includes(match.label.toLowerCase())
  )
    return false;
  return !isOnlyPath(match) || match.path === device.path;
}

/** How a person tells a device from its like. */
export function deviceLabel(device: DeviceInfo): string {
  const name =
    [device.manufacturer, device.product].filter(Boolean).join(' ') ||
    (device.vendorId ? `${device.vendorId}:${device.productId ?? '????'}` : 'device');
  return `${name}${device.serialNumber ? `, serial number ${device.serialNumber}` : ''} at ${device.path}${device.place ? ` (${device.place})` : ''}`.slice(
    0,
    300,
  );
}

/** Numbers that a maker gives to all of its devices: `0001` of CP2102 clones, `123456` and the like. */
const NO_SERIAL = /^(?:0*1?|0?1234\d*|.{1,3}|(.)\1+)$/;

/** The match that means this device and no other: its own serial number, else its socket, else the path. */
export function matchOf(device: DeviceInfo, among: readonly DeviceInfo[]): Record<string, string> {
  const { serialNumber, vendorId, productId, place, path } = device;
  const ids = {
    ...(serialNumber === undefined ? {} : { serialNumber }),
    ...(vendorId === undefined ? {} : { vendorId }),
    ...(productId === undefined ? {} : { productId }),
  };
  const isOwn =
    serialNumber !== undefined &&
    among.filter((other) => other.serialNumber === serialNumber).length === 1 &&
    !(place !== undefined && NO_SERIAL.test(serialNumber));
  if (isOwn) return ids;
  return place === undefined ? { path } : { ...ids, place };
}
