/** Emulated HID devices at the lowest level: in place of `node-hid`. */
import type { DeviceInfo, Emulator } from '../../devices/driver.ts';
import type { HidBackend, HidPort } from '../../devices/transports/hid.ts';

interface Plugged {
  info: DeviceInfo;
  emulator: Emulator;
  lose: ((error: Error) => void) | null;
}

export class FakeHid implements HidBackend {
  readonly #plugged = new Map<string, Plugged>();

  plug(info: DeviceInfo, emulator: Emulator): void {
    this.#plugged.set(info.path, { info, emulator, lose: null });
    emulator.start();
  }

  unplug(path: string): void {
    const plugged = this.#plugged.get(path);
    this.#plugged.delete(path);
    plugged?.emulator.stop();
    plugged?.lose?.(new Error('could not read from HID device'));
  }

  async list(): Promise<DeviceInfo[]> {
    return [...this.#plugged.values()].map((plugged) => plugged.info);
  }

  async open(path: string): Promise<HidPort> {
    const plugged = this.#plugged.get(path);
    if (!plugged) throw new Error(`cannot open device with path ${path}`);
    const { emulator } = plugged;
    return {
      onReport: (listener) => {
        emulator.emit = (report) => {
          const copy = report.slice();
          queueMicrotask(() => listener(copy));
        };
      },
      onLost: (listener) => {
        plugged.lose = listener;
      },
      write: async (report) => emulator.receive(report),
      close: async () => {
        emulator.emit = () => undefined;
        plugged.lose = null;
      },
    };
  }
}
