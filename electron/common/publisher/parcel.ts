/**
 * Combines everything sent within some milliseconds into one message. Six cameras and six microphones make 480 packets
 * a second, and each message passes the page, Chromium's browser and network processes and the engine.
 */
import { encodeParcel, MAX_PARTS } from '../wire.ts';

/** Short compared with other delays: the store writes twice per second. */
const WAIT_MS = 20;
const FULL_BYTES = 256 * 1024;

export class Parcel {
  readonly #send: (bytes: Uint8Array<ArrayBuffer>) => void;
  #messages: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#send = send;
  }

  add(message: Uint8Array<ArrayBuffer>): void {
    // A packet that fills a parcel is sent alone; the order is kept.
    if (this.#bytes + message.byteLength > FULL_BYTES || this.#messages.length >= MAX_PARTS) this.flush();
    this.#messages.push(message);
    this.#bytes += message.byteLength;
    this.#timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  flush(): void {
    const messages = this.#messages;
    this.clear();
    const [first] = messages;
    if (first) this.#send(messages.length === 1 ? first : encodeParcel(messages));
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#messages = [];
    this.#bytes = 0;
  }
}
