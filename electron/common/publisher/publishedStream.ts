/** One stream of a publisher: numbers what is handed in, and keeps it until it is safe on disk. */
import { crc32 } from '../crc32.ts';
import type { GapMessage, PublisherMessage } from '../ingest.ts';
import type { Stream } from '../stream.ts';
import { type Column, encodePacket, encodeSamples, LIVE_ONLY, type TimeBounds } from '../wire.ts';
import { Outbox, type OutboxItem } from './outbox.ts';

/** Gaps that are told again after a break: the newest of the last seconds. */
const MAX_TOLD = 500;
const TELL_AGAIN_NS = 30e9;
const ASK_AGAIN_MS = 2000;

/** What a stream needs of the publisher that it belongs to. */
export interface StreamOutlet {
  readonly connected: boolean;
  /** True when what this source delivers now must be sent. */
  mayPublish(source: string): boolean;
  send(message: PublisherMessage): void;
  sendSurely(message: PublisherMessage): void;
  sendBytes(bytes: Uint8Array<ArrayBuffer>): void;
  /** Drops the oldest of the largest outbox until the limit holds; every loss becomes a gap. */
  enforceLimit(): void;
  /** This process's clock, nanoseconds. */
  now(): number;
}

/** Sequence numbers are given here, from what the engine said in `declared`. */
export class PublishedStream {
  readonly handle: number;
  declaration: Stream;
  readonly outbox = new Outbox();
  readonly #outlet: StreamOutlet;
  #nextSeq = 0;
  #shown = 0;
  #ready = false;
  #fresh = true;
  #paused: { sinceNs: number; cause: string } | null = null;
  readonly #told: { atNs: number; message: GapMessage }[] = [];
  /** It ended: what waits is still sent, and nothing new is taken. */
  retired = false;
  #refused = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Packets or samples handed in since the process began, and those lost here. */
  produced = 0;
  dropped = 0;

  constructor(handle: number, declaration: Stream, outlet: StreamOutlet) {
    this.handle = handle;
    this.declaration = declaration;
    this.#outlet = outlet;
  }

  /** True while what was handed in may not be sent yet. */
  get waits(): boolean {
    return !this.#ready && this.outbox.bytes > 0;
  }

  /** The engine does not take it. */
  get isRefused(): boolean {
    return this.#refused;
  }

  /** True when what is handed in now is recorded. */
  get live(): boolean {
    return !this.retired && !this.#refused && this.#outlet.mayPublish(this.declaration.source);
  }

  /**
   * Hands in one encoded packet; false when no session wants it. `data` is copied.
   * `crc32` of the data where a worker made it already: the thread that answers the clock's probes stays free.
   */
  packet(packet: {
    publisherNs: number;
    deviceNs: number;
    durationNs: number;
    bounds?: TimeBounds;
    key: boolean;
    data: Uint8Array;
    crc32?: number;
  }): boolean {
    if (!this.live) return false;
    const seq = this.#take(1);
    const bytes = encodePacket({ ...packet, handle: this.handle, seq, crc32: packet.crc32 ?? crc32(packet.data) });
    this.#keep({ firstSeq: seq, lastSeq: seq, firstNs: packet.publisherNs, lastNs: packet.publisherNs, bytes });
    return true;
  }

  /** Shows one packet live outside of a session: sent once, numbered apart from what is recorded, and not kept. */
  showLive(packet: {
    publisherNs: number;
    deviceNs: number;
    durationNs: number;
    key: boolean;
    data: Uint8Array;
    crc32: number;
  }): void {
    if (!this.#ready || this.live) return;
    const bytes = encodePacket({ ...packet, handle: this.handle, seq: this.#shown++ });
    bytes[1] = (bytes[1] as number) | LIVE_ONLY;
    this.#outlet.sendBytes(bytes);
  }

  /** Hands in samples (1 to 65,536); false when no session wants them. @param earlyUs null: nothing is claimed of their arrival */
  samples(
    publisherNs: Float64Array,
    deviceTime: Float64Array | null,
    columns: readonly Column[],
    earlyUs: Uint32Array | null = null,
  ): boolean {
    if (!this.live) return false;
    const count = publisherNs.length;
    const firstSeq = this.#take(count);
    const bytes = encodeSamples({ handle: this.handle, firstSeq, publisherNs, deviceTime, earlyUs, columns });
    this.#keep({
      firstSeq,
      lastSeq: firstSeq + count - 1,
      firstNs: publisherNs[0] as number,
      lastNs: publisherNs[count - 1] as number,
      bytes,
    });
    return true;
  }

  /** Records that something is missing. `toNs` null: it lasts; call again with the same `fromNs` to end it. */
  gap(fromNs: number, toNs: number | null, cause: string, lost: number | null, detail = ''): void {
    const message: GapMessage = {
      type: 'gap',
      handle: this.handle,
      fromNs: Math.round(fromNs),
      toNs: toNs === null ? null : Math.round(toNs),
      cause,
      lost,
      detail,
    };
    // Without a connection it waits, and is heard for the first time after the break.
    if (this.#outlet.connected) this.#told.push({ atNs: this.#outlet.now(), message });
    if (this.#told.length > MAX_TOLD) this.#told.shift();
    this.#outlet.sendSurely(message);
  }

  /** @internal */
  announce(): void {
    this.#ready = false;
    this.#refused = false;
    clearTimeout(this.#retry);
    this.#outlet.send({ type: 'declare', handle: this.handle, stream: this.declaration });
  }

  /** @internal */
  declared(nextSeq: number): void {
    // A stream that another life of this process began goes on behind what is safe; what waited here gets its numbers now.
    if (this.#fresh) this.#renumber(nextSeq);
    else this.#tellAgain();
    this.#fresh = false;
    this.#ready = true;
    // What the engine has seen but not yet acknowledged stays in the outbox and is not sent twice.
    for (const item of this.outbox) if (item.lastSeq >= nextSeq) this.#outlet.sendBytes(item.bytes);
  }

  /** The engine does not take this stream, so nothing is kept for it. What only its disk refuses waits, and is asked again. @internal */
  refused(code: string): void {
    this.#ready = false;
    if (code.startsWith('store.')) {
      this.#retry = setTimeout(() => this.announce(), ASK_AGAIN_MS);
      return;
    }
    this.#refused = true;
    this.dropped += this.outbox.length;
    this.outbox.clear();
  }

  /** @internal */
  retire(): void {
    this.retired = true;
    clearTimeout(this.#retry);
  }

  /** @internal */
  disconnected(): void {
    clearTimeout(this.#retry);
    this.#ready = false;
  }

  /** @internal */
  newSession(): void {
    this.outbox.clear();
    this.#told.length = 0;
    this.#nextSeq = 0;
    this.#fresh = true;
    // The session asks for the declaration by `session`; it is sent again so that `nextSeq` is of that session.
    this.announce();
  }

  /** A pause is a gap with its cause, open while it lasts. @internal */
  pauseChanged(cause: string | null, another: boolean, nowNs: number): void {
    if (another) this.#paused = null;
    if (this.#paused && this.#paused.cause !== cause) {
      this.gap(this.#paused.sinceNs, nowNs, this.#paused.cause, null);
      this.#paused = null;
    }
    if (cause === null || this.#paused) return;
    this.#paused = { sinceNs: nowNs, cause };
    this.gap(nowNs, null, cause, null);
  }

  /** @internal */
  lost(item: OutboxItem, cause: string): void {
    const count = item.lastSeq - item.firstSeq + 1;
    this.dropped += count;
    this.gap(item.firstNs, item.lastNs, cause, count);
  }

  /** An engine that died may not have written what it was told last; told twice, a gap is still one. */
  #tellAgain(): void {
    const sinceNs = this.#outlet.now() - TELL_AGAIN_NS;
    for (const { atNs, message } of this.#told) if (atNs >= sinceNs) this.#outlet.send(message);
  }

  #take(count: number): number {
    const seq = this.#nextSeq;
    this.#nextSeq += count;
    this.produced += count;
    return seq;
  }

  #keep(item: OutboxItem): void {
    this.outbox.push(item);
    if (this.#ready) this.#outlet.sendBytes(item.bytes);
    this.#outlet.enforceLimit();
  }

  /** What was handed in before the engine told where the stream goes on was counted from 0; with nothing waiting this only sets the next number. */
  #renumber(nextSeq: number): void {
    const items = [...this.outbox];
    this.outbox.clear();
    for (const item of items) {
      const view = new DataView(item.bytes.buffer, item.bytes.byteOffset);
      item.firstSeq += nextSeq;
      item.lastSeq += nextSeq;
      view.setFloat64(8, item.firstSeq, true);
      this.outbox.push(item);
    }
    this.#nextSeq += nextSeq;
  }
}
