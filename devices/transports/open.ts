/** Opens the device of a kit's source, whatever its transport. */
import { fieldroomError } from '../../electron/common/errors.ts';
import type { SensorSource } from '../../electron/common/kit.ts';
import type { AnyDriver, DeviceInfo } from '../driver.ts';
import { EMULATOR_SCHEME, type EmulatorStore } from './emulated.ts';
import { type HidBackend, openHid } from './hid.ts';
import { openMqtt } from './mqtt.ts';
import { openTcp, openUdp } from './net.ts';
import { openSerial } from './serial.ts';
import type { WireLink } from './wireLink.ts';

export interface Transports {
  hid: HidBackend;
  emulators: EmulatorStore;
  now: () => number;
  log: (message: string) => void;
}

export interface Target {
  path: string;
  device: DeviceInfo | null;
}

const DEFAULT_PATH: Partial<Record<SensorSource['kind'], string>> = { mqtt: 'mqtt://127.0.0.1:1883' };

/** The address of a source that needs no search, or null if the system's device list is used. */
export function fixedTarget(source: SensorSource): Target | null {
  const { path, ...rest } = source.match;
  const plain = Object.values(rest).every((value) => value === undefined);
  if (path?.startsWith(EMULATOR_SCHEME)) return { path, device: null };
  if (source.kind === 'serial' || source.kind === 'hid')
    return plain && path !== undefined ? { path, device: null } : null;
  const address = path ?? DEFAULT_PATH[source.kind];
  if (address !== undefined) return { path: address, device: null };
  throw fieldroomError('device.bad-address:missing', { kind: source.kind });
}

/**
 * @param settings the kit's settings as parsed by the driver's schema.
 * @throws FieldroomError `device.*`
 */
export async function openLink(
  source: SensorSource,
  driver: AnyDriver,
  settings: unknown,
  target: Target,
  transports: Transports,
): Promise<WireLink> {
  const { path } = target;
  const { now, log } = transports;
  const own = (settings ?? {}) as Record<string, unknown>;
  const text = (key: string): string | undefined =>
    typeof own[key] === 'string' && own[key] !== '' ? (own[key] as string) : undefined;
  if (path.startsWith(EMULATOR_SCHEME)) return transports.emulators.open(path, source.settings, now);
  switch (source.kind) {
    case 'serial': {
      const baudRate = typeof own.baudRate === 'number' ? own.baudRate : (driver.serial?.baudRate ?? 115_200);
      return openSerial({ path, baudRate, lowLatency: driver.serial?.lowLatency ?? true, now, log });
    }
    case 'hid':
      return openHid(transports.hid, path, now);
    case 'mqtt': {
      const username = text('username');
      const password = text('password');
      return openMqtt({
        url: path,
        topics: driver.topics?.(settings) ?? ['#'],
        now,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
      });
    }
    case 'tcp':
      return openTcp(path, now);
    case 'udp':
      return openUdp(path, now);
    case 'ble':
      throw fieldroomError('device.elsewhere');
  }
}
