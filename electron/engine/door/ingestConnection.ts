/**
 * One publisher's connection: checks its messages, measures its clock, and passes data to the recorder. An error in one
 * stream is reported to its publisher and affects no other stream. Only an unreadable message closes the connection,
 * with one clear error; data recorded before it is kept.
 */
import type { RawData, WebSocket } from 'ws';
import { type ErrorReport, fieldroomError, reportOf } from '../../common/errors.ts';
import type { FoundDevice } from '../../common/found.ts';
import {
  type EngineMessage,
  type GapMessage,
  type PublisherMessage,
  publisherMessageSchema,
  type SourceState,
} from '../../common/ingest.ts';
import type { DriverInfo } from '../../common/settingsForm.ts';
import type { Stream } from '../../common/stream.ts';
import { PACKET, peek, unpack } from '../../common/wire.ts';
import type { ProbeRow } from '../../session/format/rows.ts';
import type { EngineClock } from '../clock/engineClock.ts';
import { PublisherClock } from '../clock/publisherClock.ts';
import { kindOf, type PublisherIdentity } from '../sources/ownership.ts';
import type { PublisherKind } from '../sources/publisherKinds.ts';
import { Budget } from './budget.ts';
import { DeclaredStream } from './declaredStream.ts';

/** How the recorder handles a publisher's messages. */
export interface IngestHandler {
  /** @throws FieldroomError `publisher.name-taken` when another process publishes under this name */
  attached(connection: IngestConnection): void;
  detached(connection: IngestConnection): void;
  /**
   * @returns the stream as it is recorded, and where its sequence numbers continue
   * @throws FieldroomError why this stream is not recorded; other streams are unaffected
   */
  declared(connection: IngestConnection, stream: Stream): Promise<{ stream: Stream; nextSeq: number }>;
  /** A stream is no longer accepted. */
  refused(connection: IngestConnection, stream: Stream, error: ErrorReport): void;
  /** One message of a stream was dropped: its numbers are impossible. */
  leftOut(connection: IngestConnection, stream: Stream, error: ErrorReport): void;
  withdrawn(connection: IngestConnection, stream: Stream): void;
  data(connection: IngestConnection, stream: Stream, kind: 'packet' | 'samples', bytes: Uint8Array<ArrayBuffer>): void;
  gap(connection: IngestConnection, stream: Stream, gap: GapMessage): void;
  sourceState(connection: IngestConnection, state: SourceState): void;
  event(connection: IngestConnection, event: Extract<PublisherMessage, { type: 'event' }>): void;
  drained(connection: IngestConnection, session: string): void;
  preview(connection: IngestConnection, message: Extract<PublisherMessage, { type: 'previewFrame' | 'level' }>): void;
  previewRows(connection: IngestConnection, stream: string, rows: PreviewRows): void;
  found(connection: IngestConnection, devices: FoundDevice[]): void;
  drivers(connection: IngestConnection, drivers: DriverInfo[]): void;
  heard(connection: IngestConnection, message: Extract<PublisherMessage, { type: 'heard' }>): void;
  wave(connection: IngestConnection, probes: ProbeRow[]): void;
  stats(connection: IngestConnection, stream: Stream, figures: StatsMessage): void;
}

export type StatsMessage = Extract<PublisherMessage, { type: 'stats' }>;

export type PreviewRows = Extract<PublisherMessage, { type: 'previewRows' }>['rows'];

/** A publisher that has not answered a ping for this long is gone, however open its connection looks. */
const GONE_MS = 1500;
/** Messages of one stream in a row that are out of bounds, after which it is refused. */
const MAX_OUT_OF_BOUNDS = 20;
/** Data buffered during a disconnection arrives all at once. */
const BURST_S = 30;
/** A text message costs as much work as this many packets. */
const TEXT_COST = 10;
/** A publisher with more unsent messages than this is considered dead. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

export class IngestConnection {
  readonly identity: PublisherIdentity;
  readonly kind: PublisherKind;
  readonly #socket: WebSocket;
  readonly #handler: IngestHandler;
  readonly #engineClock: EngineClock;
  readonly #streams = new Map<number, DeclaredStream>();
  /** All that were ever declared over this connection. */
  readonly #handles = new Set<number>();
  #heardMs = performance.now();
  #pingedMs: number | null = null;
  #clock: PublisherClock | null = null;
  #epoch = '';
  #attached = false;
  readonly #messages: Budget;
  readonly #bytes: Budget;
  /** The disk is behind; it sends more than it may. */
  #onHold = false;
  #slowed = false;

  constructor(socket: WebSocket, identity: PublisherIdentity, handler: IngestHandler, clock: EngineClock) {
    this.#socket = socket;
    this.identity = identity;
    this.kind = kindOf(identity);
    this.#handler = handler;
    this.#engineClock = clock;
    const { messagesPerSecond, bytesPerSecond } = this.kind.quotas;
    this.#messages = new Budget(messagesPerSecond, BURST_S, this.#heardMs);
    this.#bytes = new Budget(bytesPerSecond, BURST_S, this.#heardMs);
    socket.on('message', (data, isBinary) => {
      this.#heard();
      try {
        const bytes = toBytes(data);
        const parts = isBinary ? unpack(bytes) : [];
        this.#spend(isBinary ? parts.length : TEXT_COST, bytes.byteLength);
        if (!isBinary) this.#text(String(data));
        for (const message of parts) this.#binary(message);
      } catch (error) {
        this.refuse(error);
      }
    });
    socket.on('pong', () => this.#heard());
    socket.on('close', () => {
      this.#clock?.close();
      if (this.#attached) handler.detached(this);
    });
  }

  /** The name in its token. */
  get publisher(): string {
    return this.identity.name;
  }

  /** New for each life of its process; empty before `hello`. */
  get epoch(): string {
    return this.#epoch;
  }

  /** @throws if the publisher has not sent `hello`. */
  get clock(): PublisherClock {
    if (!this.#clock) throw fieldroomError('ingest.no-hello');
    return this.#clock;
  }

  /** When the last message came, milliseconds of `performance.now()`. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** Reading is paused. */
  get held(): boolean {
    return this.#socket.isPaused;
  }

  /** Streams that the recorder has not refused, as they are recorded. */
  get streams(): Stream[] {
    return [...this.#streams.values()].filter(({ state }) => state !== 'refused').map(({ stream }) => stream);
  }

  /** The newest publisher time received of each stream over this connection; null: none received. */
  get ends(): { stream: Stream; lastNs: number | null }[] {
    return [...this.#streams.values()]
      .filter(({ state }) => state === 'open')
      .map(({ stream, lastNs }) => ({ stream, lastNs }));
  }

  /** True when it did not answer a ping that was sent some time ago; the first question sends that ping. */
  isGone(nowMs = performance.now()): boolean {
    if (this.held) return false;
    if (this.#pingedMs !== null) return nowMs - this.#pingedMs > GONE_MS;
    this.#pingedMs = nowMs;
    this.#socket.ping();
    return false;
  }

  handleOf(streamId: string): number | undefined {
    for (const { handle, stream, state } of this.#streams.values())
      if (stream.id === streamId && state === 'open') return handle;
    return undefined;
  }

  send(message: EngineMessage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(JSON.stringify(message));
    if (this.#socket.bufferedAmount > MAX_UNREAD_BYTES) this.#socket.terminate();
  }

  /** Pauses or resumes reading; a paused publisher keeps its data. */
  hold(held: boolean): void {
    this.#onHold = held;
    this.#read();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** A newer connection of the same publisher process replaced it. */
  replaced(): void {
    this.#socket.terminate();
  }

  /** One clear error, then the connection is closed. */
  refuse(error: unknown): void {
    const { code, message } = reportOf(error);
    this.send({ type: 'error', code, message });
    this.#socket.close(1008, code);
  }

  /** Stops accepting this stream and sends its publisher the reason. */
  refuseStream(declared: DeclaredStream, error: unknown): void {
    const { code, message, nextStep = '' } = reportOf(error);
    declared.state = 'refused';
    declared.waiting.length = 0;
    this.send({ type: 'refused', handle: declared.handle, code, message, nextStep });
    this.#handler.refused(this, declared.stream, { code, message, nextStep });
  }

  /** Its source no longer belongs to this publisher. */
  drop(owns: (source: string) => boolean): void {
    for (const [handle, { stream }] of this.#streams) if (!owns(stream.source)) this.#streams.delete(handle);
  }

  #read(): void {
    const stop = this.#onHold || this.#slowed;
    if (stop === this.#socket.isPaused) return;
    if (stop) this.#socket.pause();
    else this.#socket.resume();
  }

  /** A publisher that exceeds its kind's quota is read more slowly. */
  #spend(messages: number, bytes: number): void {
    const nowMs = performance.now();
    const waitMs = Math.max(this.#messages.spend(messages, nowMs), this.#bytes.spend(bytes, nowMs));
    if (waitMs === 0 || this.#slowed) return;
    this.#slowed = true;
    this.#read();
    setTimeout(() => {
      this.#slowed = false;
      this.#read();
    }, waitMs).unref();
  }

  #heard(): void {
    this.#heardMs = performance.now();
    this.#pingedMs = null;
  }

  #binary(bytes: Uint8Array): void {
    const head = peek(bytes);
    const declared = head ? this.#streams.get(head.handle) : undefined;
    if (!this.#attached || (head && !declared && !this.#handles.has(head.handle)))
      throw fieldroomError('ingest.unknown-stream');
    if (!head) throw fieldroomError('ingest.malformed', { what: 'it names no stream' });
    // Data in transit when its stream was refused or withdrawn is dropped.
    if (declared?.state !== 'open') return;
    const clock = this.clock;
    try {
      declared.check(bytes, performance.now(), this.#engineClock.now(), (ns) => clock.toEngine(ns));
    } catch (error) {
      declared.outOfBounds += 1;
      // A single out-of-bounds message is dropped, leaving a hole in the sequence. A stream that sends only such
      // messages is refused.
      if (declared.outOfBounds === 1) this.#handler.leftOut(this, declared.stream, reportOf(error));
      else if (declared.outOfBounds >= MAX_OUT_OF_BOUNDS) this.refuseStream(declared, error);
      return;
    }
    // The socket's buffer is used again: the recorder gets a copy that can be handed to the store's thread.
    const own = new Uint8Array(bytes.byteLength);
    own.set(bytes);
    this.#handler.data(this, declared.stream, head.kind === PACKET ? 'packet' : 'samples', own);
  }

  #text(text: string): void {
    const message = parse(text);
    if (message.type === 'hello') this.#hello(message);
    else this.#hear(message, this.clock);
  }

  #hear(message: Exclude<PublisherMessage, { type: 'hello' }>, clock: PublisherClock): void {
    switch (message.type) {
      case 'probeReply':
        clock.reply(message);
        break;
      case 'declare':
        void this.#declare(message.handle, message.stream);
        break;
      case 'withdraw':
        this.#withdraw(message.handle);
        break;
      case 'gap':
        this.#gap(message);
        break;
      case 'sourceState': {
        const { type: _, ...state } = message;
        this.#handler.sourceState(this, state);
        break;
      }
      case 'event':
        this.#handler.event(this, message);
        break;
      case 'drained':
        this.#handler.drained(this, message.session);
        break;
      case 'previewFrame':
      case 'level':
        this.#handler.preview(this, message);
        break;
      case 'previewRows':
        this.#handler.previewRows(this, message.stream, message.rows);
        break;
      case 'found':
        this.#handler.found(this, message.devices);
        break;
      case 'drivers':
        this.#handler.drivers(this, message.drivers);
        break;
      case 'heard':
        this.#handler.heard(this, message);
        break;
      case 'stats': {
        const declared = this.#streams.get(message.handle);
        if (declared?.state === 'open') this.#handler.stats(this, declared.stream, message);
        break;
      }
    }
  }

  #hello(message: Extract<PublisherMessage, { type: 'hello' }>): void {
    if (this.#clock) throw fieldroomError('ingest.hello-twice');
    const { name } = this.identity;
    if (message.publisher !== undefined && message.publisher !== name)
      throw fieldroomError('publisher.wrong-name', { name, other: message.publisher });
    this.#epoch = message.epoch;
    this.#clock = new PublisherClock({
      clock: this.#engineClock,
      publisher: name,
      epoch: message.epoch,
      resolutionNs: message.clockResolutionNs,
      send: (probe) => this.send(probe),
      onWave: (probes) => this.#handler.wave(this, probes),
    });
    this.#handler.attached(this);
    this.#attached = true;
    this.#clock.start();
  }

  async #declare(handle: number, stream: Stream): Promise<void> {
    const declared = new DeclaredStream(handle, stream);
    this.#handles.add(handle);
    declared.lastNs = this.#streams.get(handle)?.lastNs ?? null;
    this.#streams.set(handle, declared);
    try {
      const recorded = await this.#handler.declared(this, stream);
      // Declared again or withdrawn meanwhile: the later answer counts.
      if (this.#streams.get(handle) !== declared) return;
      declared.opened(recorded.stream, recorded.nextSeq, performance.now());
      const { id } = recorded.stream;
      this.send({
        type: 'declared',
        handle,
        nextSeq: recorded.nextSeq,
        ...(id === stream.id ? {} : { stream: id }),
      });
      for (const gap of declared.waiting.splice(0)) this.#handler.gap(this, declared.stream, gap);
    } catch (error) {
      if (this.#streams.get(handle) === declared) this.refuseStream(declared, error);
    }
  }

  #withdraw(handle: number): void {
    const declared = this.#streams.get(handle);
    this.#streams.delete(handle);
    if (declared) this.#handler.withdrawn(this, declared.stream);
  }

  #gap(message: GapMessage): void {
    const declared = this.#streams.get(message.handle);
    if (!declared || declared.state === 'refused') return;
    try {
      const gap = declared.checkGap(message, this.#engineClock.now(), (ns) => this.clock.toEngine(ns));
      if (declared.state === 'open') this.#handler.gap(this, declared.stream, gap);
      else declared.wait(gap);
    } catch (error) {
      this.#handler.leftOut(this, declared.stream, reportOf(error));
    }
  }
}

function parse(text: string): PublisherMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw fieldroomError('ingest.malformed:json', {}, { cause });
  }
  const parsed = publisherMessageSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw fieldroomError('ingest.malformed:contract', {
    detail: issue?.path.join('.') || 'message',
    message: issue?.message,
  });
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
