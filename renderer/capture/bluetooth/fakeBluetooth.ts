/** A fake `navigator.bluetooth` for tests: straps that advertise, connect, notify, vanish and come back. */
import type { BluetoothBackend, BluetoothDevice, Characteristic, FoundDevice, GattServer, Search } from './backend.ts';

type Listener = () => void;

class FakeCharacteristic implements Characteristic {
  value: DataView | undefined;
  readonly listeners = new Set<Listener>();
  readonly #read: () => Promise<DataView>;
  readonly #subscribe: () => Promise<void>;

  constructor(read: () => Promise<DataView>, subscribe: () => Promise<void>) {
    this.#read = read;
    this.#subscribe = subscribe;
  }

  startNotifications(): Promise<void> {
    return this.#subscribe();
  }
  readValue(): Promise<DataView> {
    return this.#read();
  }
  addEventListener(_: string, listener: Listener): void {
    this.listeners.add(listener);
  }
  removeEventListener(_: string, listener: Listener): void {
    this.listeners.delete(listener);
  }
}

export class FakeStrap implements BluetoothDevice, FoundDevice {
  readonly id: string;
  readonly name: string;
  /** One byte each by characteristic, if the strap has it. */
  readonly values = new Map<number, number>();
  connections = 0;
  /** Errors that the next steps throw, or null. */
  connectError: Error | null = null;
  subscribeError: Error | null = null;
  readonly gatt: GattServer;
  #connected = false;
  #measurement: FakeCharacteristic | null = null;
  readonly #gone = new Set<Listener>();

  constructor(id: string, name: string) {
    this.id = id;
    this.name = name;
    const isConnected = (): boolean => this.#connected;
    this.gatt = {
      get connected() {
        return isConnected();
      },
      connect: async () => {
        if (this.connectError) throw this.connectError;
        this.connections += 1;
        this.#connected = true;
        return this.gatt;
      },
      disconnect: () => this.vanish(),
      getPrimaryService: async () => ({ getCharacteristic: async (uuid) => this.#characteristic(uuid) }),
    };
  }

  addEventListener(_: string, listener: Listener): void {
    this.#gone.add(listener);
  }
  removeEventListener(_: string, listener: Listener): void {
    this.#gone.delete(listener);
  }

  /** Sends one packet; lost if nobody is subscribed. */
  notify(bytes: readonly number[]): void {
    const measurement = this.#measurement;
    if (!this.#connected || !measurement) return;
    measurement.value = new DataView(Uint8Array.from(bytes).buffer);
    for (const listener of [...measurement.listeners]) listener();
  }

  /** Breaks the link. */
  vanish(): void {
    if (!this.#connected) return;
    this.#connected = false;
    for (const listener of [...this.#gone]) listener();
  }

  #characteristic(uuid: number): Characteristic {
    const value = this.values.get(uuid);
    const read = async (): Promise<DataView> => {
      if (value === undefined) throw new DOMException('No such characteristic.', 'NotFoundError');
      return new DataView(Uint8Array.of(value).buffer);
    };
    const subscribe = async (): Promise<void> => {
      if (this.subscribeError) throw this.subscribeError;
    };
    const characteristic = new FakeCharacteristic(read, subscribe);
    if (uuid === 0x2a37) this.#measurement = characteristic;
    return characteristic;
  }
}

export class FakeBluetooth implements BluetoothBackend {
  supported = true;
  adapter = true;
  /** The error a search ends with before it lists anything. */
  searchError: Error | null = null;
  searches = 0;
  #straps: FakeStrap[] = [];
  #found: ((devices: readonly FoundDevice[]) => void) | null = null;

  async available(): Promise<boolean> {
    return this.adapter;
  }

  /** The straps that advertise from now on. */
  show(...straps: FakeStrap[]): void {
    this.#straps = straps;
    this.#found?.(this.#list());
  }

  search(onFound: (devices: readonly FoundDevice[]) => void): Search {
    this.searches += 1;
    let pick: (id: string) => void = () => undefined;
    const device = new Promise<BluetoothDevice>((resolve, reject) => {
      pick = (id) => {
        this.#found = null;
        const strap = this.#straps.find((one) => one.id === id);
        if (strap) resolve(strap);
        else reject(new DOMException('User cancelled the requestDevice() chooser.', 'NotFoundError'));
      };
      if (this.searchError) reject(this.searchError);
    });
    if (!this.searchError) {
      this.#found = onFound;
      queueMicrotask(() => this.#found?.(this.#list()));
    }
    return { device, pick };
  }

  #list(): FoundDevice[] {
    return this.#straps.map(({ id, name }) => ({ id, name }));
  }
}
