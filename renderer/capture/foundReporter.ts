/** Reports the available cameras, microphones and screens when they change and someone is watching. */
import type { FoundDevice } from '../../electron/common/found.ts';
import type { MediaSource } from '../../electron/common/kit.ts';
import type { DeviceRegistry } from './deviceRegistry.ts';

export interface FoundReporterOptions {
  devices: DeviceRegistry;
  screenNames: () => Promise<string[]>;
  /** Screens that the kit names. */
  screenSources: () => MediaSource[];
  tell: (devices: FoundDevice[]) => void;
}

/** The system does not report which source has which device, so this is polled. Cheap, nothing is opened. */
const LOOK_EVERY_MS = 2000;

export class FoundReporter {
  readonly #options: FoundReporterOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #told = '';

  constructor(options: FoundReporterOptions) {
    this.#options = options;
  }

  setWatching(watching: boolean): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (!watching) return;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    void this.#options.devices.refresh().then(() => this.look());
  }

  /** The engine has (re)connected and knows nothing yet. */
  restate(): void {
    this.#told = '';
  }

  async look(): Promise<void> {
    if (this.#timer === undefined) return;
    const { devices, screenNames, tell } = this.#options;
    const screens = (await screenNames().catch(() => [])).map((name, at, all) => this.#screen(name, at, all.length));
    const found = [...devices.listing(), ...screens];
    const text = JSON.stringify(found);
    if (text === this.#told) return;
    this.#told = text;
    tell(found);
  }

  #screen(name: string, at: number, count: number): FoundDevice {
    const named = (source: MediaSource): string => source.match.label ?? source.match.path ?? '';
    const source = this.#options.screenSources().find((one) => named(one) === name || (named(one) === '' && at === 0));
    return {
      kind: 'screen',
      key: name,
      label: name,
      // A single screen is used whatever its name is tomorrow.
      match: count === 1 ? {} : { label: name },
      drivers: [],
      source: source?.id ?? null,
    };
  }
}
