/** The engine's side of the store: posts commands to the worker thread, resolves requests, and emits its events. */
import { Worker } from 'node:worker_threads';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { Declared, StoreCommand, StoreEvent, StoreRequest } from './storeApi.ts';

type EventOf<T extends StoreEvent['type']> = Extract<StoreEvent, { type: T }>;

/** All optional; called on the engine's thread. */
export interface StoreListeners {
  onAck?: (event: EventOf<'ack'>) => void;
  /** `queuedBytes` includes what the worker has not yet handled. */
  onPressure?: (event: EventOf<'pressure'>) => void;
  onRefused?: (event: EventOf<'refused'>) => void;
  onTrouble?: (event: EventOf<'trouble'>) => void;
  onRecovered?: (event: EventOf<'recovered'>) => void;
  /** The worker ended unexpectedly; nothing more can be stored through this client. */
  onDead?: (error: FieldroomError) => void;
}

type Answer<T extends StoreRequest> = T extends { type: 'declare' } ? Declared : undefined;
/** A request without its number, which the client assigns. */
export type Unnumbered<T> = T extends unknown ? Omit<T, 'request'> : never;

export class StoreClient {
  readonly #worker: Worker;
  readonly #listeners: StoreListeners;
  readonly #pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: FieldroomError) => void }>();
  #nextRequest = 1;
  #postedBytes = 0;
  #safeBytes = 0;
  /** Since when data has been pending without anything becoming safe. */
  #waitsSinceMs: number | null = null;
  #dead: FieldroomError | null = null;
  #ended = false;

  constructor(listeners: StoreListeners = {}) {
    this.#listeners = listeners;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./storeWorker.entry.${extension}`, import.meta.url), {
      // Received data lives until the next commit; by default V8 would grow its young generation to 64 MB for that.
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    });
    this.#worker.on('message', (event: StoreEvent) => this.#receive(event));
    this.#worker.on('error', (error: Error) => this.#die(error));
    this.#worker.on('exit', (code) => this.#die(new Error(`exit code ${code}`)));
  }

  get alive(): boolean {
    return this.#dead === null && !this.#ended;
  }

  /** Bytes posted that are not known to be safe yet: when it grows, the door should stop reading from publishers. */
  get unsafeBytes(): number {
    return Math.max(0, this.#postedBytes - this.#safeBytes);
  }

  /** Milliseconds for which data has been pending without anything becoming safe. */
  get stalledMs(): number {
    return this.#waitsSinceMs === null ? 0 : performance.now() - this.#waitsSinceMs;
  }

  /**
   * Posts a command that needs no answer. The bytes of packets and samples are transferred: the caller must not use
   * them afterwards. @throws FieldroomError `store.dead`
   */
  post(command: Exclude<StoreCommand, StoreRequest>): void {
    this.#check();
    if (command.type !== 'packet' && command.type !== 'samples') {
      this.#worker.postMessage(command);
      return;
    }
    const { bytes } = command;
    // A view of a larger buffer (a Buffer of Node's pool) is copied: transferring would detach the rest too.
    const own =
      bytes.byteLength === bytes.buffer.byteLength && bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes);
    this.#postedBytes += own.byteLength;
    this.#waitsSinceMs ??= performance.now();
    this.#worker.postMessage({ ...command, bytes: own }, [own.buffer]);
  }

  /** Posts a command and waits for its answer. @throws FieldroomError the store's error, or `store.dead` */
  request<T extends Unnumbered<StoreRequest>>(command: T): Promise<Answer<Extract<StoreRequest, { type: T['type'] }>>> {
    this.#check();
    const request = this.#nextRequest;
    this.#nextRequest += 1;
    return new Promise((resolve, reject) => {
      this.#pending.set(request, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker.postMessage({ ...command, request });
    });
  }

  /** Flushes, closes the session and ends the thread, even if closing fails. */
  async close(): Promise<void> {
    try {
      await this.request({ type: 'close' });
    } finally {
      this.#ended = true;
      await this.#worker.terminate();
    }
  }

  /** Ends the thread immediately: for tests and for a worker that hangs. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(event: StoreEvent): void {
    switch (event.type) {
      case 'done':
      case 'failed': {
        const pending = this.#pending.get(event.request);
        this.#pending.delete(event.request);
        if (event.type === 'done') pending?.resolve(event.value);
        else pending?.reject(FieldroomError.from(event.error));
        return;
      }
      case 'ack':
        this.#listeners.onAck?.(event);
        return;
      case 'pressure':
        if (event.handledBytes - event.queuedBytes > this.#safeBytes) this.#waitsSinceMs = performance.now();
        this.#safeBytes = event.handledBytes - event.queuedBytes;
        if (this.unsafeBytes === 0) this.#waitsSinceMs = null;
        this.#listeners.onPressure?.({ ...event, queuedBytes: this.unsafeBytes });
        return;
      case 'refused':
        this.#listeners.onRefused?.(event);
        return;
      case 'trouble':
        this.#listeners.onTrouble?.(event);
        return;
      case 'recovered':
        this.#listeners.onRecovered?.(event);
    }
  }

  #check(): void {
    if (this.#dead) throw this.#dead;
    if (this.#ended) throw fieldroomError('store.closed');
  }

  #die(cause: Error): void {
    if (this.#dead || this.#ended) return;
    this.#dead = fieldroomError('store.dead', { message: cause.message }, { cause });
    for (const { reject } of this.#pending.values()) reject(this.#dead);
    this.#pending.clear();
    this.#listeners.onDead?.(this.#dead);
  }
}
