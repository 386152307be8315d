/** One stream of a publisher: numbers its data, and keeps it until it is safe on disk. */
import { crc32 } from '../crc32.ts';
import type { GapMessage, PublisherMessage } from '../ingest.ts';
import type { Stream } from '../stream.ts';
import { type Column, encodePacket, encodeSamples, LIVE_ONLY, type TimeBounds } from '../wire.ts';
import { Outbox, type OutboxItem } from './outbox.ts';

/** Number of recent gaps that are sent again after a disconnection. */
const MAX_TOLD = 500;
const TELL_AGAIN_NS = 30e9;
const ASK_AGAIN_MS = 2000;

/** The parts of its publisher that a stream uses. */
export interface StreamOutlet {
  readonly connected: boolean;
  /** True if this source's data must be sent now. */
  mayPublish(source: string): boolean;
  send(message: PublisherMessage): void;
  sendSurely(message: PublisherMessage): void;
  sendBytes(bytes: Uint8Array<ArrayBuffer>): void;
  /** Drops the oldest of the largest outbox until the limit holds; every loss becomes a gap. */
  enforceLimit(): void;
  /** This process's clock, nanoseconds. */
  now(): number;
}

/** Sequence numbers are assigned here, starting from the engine's `declared`. */
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
  /** It ended: pending data is still sent, and no new data is accepted. */
  retired = false;
  #refused = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Packets or samples submitted since the process began, and those lost here. */
  produced = 0;
  dropped = 0;

  constructor(handle: number, declaration: Stream, outlet: StreamOutlet) {
    this.handle = handle;
    this.declaration = declaration;
    this.#outlet = outlet;
  }

  /** True while submitted data may not be sent yet. */
  get waits(): boolean {
    return !this.#ready && this.outbox.bytes > 0;
  }

  /** The engine refused it. */
  get isRefused(): boolean {
    return this.#refused;
  }

  /** True if data submitted now is recorded. */
  get live(): boolean {
    return !this.retired && !this.#refused && this.#outlet.mayPublish(this.declaration.source);
  }

  /**
   * Submits one encoded packet; false if it is not being recorded. `data` is copied. `crc32` of the data if a worker
   * has computed it, which keeps the thread that answers clock probes free.
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

  /** Shows one packet live outside a session: sent once, numbered separately from recorded data, and not kept. */
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

  /**
   * Submits samples (1 to 65,536); false if they are not being recorded. @param earlyUs null: no arrival bounds stated
   */
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

  /** Records that data is missing. `toNs` null: the gap is still open; call again with the same `fromNs` to end it. */
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
    // Without a connection it waits, and is sent for the first time after reconnecting.
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
    // A stream that an earlier process began continues after its safe data; pending data gets its numbers now.
    if (this.#fresh) this.#renumber(nextSeq);
    else this.#tellAgain();
    this.#fresh = false;
    this.#ready = true;
    // Data that the engine has received but not acknowledged stays in the outbox and is not sent twice.
    for (const item of this.outbox) if (item.lastSeq >= nextSeq) this.#outlet.sendBytes(item.bytes);
  }

  /**
   * The engine refused this stream, so its data is dropped. If only the disk failed, data is kept and the stream is
   * declared again. @internal
   */
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
    // The session asks for the declaration by `session`; it is sent again so that `nextSeq` belongs to that session.
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

  /** A crashed engine may not have written the last gaps; a gap that is sent twice still counts once. */
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

  /**
   * Data submitted before the engine's answer was numbered from 0; without pending data this only sets the next number.
   */
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
