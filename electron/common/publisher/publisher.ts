/**
 * The publisher's side of `ingest.ts`: used by the capture window, the device host and all other clients.
 *
 *   source ─▶ PublishedStream.packet() / samples() ─▶ outbox (bounded) ─▶ WebSocket ─▶ engine
 *                                                        ▲ release ── ack: safe on disk
 *
 * Nothing is sent while no session records. A broken connection is reopened with back-off; unacknowledged data is sent
 * again, in order.
 */
import {
  type EngineMessage,
  engineMessageSchema,
  INGEST_PROTOCOL,
  type IngestSession,
  type PublisherMessage,
  type SourceState,
} from '../ingest.ts';
import type { Stream } from '../stream.ts';
import { Parcel } from './parcel.ts';
import { PublishedStream, type StreamOutlet } from './publishedStream.ts';

/** The required part of a WebSocket, compatible with Node, Electron and browsers. */
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
  /** Opens a socket to `/v1/ingest`; called again for each attempt. */
  connect: () => Socket;
  /** New for each run of this process. */
  epoch: string;
  /** The monotonic clock for timestamps and probes, whole nanoseconds. */
  now: () => number;
  clockResolutionNs: number;
  /** Maximum unacknowledged bytes; default 256 MiB. */
  bufferLimitBytes?: number;
  /** Every engine message, after the publisher has handled it. */
  onMessage?: (message: EngineMessage) => void;
  /** The session is about to change: submit data collected before now. */
  onSessionChanging?: () => void;
  /** The session begins, pauses, resumes, ends (null), or the paused sources change. */
  onSession?: (session: IngestSession | null) => void;
  onConnection?: (connected: boolean) => void;
}

const DEFAULT_LIMIT = 256 * 1024 * 1024;
const MAX_WAITING = 10_000;
/** Short: a recorder that is back after a crash should not wait for its publishers. */
const RETRY_MS = [50, 100, 200, 400];

export class Publisher implements StreamOutlet {
  readonly #options: PublisherOptions;
  readonly #streams = new Map<number, PublishedStream>();
  #socket: Socket | null = null;
  #connected = false;
  #closed = false;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #session: IngestSession | null = null;
  #nextHandle = 0;
  /** Gaps and events from while disconnected, which must not be lost. */
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

  /** Connects, and keeps reconnecting until `close`. */
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

  /**
   * Declares a stream; data may be submitted immediately and waits for the engine's answer. Declaring an id again
   * replaces its declaration (a new configuration). With different columns it is another stream: pending data of the
   * previous one is still sent as declared.
   */
  declare(declaration: Stream): PublishedStream {
    const same = [...this.#streams.values()].filter((other) => other.declaration.id === declaration.id);
    let stream = same.find((other) => shapeOf(other.declaration) === shapeOf(declaration));
    for (const other of same) if (other !== stream) other.retire();
    if (stream) stream.declaration = declaration;
    else {
      stream = new PublishedStream(this.#nextHandle, declaration, this);
      this.#nextHandle += 1;
      this.#streams.set(stream.handle, stream);
    }
    stream.retired = false;
    this.#dropRetired();
    if (this.#connected) stream.announce();
    return stream;
  }

  /**
   * Its source was removed from the kit: later sessions do not include its streams. Data that is not yet safe is still
   * sent.
   */
  withdraw(source: string): void {
    for (const stream of this.#streams.values()) if (stream.declaration.source === source) stream.retire();
    this.#dropRetired();
  }

  report(state: SourceState): void {
    this.send({ type: 'sourceState', ...state });
  }

  event(level: 'info' | 'warn' | 'error', code: string, message: string): void {
    this.sendSurely({ type: 'event', level, code, message: message.slice(0, 2000), atNs: this.#options.now() });
  }

  /** This process was frozen: data from that time is late or lost in every recorded stream. */
  stoodStill({ fromNs, toNs }: { fromNs: number; toNs: number }, detail: string): void {
    this.event('error', 'publisher.frozen', detail);
    for (const stream of this.#streams.values()) if (stream.live) stream.gap(fromNs, toNs, 'frozen', null, detail);
  }

  /** True if this source's data must be sent now. */
  mayPublish(source: string): boolean {
    return this.#session?.state === 'recording' && !this.#session.pausedSources.includes(source);
  }

  /** Sends a text message, or drops it when there is no connection (state is sent again after reconnecting). */
  send(message: PublisherMessage): void {
    if (!this.#connected) return;
    // Text messages keep their order relative to the data; only clock probes, which do not refer to data, are sent
    // first.
    if (message.type !== 'probeReply') this.#parcel.flush();
    this.#socket?.send(JSON.stringify(message));
  }

  /** Sends a text message now or, while disconnected, after reconnecting. */
  sendSurely(message: PublisherMessage): void {
    if (this.#connected) this.send(message);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(message);
  }

  /** @internal */
  now(): number {
    return this.#options.now();
  }

  /** @internal */
  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#connected) this.#parcel.add(bytes);
  }

  /** @internal */
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

  /** Why a source may not send; null: it may. */
  #pauseCause(source: string): string | null {
    const session = this.#session;
    if (session?.state === 'paused') return 'paused';
    if (session?.state !== 'recording' || !session.pausedSources.includes(source)) return null;
    return session.pauseCauses?.[source] ?? 'paused';
  }

  #onOpen(): void {
    this.#connected = true;
    const { epoch, clockResolutionNs } = this.#options;
    this.send({ type: 'hello', protocol: INGEST_PROTOCOL, epoch, clockResolutionNs });
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
        this.#dropRetired();
        break;
      case 'declared':
        this.#streams.get(message.handle)?.declared(message.nextSeq);
        this.#drained();
        break;
      case 'refused':
        this.#streams.get(message.handle)?.refused(message.code);
        this.#drained();
        break;
      case 'sources':
        for (const stream of this.#streams.values()) if (stream.isRefused) stream.announce();
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

  /**
   * Everything before this message has been sent: when the engine reads it, it has all of this publisher's data. Data
   * that still waits for the answer to its declaration after reconnecting has not been sent yet.
   */
  #drained(): void {
    if (this.#session?.state !== 'sealing') return;
    for (const stream of this.#streams.values()) if (stream.waits) return;
    this.send({ type: 'drained', session: this.#session.id });
  }

  /** Streams that ended and have no pending data. */
  #dropRetired(): void {
    for (const [handle, stream] of this.#streams) {
      if (!stream.retired || stream.outbox.length > 0) continue;
      this.#streams.delete(handle);
      this.send({ type: 'withdraw', handle });
    }
  }

  #setSession(session: IngestSession | null): void {
    if (this.#session?.state === 'recording') this.#options.onSessionChanging?.();
    const another = session?.id !== this.#session?.id;
    this.#session = session;
    for (const stream of this.#streams.values())
      stream.pauseChanged(this.#pauseCause(stream.declaration.source), another, this.#options.now());
    if (another) {
      for (const stream of this.#streams.values()) if (stream.retired) stream.outbox.clear();
      this.#dropRetired();
      for (const stream of this.#streams.values()) stream.newSession();
    }
    this.#options.onSession?.(session);
    this.#drained();
  }
}

/** The properties that identify a stream's table or track. */
const shapeOf = (stream: Stream): string =>
  stream.kind === 'samples'
    ? JSON.stringify([stream.channels.map(({ name, type }) => [name, type]), stream.deviceClock !== undefined])
    : stream.kind;
