/**
 * The part of Web Bluetooth that is used, as interfaces: the lowest seam, for `navigator.bluetooth` in Chromium and for
 * a stand-in in tests. Source: Web Bluetooth Community Group draft; TypeScript's DOM types have none of it.
 */

/** A device as the chooser lists it. */
export interface FoundDevice {
  /** Windows and Linux: the Bluetooth address. macOS: a hash that is stable on that machine. */
  id: string;
  /** As the device advertises itself; empty where it does not, or not yet. */
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

/** A search under way. */
export interface Search {
  /** The picked device; rejects when none was picked or the search failed. */
  readonly device: Promise<BluetoothDevice>;
  /** Ends the search with this device of the list, or with none: ''. */
  pick(id: string): void;
}

export interface BluetoothBackend {
  /** False: this browser has no Web Bluetooth at all. */
  readonly supported: boolean;
  /** False: there is no adapter. One that is switched off counts as being there. */
  available(): Promise<boolean>;
  /** Looks for heart straps; one search at a time. @param onFound the whole list, each time it changes */
  search(onFound: (devices: readonly FoundDevice[]) => void): Search;
}
