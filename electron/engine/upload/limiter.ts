/** Limits shared by all uploads of a process: concurrent requests, memory, speed. */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { PartMemory } from './partMemory.ts';

export interface LimiterOptions {
  /** Maximum bytes of parts in memory. */
  memoryBytes?: number;
  /** Maximum concurrent requests. */
  slots?: number;
  /** Bytes per second; null: unlimited. */
  bytesPerSecond?: number | null;
}

const MEMORY_BYTES = 32 * 1024 * 1024;
const MOST_LANES = 8;
const FIRST_LANES = 4;
const SLICE_BYTES = 128 * 1024;
const MEASURE_MS = 1000;
/** Another slot is kept only if it raised the rate by this much. */
const WORTH_IT = 1.05;

/** One part's slot and memory. */
export interface Slot {
  /** As long as the part; reused for later parts. */
  readonly memory: Buffer;
  /** An aborted request may still read the memory, so it is not reused; `memory` is a new buffer from here on. */
  spoil(): void;
  leave(): void;
}

export class Limiter {
  readonly #memoryBytes: number;
  readonly #most: number;
  readonly #waiting: { bytes: number; go: () => void }[] = [];
  #slots: number;
  readonly #memory: PartMemory;
  #inLanes = 0;
  #held = 0;
  #perSecond: number | null;
  #credit = 0;
  #creditMs = performance.now();
  #gate: Promise<void> | null = null;
  #measure = { fromMs: performance.now(), bytes: 0, best: 0 };
  #release: (() => void) | null = null;
  /** Called with the number of bytes passed to the network. */
  onBytes: (bytes: number) => void = () => {};

  constructor({ memoryBytes = MEMORY_BYTES, slots = MOST_LANES, bytesPerSecond = null }: LimiterOptions = {}) {
    this.#memoryBytes = memoryBytes;
    this.#memory = new PartMemory(memoryBytes);
    this.#most = slots;
    this.#slots = Math.min(FIRST_LANES, slots);
    this.#perSecond = bytesPerSecond;
  }

  get slots(): number {
    return this.#slots;
  }

  /** Bytes a second; null: no limit. */
  limit(bytesPerSecond: number | null): void {
    this.#perSecond = bytesPerSecond;
  }

  /** Pauses all traffic, including requests in progress, until `let`. */
  hold(): void {
    if (this.#gate) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    this.#release = resolve;
  }

  let(): void {
    this.#gate = null;
    this.#release?.();
    this.#release = null;
  }

  get onHold(): boolean {
    return this.#gate !== null;
  }

  /** Resolves when not paused. */
  async open(): Promise<void> {
    while (this.#gate) await this.#gate;
  }

  /** Waits for a slot and for `bytes` of memory. A part larger than all memory is sent alone. */
  async enter(bytes: number): Promise<Slot> {
    if (this.#waiting.length > 0 || !this.#fits(bytes))
      await new Promise<void>((go) => this.#waiting.push({ bytes, go }));
    else this.#take(bytes);
    return this.#slot(bytes);
  }

  #slot(bytes: number): Slot {
    let memory: Buffer | null = null;
    let left = false;
    const pool = this.#memory;
    return {
      get memory() {
        memory ??= pool.take(bytes);
        return memory.subarray(0, bytes);
      },
      spoil: () => {
        memory = null;
      },
      leave: () => {
        if (left) return;
        left = true;
        if (memory) pool.giveBack(memory);
        this.#inLanes -= 1;
        this.#held -= bytes;
        this.#next();
      },
    };
  }

  /** The network was overloaded: fewer concurrent requests. */
  calm(): void {
    this.#slots = Math.max(1, Math.floor(this.#slots / 2));
    this.#measure = { fromMs: performance.now(), bytes: 0, best: 0 };
  }

  /** The bytes as a stream that respects the limit. `onMove` is called whenever some were sent. */
  stream(data: Buffer, onMove: () => void = () => {}): Readable {
    return Readable.from(this.#slices(data, onMove), { objectMode: false, highWaterMark: SLICE_BYTES });
  }

  async *#slices(data: Buffer, onMove: () => void): AsyncGenerator<Buffer> {
    for (let at = 0; at < data.length; at += SLICE_BYTES) {
      const slice = data.subarray(at, at + SLICE_BYTES);
      await this.take(slice.length, onMove);
      yield slice;
    }
  }

  /** Waits until this many bytes may be sent. */
  async take(bytes: number, onMove: () => void = () => {}): Promise<void> {
    while (this.#gate) {
      // Paused deliberately is not stalled.
      await Promise.race([this.#gate, sleep(1000)]);
      onMove();
    }
    if (this.#perSecond !== null) await this.#pay(bytes, this.#perSecond, onMove);
    onMove();
    this.onBytes(bytes);
    this.#count(bytes);
  }

  async #pay(bytes: number, perSecond: number, onMove: () => void): Promise<void> {
    const nowMs = performance.now();
    // A burst of up to a tenth of a second is allowed.
    this.#credit = Math.min(this.#credit + ((nowMs - this.#creditMs) / 1000) * perSecond, perSecond / 10);
    this.#creditMs = nowMs;
    this.#credit -= bytes;
    let waitMs = this.#credit < 0 ? (-this.#credit / perSecond) * 1000 : 0;
    while (waitMs > 0) {
      await sleep(Math.min(waitMs, 1000));
      waitMs -= 1000;
      onMove();
    }
  }

  /** Every second: did another slot raise the rate? */
  #count(bytes: number): void {
    const measure = this.#measure;
    measure.bytes += bytes;
    const nowMs = performance.now();
    const seconds = (nowMs - measure.fromMs) / 1000;
    if (seconds * 1000 < MEASURE_MS) return;
    const rate = measure.bytes / seconds;
    if (rate > measure.best * WORTH_IT && this.#inLanes >= this.#slots && this.#slots < this.#most) {
      this.#slots += 1;
      this.#next();
    }
    this.#measure = { fromMs: nowMs, bytes: 0, best: Math.max(rate, measure.best * 0.9) };
  }

  #fits(bytes: number): boolean {
    if (this.#inLanes >= this.#slots) return false;
    return this.#held + bytes <= this.#memoryBytes || this.#held === 0;
  }

  #take(bytes: number): void {
    this.#inLanes += 1;
    this.#held += bytes;
  }

  #next(): void {
    for (let first = this.#waiting[0]; first && this.#fits(first.bytes); first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(first.bytes);
      first.go();
    }
  }
}
