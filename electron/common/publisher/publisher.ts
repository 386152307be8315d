/**
 * The publisher's side of `ingest.ts`: used by the capture window, the device host and every later client alike.
 *
 *   source ─▶ PublishedStream.packet() / samples() ─▶ outbox (bounded) ─▶ WebSocket ─▶ engine
 *                                                        ▲ forget ─── ack: safe on disk
 *
 * Nothing leaves while no session records. A broken connection is opened again with back-off; what was not acknowledged
 * is sent again, in order.
 */
import { crc32 } from '../crc32.ts';
import {
  type EngineMessage,
  engineMessageSchema,
  type GapMessage,
  INGEST_PROTOCOL,
  type IngestSession,
  type PublisherMessage,
  type SourceState,
} from '../ingest.ts';
import type { Stream } from '../stream.ts';
import { type Column, encodePacket, encodeSamples } from '../wire.ts';
import { Outbox, type OutboxItem } from './outbox.ts';
import { Parcel } from './parcel.ts';

/** The part of a WebSocket that is used, so that Node, Electron and browsers all fit. */
export interface Socket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

export interface PublisherOptions {
  /** Opens a socket to `/v1/ingest`; called again for each try. */
  connect: () => Socket;
  publisher: string;
  /** New for each life of this process. */
  epoch: string;
  /** The monotonic clock that stamps, whole nanoseconds; the same that answers probes. */
  now: () => number;
  clockResolutionNs: number;
  /** Unacknowledged bytes kept at most; default 256 MiB. */
  bufferLimitBytes?: number;
  /** Every engine message after the publisher itself has dealt with it. */
  onMessage?: (message: EngineMessage) => void;
  /** The session is about to change: what is still gathered of the moment before is handed in now. */
  onSessionChanging?: () => void;
  /** The session begins, pauses, goes on, ends (null), or the paused sources change. */
  onSession?: (session: IngestSession | null) => void;
  onConnection?: (connected: boolean) => void;
}

const DEFAULT_LIMIT = 256 * 1024 * 1024;
const MAX_WAITING = 10_000;
/** Gaps that are told again after a break: the newest of the last seconds. */
const MAX_TOLD = 500;
const TELL_AGAIN_NS = 30e9;
/** Short: a recorder that is back after a crash should not wait for its publishers. */
const RETRY_MS = [50, 100, 200, 400];

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #streams = new Map<number, PublishedStream>();
  #socket: Socket | null = null;
  #connected = false;
  #closed = false;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #session: IngestSession | null = null;
  /** Gaps and events of a time without connection: they must not be lost with it. */
  readonly #waiting: PublisherMessage[] = [];
  readonly #parcel = new Parcel((bytes) => this.#socket?.send(bytes));

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  get session(): IngestSession | null {
    return this.#session;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Unacknowledged bytes over all streams. */
  get bufferedBytes(): number {
    let sum = 0;
    for (const stream of this.#streams.values()) sum += stream.outbox.bytes;
    return sum;
  }

  /** Connects, and goes on connecting until `close`. */
  open(): void {
    const socket = this.#options.connect();
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#onOpen();
    socket.onmessage = (event) => this.#onMessage(event.data);
    socket.onerror = () => undefined;
    socket.onclose = () => this.#onClose(socket);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#parcel.flush();
    this.#socket?.close(1000, 'closed');
  }

  /** Announces a stream; data may be given at once, it waits until the engine has answered. Declaring an id again replaces its declaration (a new configuration). */
  declare(declaration: Stream): PublishedStream {
    let stream = [...this.#streams.values()].find((candidate) => candidate.declaration.id === declaration.id);
    if (stream) stream.declaration = declaration;
    else {
      const handle = this.#streams.size;
      stream = new PublishedStream(handle, declaration, this);
      this.#streams.set(handle, stream);
    }
    if (this.#connected) stream.announce();
    return stream;
  }

  report(state: SourceState): void {
    this.send({ type: 'sourceState', ...state });
  }

  event(level: 'info' | 'warn' | 'error', code: string, message: string): void {
    this.sendSurely({ type: 'event', level, code, message: message.slice(0, 2000), atNs: this.#options.now() });
  }

  /** This process stood still: what came meanwhile is late or lost in every stream that was to be recorded. */
  stoodStill({ fromNs, toNs }: { fromNs: number; toNs: number }, detail: string): void {
    this.event('error', 'publisher.frozen', detail);
    for (const stream of this.#streams.values()) if (stream.live) stream.gap(fromNs, toNs, 'frozen', null, detail);
  }

  /** True when what this source delivers now must be sent. */
  mayPublish(source: string): boolean {
    return this.#session?.state === 'recording' && !this.#session.pausedSources.includes(source);
  }

  /** Sends a text message, or drops it when there is no connection (state is sent anew after a break). */
  send(message: PublisherMessage): void {
    if (!this.#connected) return;
    // Words keep their place among the data; only the clock's probes, which name no data, go ahead.
    if (message.type !== 'probeReply') this.#parcel.flush();
    this.#socket?.send(JSON.stringify(message));
  }

  /** Sends a text message now or, in a break, as soon as there is a connection again. */
  sendSurely(message: PublisherMessage): void {
    if (this.#connected) this.send(message);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(message);
  }

  /** This process's clock. @internal */
  now(): number {
    return this.#options.now();
  }

  /** @internal */
  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#connected) this.#parcel.add(bytes);
  }

  /** Drops the oldest of the largest outbox until the limit holds; every loss becomes a gap. @internal */
  enforceLimit(): void {
    const limit = this.#options.bufferLimitBytes ?? DEFAULT_LIMIT;
    let total = this.bufferedBytes;
    while (total > limit) {
      const largest = [...this.#streams.values()].reduce((a, b) => (b.outbox.bytes > a.outbox.bytes ? b : a));
      const item = largest.outbox.shift();
      if (!item) return;
      total -= item.bytes.byteLength;
      largest.lost(item, 'buffer-full');
    }
  }

  /** Why a source sends nothing now; null: it may. */
  #pauseCause(source: string): string | null {
    const session = this.#session;
    if (session?.state === 'paused') return 'paused';
    if (session?.state !== 'recording' || !session.pausedSources.includes(source)) return null;
    return session.pauseCauses?.[source] ?? 'paused';
  }

  #onOpen(): void {
    this.#connected = true;
    const { publisher, epoch, clockResolutionNs } = this.#options;
    this.send({ type: 'hello', protocol: INGEST_PROTOCOL, publisher, epoch, clockResolutionNs });
    for (const stream of this.#streams.values()) stream.announce();
    for (const message of this.#waiting.splice(0)) this.send(message);
    this.#options.onConnection?.(true);
  }

  #onClose(socket: Socket): void {
    if (socket !== this.#socket) return;
    const was = this.#connected;
    this.#connected = false;
    this.#parcel.clear();
    for (const stream of this.#streams.values()) stream.disconnected();
    if (was) this.#options.onConnection?.(false);
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.open(), RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)] as number);
    this.#tries += 1;
  }

  #onMessage(data: unknown): void {
    if (typeof data !== 'string') return;
    const arrivedNs = this.#options.now();
    const parsed = engineMessageSchema.safeParse(JSON.parse(data));
    if (!parsed.success) return;
    const message = parsed.data;
    switch (message.type) {
      case 'probe':
        this.send({
          type: 'probeReply',
          wave: message.wave,
          n: message.n,
          t0: message.t0,
          t1: arrivedNs,
          t2: this.#options.now(),
        });
        return;
      case 'ack':
        for (const [handle, seq] of message.acks) this.#streams.get(handle)?.outbox.acknowledge(seq);
        break;
      case 'declared':
        this.#streams.get(message.handle)?.declared(message.nextSeq);
        break;
      case 'welcome':
        this.#tries = 0;
        this.#setSession(message.session);
        break;
      case 'session':
        this.#setSession(message.session);
        break;
    }
    this.#options.onMessage?.(message);
  }

  #setSession(session: IngestSession | null): void {
    if (this.#session?.state === 'recording') this.#options.onSessionChanging?.();
    const another = session?.id !== this.#session?.id;
    this.#session = session;
    for (const stream of this.#streams.values())
      stream.pauseChanged(this.#pauseCause(stream.declaration.source), another, this.#options.now());
    if (another) for (const stream of this.#streams.values()) stream.newSession();
    this.#options.onSession?.(session);
    // Everything before this message is on its way: when the engine reads it, it has all of this publisher.
    if (session?.state === 'sealing') this.send({ type: 'drained', session: session.id });
  }
}

/** One stream of a publisher. Sequence numbers are given here, from what the engine said in `declared`. */
export class PublishedStream {
  readonly handle: number;
  declaration: Stream;
  readonly outbox = new Outbox();
  readonly #publisher: Publisher;
  #nextSeq = 0;
  #ready = false;
  #fresh = true;
  #paused: { sinceNs: number; cause: string } | null = null;
  readonly #told: { atNs: number; message: GapMessage }[] = [];
  /** Packets or samples handed in since the process began, and those lost here. */
  produced = 0;
  dropped = 0;

  constructor(handle: number, declaration: Stream, publisher: Publisher) {
    this.handle = handle;
    this.declaration = declaration;
    this.#publisher = publisher;
  }

  /** True when what is handed in now is recorded. */
  get live(): boolean {
    return this.#publisher.mayPublish(this.declaration.source);
  }

  /**
   * Hands in one encoded packet; false when no session wants it. `data` is copied.
   * `crc32` of the data where a worker made it already: the thread that answers the clock's probes stays free.
   */
  packet(packet: {
    publisherNs: number;
    deviceNs: number;
    durationNs: number;
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

  /** Hands in samples (1 to 65,536); false when no session wants them. */
  samples(publisherNs: Float64Array, deviceTime: Float64Array | null, columns: readonly Column[]): boolean {
    if (!this.live) return false;
    const count = publisherNs.length;
    const firstSeq = this.#take(count);
    const bytes = encodeSamples({ handle: this.handle, firstSeq, publisherNs, deviceTime, columns });
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
    if (this.#publisher.connected) this.#told.push({ atNs: this.#publisher.now(), message });
    if (this.#told.length > MAX_TOLD) this.#told.shift();
    this.#publisher.sendSurely(message);
  }

  /** @internal */
  announce(): void {
    this.#ready = false;
    this.#publisher.send({ type: 'declare', handle: this.handle, stream: this.declaration });
  }

  /** @internal */
  declared(nextSeq: number): void {
    // A stream that another life of this process began goes on behind what is safe; what waited here gets its numbers now.
    if (this.#fresh) this.#renumber(nextSeq);
    else this.#tellAgain();
    this.#fresh = false;
    this.#ready = true;
    // What the engine has seen but not yet acknowledged stays in the outbox and is not sent twice.
    for (const item of this.outbox) if (item.lastSeq >= nextSeq) this.#publisher.sendBytes(item.bytes);
  }

  /** @internal */
  disconnected(): void {
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
    const sinceNs = this.#publisher.now() - TELL_AGAIN_NS;
    for (const { atNs, message } of this.#told) if (atNs >= sinceNs) this.#publisher.send(message);
  }

  #take(count: number): number {
    const seq = this.#nextSeq;
    this.#nextSeq += count;
    this.produced += count;
    return seq;
  }

  #keep(item: OutboxItem): void {
    this.outbox.push(item);
    if (this.#ready) this.#publisher.sendBytes(item.bytes);
    this.#publisher.enforceLimit();
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
