/** Reports connected devices for setting up a kit: polls every two seconds while someone is watching and nothing records. */
import type { FoundDevice } from '../../electron/common/found.ts';
import type { DeviceListing, ListedDevice } from '../list.ts';
import { matchOf } from './matching.ts';
import type { Log } from './publisherPort.ts';

const LOOK_EVERY_MS = 2_000;

export interface FinderOptions {
  list: () => Promise<DeviceListing>;
  /** The source that has a path open. */
  sourceAt: (path: string) => string | null;
  tell: (devices: FoundDevice[]) => void;
  log: Log;
  everyMs?: number;
}

export class Finder {
  readonly #options: FinderOptions;
  #timer: NodeJS.Timeout | null = null;
  #told = '';

  constructor(options: FinderOptions) {
    this.#options = options;
  }

  setLooking(looking: boolean): void {
    if (!looking && this.#timer) clearInterval(this.#timer);
    if (!looking) this.#timer = null;
    if (!looking || this.#timer) return;
    this.#timer = setInterval(() => void this.#look(), this.#options.everyMs ?? LOOK_EVERY_MS);
    void this.#look();
  }

  /** The engine has (re)connected and knows nothing yet. */
  restate(): void {
    this.#told = '';
  }

  async #look(): Promise<void> {
    const { list, sourceAt, tell, log } = this.#options;
    const { devices, troubles } = await list();
    // Stopped during the poll.
    if (!this.#timer) return;
    const found = devices.filter(isOfUse).map((one) => foundOf(one, devices, sourceAt(one.device.path)));
    const text = JSON.stringify([found, troubles]);
    if (text === this.#told) return;
    this.#told = text;
    for (const { message } of troubles) log('warn', message);
    tell(found);
  }
}

/** Keyboards and mice are HID devices too, so only devices known to a driver are shown. Any serial port may have a sensor. */
const isOfUse = ({ device, drivers }: ListedDevice): boolean => device.kind === 'serial' || drivers.length > 0;

function foundOf(
  { device, probably, drivers }: ListedDevice,
  all: readonly ListedDevice[],
  source: string | null,
): FoundDevice {
  const among = all.map((other) => other.device).filter((other) => other.kind === device.kind);
  const serial = device.serialNumber === undefined ? '' : `, ${device.serialNumber}`;
  return {
    kind: device.kind,
    key: device.path,
    label: `${probably === 'unknown' ? device.path : probably}${serial}`.slice(0, 300),
    match: matchOf(device, among),
    drivers,
    source,
  };
}
