/**
 * Chromium's Web Bluetooth. A search needs a user gesture and a chooser; both are provided by the owner of the page's
 * window (Electron's main process, which asks nobody: the kit is the choice).
 */
import { HEART_RATE_SERVICE } from '../../../electron/common/protocols/heartRateMeasurement.ts';
import type { BluetoothBackend, BluetoothDevice, FoundDevice } from './backend.ts';

export const BATTERY_SERVICE = 0x180f;

/** The window's owner: `window.fieldroom` in the appliance. */
export interface Chooser {
  /** Gives the page the user gesture that `requestDevice` requires; it lasts several seconds. */
  searchBluetooth(): Promise<unknown>;
  /** Answers the chooser; '' ends it without a device. */
  pickBluetooth(deviceId: string): Promise<unknown>;
  onBluetoothFound(callback: (devices: FoundDevice[]) => void): () => void;
}

interface WebBluetooth {
  getAvailability(): Promise<boolean>;
  requestDevice(options: { filters: { services: number[] }[]; optionalServices: number[] }): Promise<BluetoothDevice>;
}

export function webBluetooth(chooser: Chooser): BluetoothBackend {
  const bluetooth = (navigator as { bluetooth?: WebBluetooth }).bluetooth;
  return {
    supported: bluetooth !== undefined,
    available: async () => (await bluetooth?.getAvailability()) === true,
    search(onFound) {
      const forget = chooser.onBluetoothFound(onFound);
      const ask = async (): Promise<BluetoothDevice> => {
        if (!bluetooth) throw new DOMException('There is no Web Bluetooth here.', 'NotSupportedError');
        await chooser.searchBluetooth();
        return bluetooth.requestDevice({
          filters: [{ services: [HEART_RATE_SERVICE] }],
          optionalServices: [BATTERY_SERVICE],
        });
      };
      return { device: ask().finally(forget), pick: (id) => void chooser.pickBluetooth(id).catch(() => undefined) };
    },
  };
}
