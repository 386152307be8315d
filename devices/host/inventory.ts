/** The connected devices, polled only while someone searches, and never more than once a second. */
import type { DeviceInfo } from '../driver.ts';
import type { HidBackend } from '../transports/hid.ts';
import { listSerial, type SerialListing } from '../transports/serialList.ts';
import { kindOf, twinsOf } from './matching.ts';
import type { Log } from './publisherPort.ts';

const POLL_MS = 1_000;

export interface InventoryOptions {
  hid: HidBackend;
  log: Log;
  listSerial?: () => Promise<SerialListing>;
  pollMs?: number;
}

export class Inventory {
  readonly #options: InventoryOptions;
  readonly #told = new Set<string>();
  /** Device types of which several were plugged in at once. */
  readonly #twins = new Set<string>();
  #lists: Partial<Record<DeviceInfo['kind'], { atMs: number; devices: Promise<DeviceInfo[]> }>> = {};

  constructor(options: InventoryOptions) {
    this.#options = options;
  }

  get pollMs(): number {
    return this.#options.pollMs ?? POLL_MS;
  }

  /** All devices of a kind, at most one poll interval old. Never rejects. */
  list(kind: DeviceInfo['kind']): Promise<DeviceInfo[]> {
    const known = this.#lists[kind];
    const nowMs = performance.now();
    if (known && nowMs - known.atMs < this.pollMs * 0.9) return known.devices;
    const devices = (kind === 'serial' ? this.#serial() : this.#hid()).then((listed) => this.#remember(listed));
    this.#lists[kind] = { atMs: nowMs, devices };
    return devices;
  }

  /**
   * True if more than one of its type was plugged in at once since the host started: then its path alone does not
   * identify it.
   */
  hasTwin(device: DeviceInfo): boolean {
    return this.#twins.has(kindOf(device));
  }

  #remember(devices: DeviceInfo[]): DeviceInfo[] {
    for (const device of devices) if (twinsOf(device, devices).length > 0) this.#twins.add(kindOf(device));
    return devices;
  }

  async #serial(): Promise<DeviceInfo[]> {
    const { devices, note } = await (this.#options.listSerial ?? listSerial)();
    if (note) this.#tellOnce(note);
    return devices;
  }

  async #hid(): Promise<DeviceInfo[]> {
    try {
      return await this.#options.hid.list();
    } catch (error) {
      this.#tellOnce(`HID devices cannot be listed: ${error instanceof Error ? error.message : String(error)}.`);
      return [];
    }
  }

  #tellOnce(note: string): void {
    if (this.#told.has(note)) return;
    this.#told.add(note);
    this.#options.log('warn', note);
  }
}
