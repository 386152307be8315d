/** The system's current cameras and microphones, and which source uses which. */
import type { FoundDevice } from '../../electron/common/found.ts';
import { isTrial } from '../../electron/common/kit.ts';
import { type Choice, candidate, chooseDevice, type Device, isRealDevice, type Wish } from './deviceMatch.ts';

export type DeviceKind = 'camera' | 'microphone';
const INPUT = { camera: 'videoinput', microphone: 'audioinput' } as const;
/** Plugging in a hub reports each of its devices; they are handled together. */
const SETTLE_MS = 300;

export class DeviceRegistry {
  /** Source by deviceId. */
  readonly #taken = { camera: new Map<string, string>(), microphone: new Map<string, string>() };
  readonly #devices: Record<DeviceKind, Device[]> = { camera: [], microphone: [] };
  readonly #wishes = new Map<string, { kind: DeviceKind; wish: Wish }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onChange called when the list changed. */
  watch(onChange: () => void): void {
    navigator.mediaDevices.addEventListener('devicechange', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.refresh().then(onChange), SETTLE_MS);
    });
  }

  /** Reads the list again. Labels are hidden until a device of that kind has been opened once. */
  async refresh(): Promise<void> {
    let list = await navigator.mediaDevices.enumerateDevices();
    const hidden = (kind: DeviceKind): boolean => list.some((info) => info.kind === INPUT[kind] && info.label === '');
    for (const kind of ['camera', 'microphone'] as const) {
      if (!hidden(kind) || ![...this.#wishes.values()].some((entry) => entry.kind === kind)) continue;
      const stream = await navigator.mediaDevices
        .getUserMedia(kind === 'camera' ? { video: true } : { audio: true })
        .catch(() => null);
      for (const track of stream?.getTracks() ?? []) track.stop();
      list = await navigator.mediaDevices.enumerateDevices();
    }
    for (const kind of ['camera', 'microphone'] as const) {
      this.#devices[kind] = list
        .filter((info) => info.kind === INPUT[kind])
        .map(({ deviceId, label }) => ({ deviceId, label }));
      const real = this.#devices[kind].filter(isRealDevice);
      if (real.length > 0) this.#devices[kind] = real;
    }
  }

  /**
   * All cameras and microphones, for setting up a kit. Twins are distinguished by their order: a person checks the
   * pictures.
   */
  listing(): FoundDevice[] {
    return (['camera', 'microphone'] as const).flatMap((kind) =>
      this.#devices[kind].map((device, at): FoundDevice => {
        const twins = this.#devices[kind].filter((other) => other.label === device.label);
        const named = candidate(device, this.#devices[kind]);
        const nameless = device.label === '';
        return {
          kind,
          key: device.deviceId || `#${at + 1}`,
          label: nameless ? `#${at + 1}` : named.label,
          match: nameless ? { path: `#${at + 1}` } : twins.length > 1 ? named.match : { label: device.label },
          drivers: [],
          source: this.#takenFor(null, kind).get(device.deviceId) ?? null,
        };
      }),
    );
  }

  /** Registers a source's match, so that others leave that device alone. */
  want(kind: DeviceKind, wish: Wish): void {
    this.#wishes.set(wish.source, { kind, wish });
  }

  /** Chooses and reserves the device in one step. */
  take(source: string): Choice {
    const entry = this.#wishes.get(source);
    if (!entry) return { kind: 'none', takenBy: null };
    const { kind, wish } = entry;
    const all = [...this.#wishes.values()]
      .filter((other) => other.kind === kind && !isTrial(other.wish.source))
      .map((other) => other.wish);
    const choice = chooseDevice(wish, this.#devices[kind], this.#takenFor(source, kind), all);
    if (choice.kind === 'device') this.#taken[kind].set(choice.device.deviceId, source);
    return choice;
  }

  /** A previewed device is available to a source of the kit: the browser can open it twice. */
  #takenFor(source: string | null, kind: DeviceKind): ReadonlyMap<string, string> {
    if (source !== null && isTrial(source)) return this.#taken[kind];
    return new Map([...this.#taken[kind]].filter(([, by]) => !isTrial(by)));
  }

  release(source: string): void {
    for (const taken of Object.values(this.#taken)) for (const [id, by] of taken) if (by === source) taken.delete(id);
  }

  forget(source: string): void {
    this.release(source);
    this.#wishes.delete(source);
  }
}
