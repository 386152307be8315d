/**
 * One publisher at the door: checks what it says, measures its clock, and hands what is recorded to the recorder. A
 * message that is not of the contract closes the connection with one clear error; nothing recorded before it is lost.
 */
import type { RawData, WebSocket } from 'ws';
import type { Role } from '../../common/door.ts';
import { fieldroomError, reportOf } from '../../common/errors.ts';
import type { FoundDevice } from '../../common/found.ts';
import {
  type EngineMessage,
  type GapMessage,
  type PublisherMessage,
  publisherMessageSchema,
  type SourceState,
} from '../../common/ingest.ts';
import type { Stream } from '../../common/stream.ts';
import { PACKET, PACKET_HEADER_BYTES, peek, unpack } from '../../common/wire.ts';
import type { ProbeRow } from '../../session/format/rows.ts';
import type { EngineClock } from '../clock/engineClock.ts';
import { PublisherClock } from '../clock/publisherClock.ts';

/** What the recorder does with a publisher's words. */
export interface IngestHandler {
  attached(connection: IngestConnection): void;
  detached(connection: IngestConnection): void;
  /** @returns where the stream's sequence numbers go on. */
  declared(connection: IngestConnection, stream: Stream): Promise<number>;
  data(connection: IngestConnection, stream: Stream, kind: 'packet' | 'samples', bytes: Uint8Array<ArrayBuffer>): void;
  gap(connection: IngestConnection, stream: Stream, gap: GapMessage): void;
  sourceState(connection: IngestConnection, state: SourceState): void;
  event(connection: IngestConnection, event: Extract<PublisherMessage, { type: 'event' }>): void;
  drained(connection: IngestConnection, session: string): void;
  preview(message: Extract<PublisherMessage, { type: 'previewFrame' | 'level' }>): void;
  previewRows(connection: IngestConnection, stream: string, rows: PreviewRows): void;
  found(connection: IngestConnection, devices: FoundDevice[]): void;
  heard(message: Extract<PublisherMessage, { type: 'heard' }>): void;
  wave(connection: IngestConnection, probes: ProbeRow[]): void;
  stats(stream: Stream, figures: StatsMessage): void;
}

export type StatsMessage = Extract<PublisherMessage, { type: 'stats' }>;

export type PreviewRows = Extract<PublisherMessage, { type: 'previewRows' }>['rows'];

/** Roles that may publish. */
export const PUBLISHING_ROLES: readonly Role[] = ['capture', 'devices'];

export class IngestConnection {
  readonly role: Role;
  readonly #socket: WebSocket;
  readonly #handler: IngestHandler;
  readonly #engineClock: EngineClock;
  readonly #streams = new Map<number, Stream>();
  #publisher = '';
  #heardMs = performance.now();
  #clock: PublisherClock | null = null;

  constructor(socket: WebSocket, role: Role, handler: IngestHandler, clock: EngineClock) {
    this.#socket = socket;
    this.role = role;
    this.#handler = handler;
    this.#engineClock = clock;
    socket.on('message', (data, isBinary) => {
      this.#heardMs = performance.now();
      this.#guard(() => {
        if (!isBinary) this.#text(String(data));
        else for (const message of unpack(toBytes(data))) this.#binary(message);
      });
    });
    socket.on('close', () => {
      this.#clock?.close();
      if (this.#clock) handler.detached(this);
    });
  }

  get publisher(): string {
    return this.#publisher;
  }

  /** @throws when the publisher has not said hello. */
  get clock(): PublisherClock {
    if (!this.#clock) throw fieldroomError('ingest.no-hello');
    return this.#clock;
  }

  /** When the last message came, milliseconds of `performance.now()`. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** Nothing is read from it now. */
  get held(): boolean {
    return this.#socket.isPaused;
  }

  get streams(): Iterable<Stream> {
    return this.#streams.values();
  }

  handleOf(streamId: string): number | undefined {
    for (const [handle, stream] of this.#streams) if (stream.id === streamId) return handle;
    return undefined;
  }

  send(message: EngineMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Stops or goes on reading: a publisher then keeps what it has. */
  hold(held: boolean): void {
    if (held === this.#socket.isPaused) return;
    if (held) this.#socket.pause();
    else this.#socket.resume();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** One clear error, then the connection is closed. */
  refuse(error: unknown): void {
    const { code, message } = reportOf(error);
    this.send({ type: 'error', code, message });
    this.#socket.close(1008, code);
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.refuse(error);
    }
  }

  #binary(bytes: Uint8Array): void {
    const head = peek(bytes);
    const stream = head ? this.#streams.get(head.handle) : undefined;
    if (!head || !stream) throw fieldroomError('ingest.unknown-stream');
    const isPacket = head.kind === PACKET;
    if (isPacket === (stream.kind === 'samples') || bytes.byteLength < (isPacket ? PACKET_HEADER_BYTES : 24)) {
      throw fieldroomError('ingest.malformed:stream', { id: stream.id });
    }
    // The socket's buffer is used again: the recorder gets a copy that can be handed to the store's thread.
    const own = new Uint8Array(bytes.byteLength);
    own.set(bytes);
    this.#handler.data(this, stream, isPacket ? 'packet' : 'samples', own);
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
      case 'gap': {
        const stream = this.#streams.get(message.handle);
        if (stream) this.#handler.gap(this, stream, message);
        break;
      }
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
        this.#handler.preview(message);
        break;
      case 'previewRows':
        this.#handler.previewRows(this, message.stream, message.rows);
        break;
      case 'found':
        this.#handler.found(this, message.devices);
        break;
      case 'heard':
        this.#handler.heard(message);
        break;
      case 'stats': {
        const stream = this.#streams.get(message.handle);
        if (stream) this.#handler.stats(stream, message);
        break;
      }
    }
  }

  #hello(message: Extract<PublisherMessage, { type: 'hello' }>): void {
    if (this.#clock) throw fieldroomError('ingest.hello-twice');
    this.#publisher = message.publisher;
    this.#clock = new PublisherClock({
      clock: this.#engineClock,
      publisher: message.publisher,
      epoch: message.epoch,
      resolutionNs: message.clockResolutionNs,
      send: (probe) => this.send(probe),
      onWave: (probes) => this.#handler.wave(this, probes),
    });
    this.#handler.attached(this);
    this.#clock.start();
  }

  async #declare(handle: number, stream: Stream): Promise<void> {
    try {
      this.#streams.set(handle, stream);
      const nextSeq = await this.#handler.declared(this, stream);
      this.send({ type: 'declared', handle, nextSeq });
    } catch (error) {
      this.refuse(error);
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
