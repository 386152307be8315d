/**
 * The level of a microphone over the whole session. Decoding a one-hour lesson takes long, so seconds are decoded in an
 * order that covers the whole evenly from the start; the visible part comes first.
 */
import type { PacketTimeline } from './packetTimeline.ts';
import { runsOf, type SoundDecoder } from './soundDecoder.ts';
import type { View } from './view.ts';

/** Duration of one bucket of a waveform. */
export const BUCKET_NS = 20e6;
const PIECE_NS = 1e9;

/** 0, 1/2, 1/4, 3/4, 1/8 ...: every number below `count` once, covering the whole evenly at each moment. */
export function evenOrder(count: number): number[] {
  const bits = Math.max(1, Math.ceil(Math.log2(Math.max(1, count))));
  const order: number[] = [];
  for (let i = 0; i < 2 ** bits; i += 1) {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit += 1) if (i & (1 << bit)) reversed |= 1 << (bits - 1 - bit);
    if (reversed < count) order.push(reversed);
  }
  return order;
}

export class Peaks {
  /** Maximum level per bucket of 20 ms: 0 unknown, otherwise 1 + 254 × level. */
  buckets = new Uint8Array(0);
  readonly #book: PacketTimeline;
  readonly #decoder: SoundDecoder;
  readonly #onChange: () => void;
  readonly #done = new Set<number>();
  #pieces = 0;
  #view: View | null = null;
  #closed = false;
  #running = false;
  /** Paused while playing, because pictures and sound are decoded then. */
  held = false;

  constructor(book: PacketTimeline, decoder: SoundDecoder, onChange: () => void) {
    this.#book = book;
    this.#decoder = decoder;
    this.#onChange = onChange;
  }

  /** The current session length and the visible part. */
  look(durationNs: number, view: View): void {
    const length = Math.ceil(durationNs / BUCKET_NS) + 1;
    if (length > this.buckets.length) {
      const grown = new Uint8Array(Math.ceil(length * 1.2));
      grown.set(this.buckets);
      this.buckets = grown;
      // The last second was not complete.
      this.#done.delete(this.#pieces - 1);
    }
    this.#pieces = Math.ceil(durationNs / PIECE_NS);
    this.#view = view;
    if (!this.#running) void this.#run();
  }

  close(): void {
    this.#closed = true;
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let piece = this.#next(); piece >= 0 && !this.#closed; piece = this.#next()) {
      this.#done.add(piece);
      await this.#take(piece).catch(() => undefined);
      this.#onChange();
      do await idle(this.held ? 250 : 0);
      while (this.held && !this.#closed);
    }
    this.#running = false;
  }

  #next(): number {
    const view = this.#view;
    if (view) {
      const from = Math.max(0, Math.floor(view.fromNs / PIECE_NS));
      const to = Math.min(this.#pieces - 1, Math.floor(view.toNs / PIECE_NS));
      const found = evenOrder(to - from + 1).find((i) => !this.#done.has(from + i));
      if (found !== undefined) return from + found;
    }
    return evenOrder(this.#pieces).find((i) => !this.#done.has(i)) ?? -1;
  }

  async #take(piece: number): Promise<void> {
    const packets = await this.#book.between(piece * PIECE_NS, (piece + 1) * PIECE_NS);
    for (const run of runsOf(packets))
      for (const { startNs, rateHz, samples } of await this.#decoder.decode(run)) {
        const perBucket = (rateHz * BUCKET_NS) / 1e9;
        for (let from = 0; from < samples.length; from += perBucket) {
          let peak = 0;
          const to = Math.min(samples.length, from + perBucket);
          for (let i = Math.floor(from); i < to; i += 1) peak = Math.max(peak, Math.abs(samples[i] as number));
          const bucket = Math.round((startNs + (from / rateHz) * 1e9) / BUCKET_NS);
          const level = 1 + Math.round(Math.min(1, peak) * 254);
          if (bucket >= 0 && bucket < this.buckets.length)
            this.buckets[bucket] = Math.max(this.buckets[bucket] as number, level);
        }
      }
  }
}

const idle = (ms: number): Promise<void> =>
  new Promise((done) => {
    if (ms > 0) window.setTimeout(done, ms);
    else requestIdleCallback(() => done(), { timeout: 50 });
  });
