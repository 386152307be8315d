/**
 * Takes what the publishers at the door say and hands it on: what is captured to the session that is being recorded, states
 * to the board, samples also to those who watch them live.
 */
import type { ErrorReport } from '../../common/errors.ts';
import type { FoundDevice } from '../../common/found.ts';
import type { GapMessage, PublisherMessage, SourceState } from '../../common/ingest.ts';
import { isTrial, type Source } from '../../common/kit.ts';
import type { SampleStream, Stream } from '../../common/stream.ts';
import type { ProbeRow } from '../../session/format/rows.ts';
import type { EngineClock } from '../clock/engineClock.ts';
import type { IngestConnection, IngestHandler, PreviewRows, StatsMessage } from '../door/ingestConnection.ts';
import type { Listening } from '../sources/listening.ts';
import type { SourceRegistry } from '../sources/sourceRegistry.ts';
import type { Trials } from '../sources/trials.ts';
import type { ActiveSession } from './activeSession.ts';
import { LiveFeed } from './liveFeed.ts';
import type { Publishers } from './publishers.ts';

/** A disk this far behind stops the reading from publishers, which then keep their data, until half of it is safe. */
export const HOLD_BYTES = 128 * 1024 * 1024;

export interface IngestRouterContext {
  clock: EngineClock;
  board: SourceRegistry;
  publishers: Publishers;
  /** What is looked at and not recorded. */
  trials: Trials;
  listening: Listening;
  session: () => ActiveSession | null;
  /** Tells a publisher that has just come what is going on. */
  welcome: (connection: IngestConnection) => void;
  /** The kit's sources that are its to record. */
  sourcesOf: (connection: IngestConnection) => readonly Source[];
  /** Something of substance changed: people should be told. */
  onChange: () => void;
  onPreview: (message: Extract<PublisherMessage, { type: 'previewFrame' | 'level' }>) => void;
  onSamples: (stream: string, rows: (number | string | null)[][]) => void;
  log: (level: 'info' | 'warn' | 'error', code: string, message: string) => void;
}

export class IngestRouter implements IngestHandler {
  readonly #context: IngestRouterContext;
  readonly #feed: LiveFeed;
  #previews = false;

  constructor(context: IngestRouterContext) {
    this.#context = context;
    this.#feed = new LiveFeed(context.onSamples);
  }

  /** Whether anybody looks at the pictures and at the samples. */
  setWatching(previews: boolean, samples: boolean): void {
    this.#feed.setWatched(samples);
    if (previews === this.#previews) return;
    this.#previews = previews;
    this.#context.publishers.send({ type: 'preview', watching: previews });
  }

  attached(connection: IngestConnection): void {
    this.#context.publishers.add(connection);
    this.#context.welcome(connection);
    if (this.#previews) connection.send({ type: 'preview', watching: true });
    if (connection.role === 'capture')
      for (const stream of this.#context.publishers.streamsBeside('capture')) this.#liveStream(stream);
    this.#context.log('info', 'publisher.connected', `${connection.publisher} is connected.`);
    this.#context.session()?.event('info', connection.publisher, 'publisher.connected', connection.clock.id);
    this.#context.onChange();
  }

  detached(connection: IngestConnection): void {
    if (this.#context.publishers.remove(connection)) {
      const sources = this.#context.sourcesOf(connection).flatMap(({ id }) => (isTrial(id) ? [] : [id]));
      this.#context.board.publisherLost(sources, connection.publisher);
    }
    this.#context.log('warn', 'publisher.lost', `${connection.publisher} is gone.`);
    this.#context.session()?.event('warn', connection.publisher, 'publisher.lost', connection.clock.id);
    this.#context.onChange();
  }

  async declared(connection: IngestConnection, stream: Stream): Promise<number> {
    this.#boardOf(stream.source).declared(stream);
    // It may be told of a moment into the session before which it was ended.
    if (isTrial(stream.source)) return 0;
    if (stream.kind === 'samples' && connection.role !== 'capture') this.#liveStream(stream);
    const session = this.#context.session();
    return session && session.state !== 'sealed' ? session.declare(stream, connection.clock) : 0;
  }

  data(connection: IngestConnection, stream: Stream, kind: 'packet' | 'samples', bytes: Uint8Array<ArrayBuffer>): void {
    if (isTrial(stream.source)) return;
    this.#context.board.arrived(stream.id, performance.now());
    if (stream.kind === 'samples' && kind === 'samples')
      this.#context.board.sampled(stream, this.#live(connection, stream, bytes).at(-1), performance.now());
    const session = this.#context.session();
    if (kind === 'packet') session?.packet(stream.id, connection.clock, bytes);
    else session?.samples(stream.id, connection.clock, bytes);
    if ((session?.unsafeBytes ?? 0) > HOLD_BYTES) connection.hold(true);
  }

  #live(connection: IngestConnection, stream: SampleStream, bytes: Uint8Array): ReturnType<LiveFeed['offer']> {
    return this.#feed.offer(
      stream,
      bytes,
      (publisherNs) => this.#seconds(connection, publisherNs),
      (message) => this.#context.publishers.sendTo('capture', message),
    );
  }

  gap(connection: IngestConnection, stream: Stream, { type: _, handle: __, ...gap }: GapMessage): void {
    if (!isTrial(stream.source)) this.#context.session()?.gap(stream.id, connection.clock, gap);
  }

  sourceState(connection: IngestConnection, state: SourceState): void {
    this.#boardOf(state.source).report(state);
    if (isTrial(state.source)) this.#context.onChange();
    else this.#stateOfKit(connection, state);
  }

  #stateOfKit(connection: IngestConnection, state: SourceState): void {
    if (state.state === 'error' || state.state === 'choosing')
      this.#context
        .session()
        ?.event('error', connection.publisher, state.code || 'source.error', `${state.source}: ${state.message}`);
    this.#context.onChange();
  }

  event(connection: IngestConnection, event: Extract<PublisherMessage, { type: 'event' }>): void {
    const engineNs = connection.clock.toEngine(event.atNs);
    this.#context.session()?.event(event.level, connection.publisher, event.code, event.message, engineNs ?? undefined);
    this.#context.log(event.level, event.code, `${connection.publisher}: ${event.message}`);
  }

  drained(connection: IngestConnection): void {
    this.#context.publishers.drained(connection);
  }

  preview(message: Extract<PublisherMessage, { type: 'previewFrame' | 'level' }>): void {
    this.#boardOf(message.source).saw(message, performance.now());
    this.#context.onPreview(message);
  }

  stats(stream: Stream, { read, dropped, slow = 0, queue = 0 }: StatsMessage): void {
    if (read !== undefined)
      this.#boardOf(stream.source).captured(stream.id, { read, dropped, slow, queue }, performance.now());
  }

  previewRows(connection: IngestConnection, stream: string, rows: PreviewRows): void {
    // In a session the samples themselves are shown.
    if (this.#context.session()) return;
    const known = [...connection.streams].find(({ id }) => id === stream);
    if (known?.kind === 'samples') this.#boardOf(known.source).sampled(known, rows.at(-1), performance.now());
    this.#context.onSamples(
      stream,
      rows.map(([ns, ...values]) => [this.#seconds(connection, Number(ns)), ...values]),
    );
  }

  found(connection: IngestConnection, devices: FoundDevice[]): void {
    this.#context.publishers.found(connection, devices);
    this.#context.onChange();
  }

  heard({ path, heard, error }: Extract<PublisherMessage, { type: 'heard' }>): void {
    this.#context.listening.answer(path, heard, error as ErrorReport | null);
  }

  wave(connection: IngestConnection, probes: ProbeRow[]): void {
    this.#context.session()?.wave(connection.clock, probes);
  }

  #liveStream(stream: Stream): void {
    if (stream.kind === 'samples' && !isTrial(stream.source))
      this.#context.publishers.sendTo('capture', { type: 'liveStream', stream });
  }

  #boardOf(source: string): SourceRegistry {
    return isTrial(source) ? this.#context.trials.board : this.#context.board;
  }

  /** Session seconds while there is a session, else engine seconds. */
  #seconds(connection: IngestConnection, publisherNs: number): number {
    const engineNs = connection.clock.toEngine(publisherNs) ?? this.#context.clock.now();
    const session = this.#context.session();
    return Number(session ? session.sessionNow(engineNs) : engineNs) / 1e9;
  }
}
