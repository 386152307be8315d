/** Splits or joins a device's output on its way to the host; one byte at a time covers every possible boundary. */
export type Chop = 'whole' | 'bytes' | 'sevens' | 'merged';

const MERGE_MS = 40;
const BACKLOG = 64;

export class Chopper {
  mode: Chop = 'whole';
  readonly #send: (bytes: Uint8Array) => void;
  #waiting: Uint8Array[] = [];
  #busy = false;

  constructor(mode: Chop, send: (bytes: Uint8Array) => void) {
    this.mode = mode;
    this.#send = send;
  }

  /** Resolves when all data has been delivered. */
  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  push(bytes: Uint8Array): void {
    if (this.mode === 'whole') {
      this.#send(bytes);
      return;
    }
    if (this.mode === 'merged') {
      const last = this.#waiting.pop();
      this.#waiting.push(last ? Buffer.concat([last, bytes]) : bytes.slice());
    } else {
      const size = this.mode === 'bytes' ? 1 : 7;
      for (let i = 0; i < bytes.length; i += size) this.#waiting.push(bytes.slice(i, i + size));
    }
    if (!this.#busy) this.#later();
  }

  #later(): void {
    this.#busy = true;
    const next = (): void => {
      const bytes = this.#waiting.shift();
      if (bytes) this.#send(bytes);
      if (this.#waiting.length > 0) this.#later();
      else this.#busy = false;
    };
    if (this.mode === 'merged') setTimeout(next, MERGE_MS);
    // One write per millisecond makes each a separate read. A backlog is sent faster, so that a fast device stays fast.
    else if (this.#waiting.length < BACKLOG) setTimeout(next, 0);
    else setImmediate(next);
  }
}
