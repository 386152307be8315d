/** Memory reused from part to part, so that sent parts do not wait for the garbage collector while the next is read. */

/** The size of a usual part. Memory that is never written costs nothing. */
const LEAST_BYTES = 8 * 1024 * 1024;

export class PartMemory {
  readonly #mostBytes: number;
  readonly #free: Buffer[] = [];

  /** @param mostBytes of unused memory to keep */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** At least this many bytes, uninitialised. */
  take(bytes: number): Buffer {
    const kept = this.#free.pop();
    return kept && kept.length >= bytes ? kept : Buffer.allocUnsafe(Math.max(bytes, LEAST_BYTES));
  }

  /** @param memory from `take` that is no longer read or written */
  giveBack(memory: Buffer): void {
    const keptBytes = this.#free.reduce((sum, { length }) => sum + length, 0);
    if (keptBytes + memory.length <= this.#mostBytes) this.#free.push(memory);
  }
}
