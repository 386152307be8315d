/**
 * Splits bytes into lines ending with LF (a preceding CR is stripped). It stores up to `maxBytes`: if a line grows
 * beyond that, the older half is dropped and reported, so that a good frame at the end of a flood is still read.
 */
export class LineBuffer {
  readonly #buffer: Uint8Array;
  #length = 0;

  constructor(maxBytes: number) {
    this.#buffer = new Uint8Array(maxBytes);
  }

  /**
   * @param onLine the line as Latin-1 text without its end, and the number of bytes on the wire including it
   * @param onOverflow bytes dropped because no line end came
   */
  push(
    bytes: Uint8Array,
    onLine: (line: string, wireBytes: number) => void,
    onOverflow: (discardedBytes: number) => void,
  ): void {
    for (const byte of bytes) {
      if (byte === 0x0a) {
        const wireBytes = this.#length + 1;
        const end = this.#length > 0 && this.#buffer[this.#length - 1] === 0x0d ? this.#length - 1 : this.#length;
        const line = Buffer.from(this.#buffer.buffer, 0, end).toString('latin1');
        this.#length = 0;
        onLine(line, wireBytes);
        continue;
      }
      if (this.#length === this.#buffer.length) {
        const half = this.#buffer.length >> 1;
        this.#buffer.copyWithin(0, half);
        this.#length -= half;
        onOverflow(half);
      }
      this.#buffer[this.#length] = byte;
      this.#length += 1;
    }
  }

  /** Discards the partial line. */
  reset(): void {
    this.#length = 0;
  }
}

/** True for printable text: no control characters except tab, nothing beyond ASCII. */
export const isPrintable = (line: string): boolean => /^[\t\x20-\x7e]*$/.test(line);
