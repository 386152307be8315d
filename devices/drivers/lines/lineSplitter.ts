/** Cuts bytes into lines. A line ends with LF or CRLF; one that is longer than allowed is thrown away as a whole. */
export interface LineSink {
  /** A whole line without its end, `bytes[start..end)`; valid until the call returns. */
  line(bytes: Uint8Array, start: number, end: number, first: boolean): void;
  /** A line that was too long, with its size. */
  tooLong(bytes: number): void;
}

const LF = 10;
const CR = 13;

export class LineSplitter {
  readonly #rest: Uint8Array;
  #length = 0;
  /** Bytes of a line that is too long and not yet at its end. */
  #skipped = 0;
  /** The next line is the first since the link was opened: nobody knows whether its start was heard. */
  #first = true;

  constructor(maxLineBytes: number) {
    this.#rest = new Uint8Array(maxLineBytes);
  }

  push(bytes: Uint8Array, sink: LineSink): void {
    let start = 0;
    for (;;) {
      const at = bytes.indexOf(LF, start);
      if (at < 0) break;
      this.#whole(bytes, start, at, sink);
      start = at + 1;
    }
    const left = bytes.byteLength - start;
    if (left === 0) return;
    if (this.#skipped > 0 || this.#length + left > this.#rest.byteLength) {
      this.#skipped += this.#length + left;
      this.#length = 0;
      return;
    }
    this.#rest.set(start === 0 ? bytes : bytes.subarray(start), this.#length);
    this.#length += left;
  }

  /** The link was opened anew: the next line may have lost its start. */
  reset(): void {
    this.#length = 0;
    this.#skipped = 0;
    this.#first = true;
  }

  #whole(bytes: Uint8Array, start: number, end: number, sink: LineSink): void {
    const size = this.#length + end - start;
    if (this.#skipped > 0 || size > this.#rest.byteLength) {
      const skipped = this.#skipped + size;
      this.#skipped = 0;
      this.#length = 0;
      this.#first = false;
      sink.tooLong(skipped + 1);
      return;
    }
    const first = this.#first;
    this.#first = false;
    if (this.#length === 0) {
      sink.line(bytes, start, bytes[end - 1] === CR && end > start ? end - 1 : end, first);
      return;
    }
    if (end > start) this.#rest.set(bytes.subarray(start, end), this.#length);
    this.#length = 0;
    sink.line(this.#rest, 0, size > 0 && this.#rest[size - 1] === CR ? size - 1 : size, first);
  }
}
