/** Decides which of the connected devices a source refers to. Identical devices are never guessed. */
import type { Match, SensorSource } from '../../electron/common/kit.ts';
import type { AnyDriver, DeviceInfo } from '../driver.ts';

export type MatchResult =
  | { state: 'found'; device: DeviceInfo }
  | { state: 'none' }
  /** A person must choose: these match equally well. */
  | { state: 'choose'; candidates: DeviceInfo[] };

/**
 * The serial number decides first, then vendor and product, then the socket, then the path: a changed path (COM3
 * becomes COM5 after a replug) does not matter if the rest identifies one device. The number of a Linux port
 * (`ttyUSB0`) is assigned in plug-in order, so it does not distinguish twins.
 * @param taken paths that other sources have open.
 * @param reserved devices that another source names in its match: ignored for a source that names nothing.
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
    // Its socket is empty, and an identical device is in another one: it may have been moved. Only a person knows.
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

/** Devices that differ only in path and socket. */
export const twinsOf = (device: DeviceInfo, among: readonly DeviceInfo[]): DeviceInfo[] =>
  among.filter((other) => other.path !== device.path && kindOf(other) === kindOf(device));

/** The properties shared by all devices of a type, plus a serial number that is not unique. */
export const kindOf = ({ kind, vendorId, productId, serialNumber }: DeviceInfo): string =>
  JSON.stringify([kind, vendorId, productId, serialNumber]);

/** A path whose number shows only the order in which devices were found. */
const isNumbered = (path: string): boolean => /^\/dev\/(?:tty(?:USB|ACM|WCH|XRUSB)|hidraw)\d+$/.test(path);

const isOnlyPath = ({ serialNumber, vendorId, productId, label, place, path }: Match): boolean =>
  path !== undefined && [serialNumber, vendorId, productId, label, place].every((one) => one === undefined);

/** True if the match names more than the kind. */
export const namesDevice = (match: Match): boolean => Object.values(match).some((value) => value !== undefined);

/** True if a device matches; the path counts only if nothing else is given. */
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

/** How a person can distinguish a device from identical ones. */
export function deviceLabel(device: DeviceInfo): string {
  const name =
    [device.manufacturer, device.product].filter(Boolean).join(' ') ||
    (device.vendorId ? `${device.vendorId}:${device.productId ?? '????'}` : 'device');
  return `${name}${device.serialNumber ? `, serial number ${device.serialNumber}` : ''} at ${device.path}${device.place ? ` (${device.place})` : ''}`.slice(
    0,
    300,
  );
}

/** Serial numbers that a vendor gives to all of its devices: `0001` of CP2102 clones, `123456` and the like. */
const NO_SERIAL = /^(?:0*1?|0?1234\d*|.{1,3}|(.)\1+)$/;

/** The match for exactly this device: its own serial number, otherwise its socket, otherwise the path. */
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
