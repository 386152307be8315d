/**
 * Splits bytes into lines. A line ends with LF, CR or any mix of both (CRLF, LFCR, CR alone): empty lines are skipped,
 * so it never matters which of them a device prints. A line that exceeds the limit is dropped as a whole.
 */
export interface LineSink {
  /** A whole line without its line end, `bytes[start..end)`, never empty; valid until the call returns. */
  line(bytes: Uint8Array, start: number, end: number, first: boolean): void;
  /** A line that was too long, with its size. */
  tooLong(bytes: number): void;
}

const LF = 10;
const CR = 13;

export class LineSplitter {
  readonly #rest: Uint8Array;
  #length = 0;
  /** Bytes so far of a line that is too long. */
  #skipped = 0;
  /** The next line is the first since the link was opened, so its start may be missing. */
  #first = true;

  constructor(maxLineBytes: number) {
    this.#rest = new Uint8Array(maxLineBytes);
  }

  push(bytes: Uint8Array, sink: LineSink): void {
    const size = bytes.byteLength;
    let start = 0;
    // Each byte is scanned once for each line end: a search starts only after the previous match.
    let lf = at(bytes, LF, 0);
    let cr = at(bytes, CR, 0);
    while (lf < size || cr < size) {
      const end = lf < cr ? lf : cr;
      this.#whole(bytes, start, end, sink);
      start = end + 1;
      if (end === lf) lf = at(bytes, LF, start);
      else cr = at(bytes, CR, start);
    }
    const left = size - start;
    if (left === 0) return;
    if (this.#skipped > 0 || this.#length + left > this.#rest.byteLength) {
      this.#skipped += this.#length + left;
      this.#length = 0;
      return;
    }
    this.#rest.set(start === 0 ? bytes : bytes.subarray(start), this.#length);
    this.#length += left;
  }

  /** The link was reopened: the next line may have lost its start. */
  reset(): void {
    this.#length = 0;
    this.#skipped = 0;
    this.#first = true;
  }

  #whole(bytes: Uint8Array, start: number, end: number, sink: LineSink): void {
    const size = this.#length + end - start;
    const first = this.#first;
    this.#first = false;
    if (this.#skipped > 0 || size > this.#rest.byteLength) {
      const skipped = this.#skipped + size;
      this.#skipped = 0;
      this.#length = 0;
      sink.tooLong(skipped + 1);
    } else if (size === 0) return;
    else if (this.#length === 0) sink.line(bytes, start, end, first);
    else {
      if (end > start) this.#rest.set(bytes.subarray(start, end), this.#length);
      this.#length = 0;
      sink.line(this.#rest, 0, size, first);
    }
  }
}

/** Index of `byte`, or the size of `bytes` if it does not occur. */
function at(bytes: Uint8Array, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from);
  return found < 0 ? bytes.byteLength : found;
}
