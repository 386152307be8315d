/** Lists what is plugged in, what it probably is, and which driver fits: for `fieldroom devices` and Setup. */
import { type ErrorReport, reportOf } from '../electron/common/errors.ts';
import type { DeviceInfo } from './driver.ts';
import { knownDevice } from './knownDevices.ts';
import { drivers } from './registry.ts';
import { type HidBackend, nodeHid } from './transports/hid.ts';
import { listSerial, type SerialListing } from './transports/serialList.ts';

export interface ListedDevice {
  device: DeviceInfo;
  /** For people; mentions if the chip is shared by many boards. */
  probably: string;
  /** Ids of the drivers that fit, the most likely first. */
  drivers: string[];
}

export interface DeviceListing {
  devices: ListedDevice[];
  /** Devices that could not be listed, each with the next step. */
  troubles: (ErrorReport & { nextStep: string })[];
}

/** Never rejects: anything that cannot be listed is an error in the result. */
export async function listDevices(
  hid: HidBackend = nodeHid,
  serial: () => Promise<SerialListing> = listSerial,
): Promise<DeviceListing> {
  const troubles: DeviceListing['troubles'] = [];
  const [ports, reports] = await Promise.all([
    serial(),
    hid.list().catch((error: unknown) => {
      troubles.push({
        code: 'device.no-hid',
        message: `HID devices cannot be listed: ${reportOf(error).message}.`,
        nextStep: 'Run "fieldroom doctor".',
      });
      return [] as DeviceInfo[];
    }),
  ]);
  if (ports.note)
    troubles.push({
      code: 'device.no-udev',
      message: ports.note,
      nextStep: 'Ports work if the kit names them by path (match.path); install udev to see serial numbers.',
    });
  return { devices: [...ports.devices, ...reports].map(describe), troubles };
}

function describe(device: DeviceInfo): ListedDevice {
  const fitting = drivers
    .map((driver) => ({ id: driver.id, fits: driver.fits(device) }))
    .filter(({ fits }) => fits > 0)
    .sort((a, b) => b.fits - a.fits);
  const named = [device.manufacturer, device.product].filter(Boolean).join(' ');
  const known = knownDevice(device);
  return {
    device,
    probably: known ? (named ? `${known} (${named})` : known) : named || 'unknown',
    drivers: fitting.map(({ id }) => id),
  };
}
