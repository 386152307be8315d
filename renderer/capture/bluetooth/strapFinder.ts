/**
 * Finds straps for all Bluetooth sources together. Chromium allows one chooser at a time and returns one device for
 * each, so one search serves whichever source's strap is seen first, and a missing strap does not delay the others.
 * Never gives up.
 */
import type { BluetoothBackend, BluetoothDevice, FoundDevice, Search } from './backend.ts';
import { type BluetoothError, noAdapter, notFound, searchTrouble, unsupported } from './bluetoothErrors.ts';
import { chooseStrap, type StrapChoice, type StrapWish } from './strapChoice.ts';

/** A source that waits for its strap. */
export interface Seeker {
  readonly wish: StrapWish;
  found(device: BluetoothDevice, info: FoundDevice): void;
  told(trouble: BluetoothError, candidates?: Extract<StrapChoice, { kind: 'choosing' }>['candidates']): void;
}

/** A strap not found in this time is reported, and the search restarts. Chromium itself ends a search after a minute. */
export const SEARCH_MS = 20_000;
/** A strap advertises about once a second, so a twin would have been seen within this time. */
export const SETTLE_MS = 3_000;
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];

export class StrapFinder {
  readonly #backend: BluetoothBackend;
  readonly #waiting = new Map<string, Seeker>();
  readonly #wishes = new Map<string, StrapWish>();
  /** Source by device id. */
  readonly #taken = new Map<string, string>();
  /** All devices seen since the window opened: a silent twin is still a twin. */
  readonly #seen = new Map<string, FoundDevice>();
  #running = false;
  #wake: () => void = () => undefined;
  /** Checks the current list again while a search runs. */
  #look: () => void = () => undefined;
  #failures = 0;

  constructor(backend: BluetoothBackend) {
    this.#backend = backend;
  }

  /** All sources must be known before the first search starts. */
  know(wish: StrapWish): void {
    this.#wishes.set(wish.source, wish);
  }

  seek(seeker: Seeker): void {
    this.release(seeker.wish.source);
    this.know(seeker.wish);
    this.#waiting.set(seeker.wish.source, seeker);
    this.#failures = 0;
    this.#look();
    this.#wake();
    if (!this.#running) void this.#run();
  }

  /** Releases its strap for other sources. */
  release(source: string): void {
    for (const [id, by] of this.#taken) if (by === source) this.#taken.delete(id);
  }

  forget(source: string): void {
    this.release(source);
    this.#wishes.delete(source);
    this.#waiting.delete(source);
    this.#look();
  }

  async #run(): Promise<void> {
    this.#running = true;
    // All sources of a kit are known before the first search.
    await Promise.resolve();
    while (this.#waiting.size > 0) {
      const found = await this.#round().catch((error: unknown) => this.#tellAll(searchTrouble(error, true)));
      if (found) this.#failures = 0;
      else if (this.#waiting.size > 0) await this.#pause();
    }
    this.#running = false;
  }

  /** @returns true if a strap was found: the next search starts immediately. */
  async #round(): Promise<boolean> {
    if (!this.#backend.supported) return this.#tellAll(unsupported);
    if (!(await this.#backend.available())) return this.#tellAll(noAdapter);
    let picked: { seeker: Seeker; info: FoundDevice } | null = null;
    let present: readonly FoundDevice[] = [];
    let firstMs: number | null = null;
    let listed = false;
    let over = false;
    const timers: ReturnType<typeof setTimeout>[] = [];
    const look = (): void => {
      if (over) return;
      if (this.#waiting.size === 0) {
        end('');
        return;
      }
      const settled = firstMs !== null && performance.now() - firstMs >= SETTLE_MS;
      for (const seeker of this.#waiting.values()) {
        const choice = this.#choose(seeker);
        if (choice.kind === 'choosing' && settled) tellChoosing(seeker, choice);
        if (choice.kind !== 'device' || !(settled || choice.exact)) continue;
        const info = present.find((device) => device.id === choice.device.id);
        if (!info) continue;
        picked = { seeker, info };
        end(info.id);
        return;
      }
    };
    const search: Search = this.#backend.search((devices) => {
      listed = true;
      present = devices;
      for (const device of devices) this.#seen.set(device.id, device);
      if (devices.length > 0 && firstMs === null) {
        firstMs = performance.now();
        timers.push(setTimeout(look, SETTLE_MS));
      }
      look();
    });
    const end = (id: string): void => {
      over = true;
      search.pick(id);
    };
    this.#look = look;
    timers.push(setTimeout(() => (over ? undefined : end('')), SEARCH_MS));
    try {
      const device = await search.device;
      return this.#give(device, picked);
    } catch (error) {
      if (!over) return this.#tellAll(searchTrouble(error, listed));
      for (const seeker of this.#waiting.values()) this.#tellMissing(seeker);
      return false;
    } finally {
      over = true;
      this.#look = () => undefined;
      for (const timer of timers) clearTimeout(timer);
    }
  }

  #give(device: BluetoothDevice, picked: { seeker: Seeker; info: FoundDevice } | null): boolean {
    // The source may have been removed from the kit while the system was answering.
    if (!picked || this.#waiting.get(picked.seeker.wish.source) !== picked.seeker) return false;
    const { source } = picked.seeker.wish;
    this.#waiting.delete(source);
    this.#taken.set(picked.info.id, source);
    picked.seeker.found(device, picked.info);
    return true;
  }

  #choose(seeker: Seeker): StrapChoice {
    return chooseStrap(seeker.wish, [...this.#seen.values()], this.#taken, [...this.#wishes.values()]);
  }

  #tellMissing(seeker: Seeker): void {
    const choice = this.#choose(seeker);
    if (choice.kind === 'choosing') {
      tellChoosing(seeker, choice);
      return;
    }
    const { label, path, serialNumber } = seeker.wish.match;
    const wanted = label ?? serialNumber ?? path;
    const takenBy = choice.kind === 'none' ? choice.takenBy : null;
    seeker.told(notFound(wanted === undefined ? '' : ` "${wanted}"`, takenBy));
  }

  #tellAll(trouble: BluetoothError): false {
    for (const seeker of this.#waiting.values()) seeker.told(trouble);
    return false;
  }

  #pause(): Promise<void> {
    const ms = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] as number;
    this.#failures += 1;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function tellChoosing(seeker: Seeker, { candidates }: Extract<StrapChoice, { kind: 'choosing' }>): void {
  seeker.told(
    {
      state: 'choosing',
      code: 'device.ambiguous',
      message: `${candidates.length} heart straps match equally well.`,
      nextStep: 'Choose the right one; its address is then saved in the kit.',
    },
    candidates,
  );
}
