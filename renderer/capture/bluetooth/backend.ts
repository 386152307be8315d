/**
 * The subset of Web Bluetooth that is used, as interfaces: the lowest layer, implemented by `navigator.bluetooth` in
 * Chromium and by a fake in tests. Source: Web Bluetooth Community Group draft; TypeScript's DOM types do not include
 * it.
 */

/** A device as the chooser lists it. */
export interface FoundDevice {
  /** Windows and Linux: the Bluetooth address. macOS: a hash that is stable on that machine. */
  id: string;
  /** The advertised name; empty if there is none, or none yet. */
  name: string;
}

export interface Characteristic {
  readonly value?: DataView | null | undefined;
  startNotifications(): Promise<unknown>;
  readValue(): Promise<DataView>;
  addEventListener(type: 'characteristicvaluechanged', listener: () => void): void;
  removeEventListener(type: 'characteristicvaluechanged', listener: () => void): void;
}

export interface GattService {
  getCharacteristic(uuid: number): Promise<Characteristic>;
}

export interface GattServer {
  readonly connected: boolean;
  connect(): Promise<GattServer>;
  disconnect(): void;
  getPrimaryService(uuid: number): Promise<GattService>;
}

export interface BluetoothDevice {
  readonly name?: string | null | undefined;
  readonly gatt?: GattServer | null | undefined;
  addEventListener(type: 'gattserverdisconnected', listener: () => void): void;
  removeEventListener(type: 'gattserverdisconnected', listener: () => void): void;
}

/** A search in progress. */
export interface Search {
  /** The selected device; rejects if none was selected or the search failed. */
  readonly device: Promise<BluetoothDevice>;
  /** Ends the search with this device from the list, or with none: ''. */
  pick(id: string): void;
}

export interface BluetoothBackend {
  /** False: this browser has no Web Bluetooth. */
  readonly supported: boolean;
  /** False: there is no adapter. One that is switched off still counts. */
  available(): Promise<boolean>;
  /** Searches for heart straps; one search at a time. @param onFound called with the whole list each time it changes */
  search(onFound: (devices: readonly FoundDevice[]) => void): Search;
}
