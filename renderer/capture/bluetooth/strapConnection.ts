/** One connection to one strap: service, notifications, and the strap's description of itself. */
import { HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE } from '../../../electron/common/protocols/heartRateMeasurement.ts';
import type { BluetoothDevice, Characteristic, GattServer } from './backend.ts';
import { BATTERY_SERVICE } from './webBluetooth.ts';

const BATTERY_LEVEL = 0x2a19;
const BODY_LOCATION = 0x2a38;
/** GATT characteristic 0x2A38, by its byte. */
const LOCATIONS = ['other', 'chest', 'wrist', 'finger', 'hand', 'ear lobe', 'foot'];

/** A system's radio may take forever to connect. */
export const CONNECT_TIMEOUT_MS = 15_000;
const FACTS_TIMEOUT_MS = 5_000;

export interface StrapFacts {
  bodyLocation?: string;
  batteryPercent?: number;
}

export interface StrapConnection {
  /** Battery and body location, if the strap has them. Requested after notifications have started: data first. */
  facts(): Promise<StrapFacts>;
  /** Disconnects; no packet arrives afterwards. */
  close(): void;
}

/** @throws Web Bluetooth's errors, or a `TimeoutError` */
export async function connectStrap(
  device: BluetoothDevice,
  onPacket: (packet: DataView) => void,
): Promise<StrapConnection> {
  const { gatt } = device;
  if (!gatt) throw new DOMException('The device has no GATT server.', 'NotSupportedError');
  let measurement: Characteristic | null = null;
  let closed = false;
  const listener = (): void => {
    const value = measurement?.value;
    if (value && !closed) onPacket(value);
  };
  const close = (): void => {
    closed = true;
    measurement?.removeEventListener('characteristicvaluechanged', listener);
    gatt.disconnect();
  };
  const connect = async (): Promise<GattServer> => {
    const server = await gatt.connect();
    const service = await server.getPrimaryService(HEART_RATE_SERVICE);
    measurement = await service.getCharacteristic(HEART_RATE_MEASUREMENT);
    measurement.addEventListener('characteristicvaluechanged', listener);
    await measurement.startNotifications();
    return server;
  };
  try {
    const server = await within(connect(), CONNECT_TIMEOUT_MS);
    return { close, facts: () => within(readFacts(server), FACTS_TIMEOUT_MS) };
  } catch (error) {
    close();
    throw error;
  }
}

async function readFacts(server: GattServer): Promise<StrapFacts> {
  const read = async (service: number, characteristic: number): Promise<number | undefined> => {
    try {
      const found = await (await server.getPrimaryService(service)).getCharacteristic(characteristic);
      const value = await found.readValue();
      return value.byteLength > 0 ? value.getUint8(0) : undefined;
    } catch {
      // Both are optional, and some straps list them without answering.
      return undefined;
    }
  };
  const location = await read(HEART_RATE_SERVICE, BODY_LOCATION);
  const battery = await read(BATTERY_SERVICE, BATTERY_LEVEL);
  return {
    ...(location === undefined ? {} : { bodyLocation: LOCATIONS[location] ?? `reserved value ${location}` }),
    ...(battery === undefined || battery > 100 ? {} : { batteryPercent: battery }),
  };
}

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException(`no answer within ${ms / 1000} s`, 'TimeoutError')), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
