/** Memory that goes from part to part: what was sent must not wait for the garbage collector while the next is read. */

/** That of a usual part. What nobody writes to costs nothing. */
const LEAST_BYTES = 8 * 1024 * 1024;

export class PartMemory {
  readonly #mostBytes: number;
  readonly #free: Buffer[] = [];

  /** @param mostBytes of memory that is kept while nobody needs it */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** At least so many bytes, with whatever was in them. */
  take(bytes: number): Buffer {
    const kept = this.#free.pop();
    return kept && kept.length >= bytes ? kept : Buffer.allocUnsafe(Math.max(bytes, LEAST_BYTES));
  }

  /** @param memory that `take` gave and nobody reads or writes any more */
  giveBack(memory: Buffer): void {
    const keptBytes = this.#free.reduce((sum, { length }) => sum + length, 0);
    if (keptBytes + memory.length <= this.#mostBytes) this.#free.push(memory);
  }
}
