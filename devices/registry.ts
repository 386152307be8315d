/**
 * Every driver, by its name in a kit, with the emulator of its device.
 * A new driver adds one import and one entry.
 */
import { fieldroomError } from '../electron/common/errors.ts';
import type { AnyDriver, EmulatorFactory } from './driver.ts';
import { antHeartRateDriver } from './drivers/ant-heart-rate/driver.ts';
import { antHeartRateEmulator } from './drivers/ant-heart-rate/emulator.ts';
import { bleHeartRateDriver } from './drivers/ble-heart-rate/driver.ts';
import { bleHeartRateEmulator } from './drivers/ble-heart-rate/emulator.ts';
import { goDirectDriver } from './drivers/go-direct/driver.ts';
import { goDirectEmulator } from './drivers/go-direct/emulator.ts';
import { hidMarkerDriver } from './drivers/hid-marker/driver.ts';
import { hidMarkerEmulator } from './drivers/hid-marker/emulator.ts';
import { linesDriver } from './drivers/lines/driver.ts';
import { linesEmulator } from './drivers/lines/emulator.ts';
import { nmeaDriver } from './drivers/nmea/driver.ts';
import { nmeaEmulator } from './drivers/nmea/emulator.ts';
import { pozyxDriver } from './drivers/pozyx/driver.ts';
import { pozyxEmulator } from './drivers/pozyx/emulator.ts';
import { pozyxLinesDriver } from './drivers/pozyx-lines/driver.ts';
import { pozyxLinesEmulator } from './drivers/pozyx-lines/emulator.ts';
import { pozyxMqttDriver } from './drivers/pozyx-mqtt/driver.ts';
import { pozyxMqttEmulator } from './drivers/pozyx-mqtt/emulator.ts';
import { pulseLinesDriver } from './drivers/pulse-lines/driver.ts';
import { pulseLinesEmulator } from './drivers/pulse-lines/emulator.ts';

export interface Registered {
  driver: AnyDriver;
  /** The other end of the wire, for `emulator:NAME` (NAME is the driver's id), `fieldroom emulate` and the conformance suite. */
  emulator: EmulatorFactory;
}

export const registered: readonly Registered[] = [
  { driver: linesDriver, emulator: linesEmulator },
  { driver: pozyxDriver, emulator: pozyxEmulator },
  { driver: pozyxLinesDriver, emulator: pozyxLinesEmulator },
  { driver: pozyxMqttDriver, emulator: pozyxMqttEmulator },
  { driver: antHeartRateDriver, emulator: antHeartRateEmulator },
  { driver: bleHeartRateDriver, emulator: bleHeartRateEmulator },
  { driver: goDirectDriver, emulator: goDirectEmulator },
  { driver: hidMarkerDriver, emulator: hidMarkerEmulator },
  { driver: nmeaDriver, emulator: nmeaEmulator },
  { driver: pulseLinesDriver, emulator: pulseLinesEmulator },
];

const byId = new Map(registered.map((entry) => [entry.driver.id, entry]));

export const drivers: readonly AnyDriver[] = registered.map((entry) => entry.driver);

/** @throws FieldroomError `device.unknown-driver`; `place` is the path of the name in the kit. */
export function findRegistered(id: string, place: string): Registered {
  const found = byId.get(id);
  if (found) return found;
  throw fieldroomError('device.unknown-driver', { place, id, detail: [...byId.keys()].sort().join(', ') });
}
