/**
 * Cuts bytes into lines ending with LF (a CR before it is stripped). Its memory is `maxBytes`: when a line grows beyond,
 * the older half is given up and reported, so that a good frame at the end of a flood is still read.
 */
export class LineBuffer {
  readonly #buffer: Uint8Array;
  #length = 0;

  constructor(maxBytes: number) {
    this.#buffer = new Uint8Array(maxBytes);
  }

  /**
   * @param onLine the line as Latin-1 text without its end, and its bytes on the wire with it
   * @param onOverflow bytes given up because no line end came
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

  /** Forgets the line begun. */
  reset(): void {
    this.#length = 0;
  }
}

/** True for text that a person could have printed: no control characters but tab, nothing beyond ASCII. */
export const isPrintable = (line: string): boolean => /^[\t\x20-\x7e]*$/.test(line);
