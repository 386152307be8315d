/** Which of the devices that are there a source means. Identical devices are never guessed. */
import type { Match, SensorSource } from '../../electron/common/kit.ts';
import type { AnyDriver, DeviceInfo } from '../driver.ts';

export type MatchResult =
  | { state: 'found'; device: DeviceInfo }
  | { state: 'none' }
  /** A person must say which: these fit equally well. */
  | { state: 'choose'; candidates: DeviceInfo[] };

/**
 * The serial number decides first, then vendor and product, then the path: a path that has become another (COM3 is COM5
 * after a replug) does no harm where the rest names one device only.
 * @param taken paths that other sources have open.
 * @param reserved devices that another source names in its match: left alone by a source that names nothing.
 */
export function matchDevice(
  source: SensorSource,
  driver: AnyDriver,
  devices: readonly DeviceInfo[],
  taken: ReadonlySet<string>,
  reserved: (device: DeviceInfo) => boolean,
): MatchResult {
  const { match } = source;
  const free = devices.filter((device) => device.kind === source.kind && !taken.has(device.path));
  const named = namesDevice(match);
  let fitting = free.filter((device) => holds(match, device));
  if (!named) {
    const open = fitting.filter((device) => !reserved(device));
    const best = Math.max(0, ...open.map((device) => driver.fits(device)));
    fitting = best === 0 ? [] : open.filter((device) => driver.fits(device) === best);
  }
  if (fitting.length > 1 && match.path !== undefined) {
    const there = fitting.filter((device) => device.path === match.path);
    if (there.length === 1) fitting = there;
  }
  const [device] = fitting;
  if (!device) return { state: 'none' };
  return fitting.length === 1 ? { state: 'found', device } : { state: 'choose', candidates: fitting };
}

/** True when the match says more than the kind. */
export const namesDevice = (match: Match): boolean =>
  match.serialNumber !== undefined ||
  match.vendorId !== undefined ||
  match.productId !== undefined ||
  match.label !== undefined ||
  match.path !== undefined;

/** True when a device is one that the match means; the path counts only where nothing else is given. */
export function holds(match: Match, device: DeviceInfo): boolean {
  if (match.serialNumber !== undefined && match.serialNumber !== device.serialNumber) return false;
  if (match.vendorId !== undefined && match.vendorId.toLowerCase() !== device.vendorId) return false;
  if (match.productId !== undefined && match.productId.toLowerCase() !== device.productId) return false;
  if (
    match.label !== undefined &&
    !`${device.manufacturer ?? ''} ${device.product ?? ''}`.toLowerCase().includes(match.label.toLowerCase())
  )
    return false;
  const onlyPath =
    match.serialNumber === undefined &&
    match.vendorId === undefined &&
    match.productId === undefined &&
    match.label === undefined;
  return !onlyPath || match.path === undefined || match.path === device.path;
}

/** How a person tells a device from its like. */
export function deviceLabel(device: DeviceInfo): string {
  const name =
    [device.manufacturer, device.product].filter(Boolean).join(' ') ||
    (device.vendorId ? `${device.vendorId}:${device.productId ?? '????'}` : 'device');
  return `${name}${device.serialNumber ? `, serial number ${device.serialNumber}` : ''} at ${device.path}`.slice(
    0,
    300,
  );
}

/** The match that means this device and no other: its serial number where it has one, else the place where it is plugged in. */
export function matchOf(device: DeviceInfo, among: readonly DeviceInfo[]): Record<string, string> {
  const { serialNumber, vendorId, productId, path } = device;
  if (serialNumber !== undefined && among.filter((other) => other.serialNumber === serialNumber).length === 1) {
    return {
      serialNumber,
      ...(vendorId === undefined ? {} : { vendorId }),
      ...(productId === undefined ? {} : { productId }),
    };
  }
  return { path };
}
