import type { Emulator } from '../../driver.ts';

type Entry = Emulator['truth'][number];

/** Samples an emulator sent whole and uncorrupted, in order; the oldest are dropped beyond `keep`. */
export class Truth {
  readonly entries: Entry[] = [];
  readonly #keep: number;

  constructor(keep: number) {
    this.#keep = keep;
  }

  add(stream: string, values: Entry['values'], deviceTime?: number): void {
    this.entries.push({ stream, values, ...(deviceTime === undefined ? {} : { deviceTime }) });
    if (this.entries.length > 2 * this.#keep) this.entries.splice(0, this.entries.length - this.#keep);
  }
}

/** Faults armed for a number of events each, by name. */
export class FaultScript {
  readonly #left = new Map<string, number>();
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** @throws RangeError for a name that this emulator does not know */
  arm(name: string, times: number): void {
    if (!this.#names.includes(name)) throw new RangeError(`unknown fault "${name}"; known: ${this.#names.join(', ')}`);
    this.#left.set(name, times);
  }

  /** True if the fault is due now; counts it down. */
  strikes(name: string): boolean {
    const left = this.#left.get(name) ?? 0;
    if (left > 0) this.#left.set(name, left - 1);
    return left > 0;
  }

  clear(): void {
    this.#left.clear();
  }
}

/** Noise that is the same on every run: bytes 0 to 255 in a scrambled order, without line ends. */
export function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => ((i * 151 + 7) % 256 === 0x0a ? 0x80 : (i * 151 + 7) % 256));
}
