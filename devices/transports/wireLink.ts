/** Shared by all links: bytes that arrive too early, bytes that are too many, and one definite end. */
import { FieldroomError, fieldroomError } from '../../electron/common/errors.ts';
import type { Link } from '../driver.ts';

/** The part that differs between serial ports, HID devices, brokers and sockets. */
export interface Wire {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
  /** Pauses and resumes reading, if the other side can be made to wait; absent: excess data is dropped. */
  pause?(): void;
  resume?(): void;
}

/** Bytes kept for a driver that does not listen yet. */
const EARLY_LIMIT_BYTES = 1024 * 1024;
/** Maximum bytes per second of one link: more than any wired device sends, and far less than would stall the host. */
const BYTES_PER_SECOND = 32 * 1024 * 1024;
const WINDOW_NS = 100_000_000;

type Listener = NonNullable<Link['onData']>;

export class WireLink implements Link {
  readonly path: string;
  readonly closed: Promise<Error | undefined>;
  /** Called with the number of bytes dropped because nobody read them in time. */
  onOverrun: ((bytes: number) => void) | null = null;
  readonly #wire: Wire;
  #listener: Listener | null = null;
  #early: Parameters<Listener>[] = [];
  #earlyBytes = 0;
  #ended = false;
  #settle: (error: Error | undefined) => void = () => undefined;
  #windowStartNs = 0;
  #windowBytes = 0;

  constructor(path: string, wire: Wire) {
    this.path = path;
    this.#wire = wire;
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get onData(): Listener | null {
    return this.#listener;
  }

  set onData(listener: Listener | null) {
    this.#listener = listener;
    if (!listener) return;
    const early = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    for (const read of early) this.#hand(...read);
  }

  /** For the transport: one read. `bytes` must not change until this returns. */
  deliver(bytes: Uint8Array, arrivedNs: number, topic?: string): void {
    if (this.#ended || bytes.byteLength === 0) return;
    if (arrivedNs - this.#windowStartNs > WINDOW_NS) {
      this.#windowStartNs = arrivedNs;
      this.#windowBytes = 0;
    }
    this.#windowBytes += bytes.byteLength;
    if (this.#windowBytes > BYTES_PER_SECOND * (WINDOW_NS / 1e9)) {
      if (!this.#wire.pause) {
        this.onOverrun?.(bytes.byteLength);
        return;
      }
      this.#wire.pause();
      setTimeout(() => this.#wire.resume?.(), WINDOW_NS / 1e6);
    }
    if (this.#listener) this.#hand(bytes, arrivedNs, topic);
    else if (this.#earlyBytes + bytes.byteLength > EARLY_LIMIT_BYTES) this.onOverrun?.(bytes.byteLength);
    else {
      this.#early.push([bytes.slice(), arrivedNs, topic]);
      this.#earlyBytes += bytes.byteLength;
    }
  }

  /** For the transport: the link is gone, for this reason. */
  lose(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#settle(error);
    this.#wire.close().catch(() => undefined);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#ended) throw lost(this.path);
    try {
      await this.#wire.write(bytes);
    } catch (cause) {
      throw cause instanceof FieldroomError ? cause : lost(this.path, cause);
    }
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    try {
      await this.#wire.close();
    } finally {
      this.#settle(undefined);
    }
  }

  /** A driver that throws on its bytes ends its own link and nothing else. */
  #hand(...read: Parameters<Listener>): void {
    try {
      this.#listener?.(...read);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.lose(
        cause instanceof FieldroomError
          ? cause
          : fieldroomError('device.driver-failed', { path: this.path, why }, { cause }),
      );
    }
  }
}

export const lost = (path: string, cause?: unknown): FieldroomError =>
  fieldroomError('device.lost', { path }, { cause });
