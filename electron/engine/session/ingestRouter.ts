/**
 * Routes publishers' messages: captured data to the active session, status to the source registry, samples also to live
 * viewers.
 */
import { type ErrorReport, reportOf } from '../../common/errors.ts';
import type { FoundDevice } from '../../common/found.ts';
import type { GapMessage, PublisherMessage, SourceState } from '../../common/ingest.ts';
import { isTrial, type Source } from '../../common/kit.ts';
import type { DriverInfo } from '../../common/settingsForm.ts';
import type { SampleStream, Stream } from '../../common/stream.ts';
import { LIVE_ONLY } from '../../common/wire.ts';
import type { ProbeRow } from '../../session/format/rows.ts';
import type { EngineClock } from '../clock/engineClock.ts';
import type { IngestConnection, IngestHandler, PreviewRows, StatsMessage } from '../door/ingestConnection.ts';
import type { Listening } from '../sources/listening.ts';
import { checkDeclaration, idsFor, ownsSource } from '../sources/ownership.ts';
import type { SourceRegistry } from '../sources/sourceRegistry.ts';
import type { Trials } from '../sources/trials.ts';
import type { ActiveSession } from './activeSession.ts';
import { LiveFeed } from './liveFeed.ts';
import { withoutPaused } from './pausedData.ts';
import type { Pauses } from './pauses.ts';
import type { Publishers } from './publishers.ts';

/**
 * When this many bytes wait for the disk, reading from publishers pauses until half of it is safe; publishers keep
 * their data meanwhile.
 */
export const HOLD_BYTES = 128 * 1024 * 1024;

/** An event's own time is accepted if it is within the last day; a clock may run slightly ahead. */
const EVENT_AHEAD_NS = 60_000_000_000n;
const EVENT_OLD_NS = 86_400_000_000_000n;

export interface IngestRouterContext {
  clock: EngineClock;
  board: SourceRegistry;
  publishers: Publishers;
  /** The sources of the kit and those on trial. */
  sources: () => readonly Source[];
  /** Streams that are viewed and not recorded. */
  trials: Trials;
  listening: Listening;
  session: () => ActiveSession | null;
  pauses: Pauses;
  live: LiveView;
  /** Sends the current state to a new publisher. */
  welcome: (connection: IngestConnection) => void;
  /** A significant change that should be shown. */
  onChange: () => void;
  onPreview: (message: Extract<PublisherMessage, { type: 'previewFrame' | 'level' }>) => void;
  onSamples: (stream: string, rows: (number | string | null)[][]) => void;
  log: (level: 'info' | 'warn' | 'error', code: string, message: string) => void;
}

/** Packets older than this are not shown live. */
const LATE_NS = 2_000_000_000n;

/** The live view of what the publishers deliver. It takes copies and never slows the recording. */
export interface LiveView {
  declared(stream: Stream, sourceKind: string): void;
  /** @param liveOnly it is not recorded */
  packet(stream: Stream, bytes: Uint8Array, engineNs: bigint, liveOnly: boolean): void;
  /** @param clock whose seconds the rows have */
  rows(stream: string, rows: readonly (readonly (number | string | null)[])[], clock: 'session' | 'engine'): void;
}

export class IngestRouter implements IngestHandler {
  readonly #context: IngestRouterContext;
  readonly #feed: LiveFeed;
  #previews = false;
  #liveWanted = false;

  constructor(context: IngestRouterContext) {
    this.#context = context;
    this.#feed = new LiveFeed(context.onSamples);
  }

  /** Whether anybody is viewing the pictures, the samples, and the live room. */
  setWatching(previews: boolean, samples: boolean, live: boolean): void {
    this.#feed.setWatched(samples);
    if (previews === this.#previews && live === this.#liveWanted) return;
    this.#previews = previews;
    this.#liveWanted = live;
    for (const connection of this.#context.publishers.connections) this.#tellWatching(connection);
  }

  /** Outside a session, sensors are shown live by their previews, cameras by their packets. */
  #tellWatching(connection: IngestConnection): void {
    connection.send({
      type: 'preview',
      watching: this.#previews || (this.#liveWanted && connection.kind.rights.previewsLive),
    });
  }

  attached(connection: IngestConnection): void {
    this.#context.publishers.add(connection);
    this.#context.welcome(connection);
    if (this.#previews || this.#liveWanted) this.#tellWatching(connection);
    this.#context.log('info', 'publisher.connected', `${connection.publisher} is connected.`);
    this.#context.session()?.event('info', connection.publisher, 'publisher.connected', connection.clock.id);
    this.#context.onChange();
  }

  detached(connection: IngestConnection): void {
    if (this.#context.publishers.remove(connection))
      this.#context.board.publisherLost((source) => this.#owns(connection, source), connection.kind.title);
    this.#context.log('warn', 'publisher.lost', `${connection.publisher} is gone.`);
    this.#context.session()?.event('warn', connection.publisher, 'publisher.lost', connection.clock.id);
    this.#context.onChange();
  }

  async declared(connection: IngestConnection, asked: Stream): Promise<{ stream: Stream; nextSeq: number }> {
    const { sources, session } = this.#context;
    const declared = checkDeclaration(connection.identity, asked, sources(), connection.streams);
    const board = this.#boardOf(declared.source);
    // A message for a stream on trial may arrive just after the session that ended it began.
    const active = isTrial(declared.source) ? null : session();
    const recorded =
      active && active.state !== 'sealed'
        ? await this.#declareIn(active, connection, declared)
        : { stream: declared, nextSeq: 0 };
    board.declared(recorded.stream, connection.identity);
    if (!isTrial(declared.source) && connection.kind.rights.publishesLive)
      this.#context.live.declared(recorded.stream, this.#kindOf(declared.source));
    this.#context.onChange();
    return recorded;
  }

  /** A stream keeps its columns during a session: if they change, it is recorded as another stream, with a notice. */
  async #declareIn(
    session: ActiveSession,
    connection: IngestConnection,
    declared: Stream,
  ): Promise<{ stream: Stream; nextSeq: number }> {
    let changed: unknown = null;
    for (const id of idsFor(declared.id)) {
      if (id !== declared.id && connection.streams.some((other) => other.id === id)) continue;
      const stream = { ...declared, id };
      try {
        const nextSeq = await session.declare(stream, connection.clock);
        if (changed) this.#tellChanged(session, connection, declared, id);
        return { stream, nextSeq };
      } catch (error) {
        if (reportOf(error).code !== 'store.stream-changed') throw error;
        changed = error;
      }
    }
    throw changed;
  }

  #tellChanged(session: ActiveSession, { publisher }: IngestConnection, { id }: Stream, now: string): void {
    const message = `The columns of "${id}" changed: it is recorded as "${now}" from here on.`;
    session.event('warn', publisher, 'stream.columns-changed', message);
    this.#context.log('warn', 'stream.columns-changed', message);
  }

  refused(connection: IngestConnection, stream: Stream, error: ErrorReport): void {
    // A claim by a publisher that does not own the source does not affect the source.
    if (this.#owns(connection, stream.source)) this.#boardOf(stream.source).refused(stream, error);
    this.leftOut(connection, stream, error);
    this.#context.onChange();
  }

  leftOut({ publisher }: IngestConnection, _stream: Stream, { code, message }: ErrorReport): void {
    this.#context.log('error', code, `${publisher}: ${message}`);
    this.#context.session()?.event('error', publisher, code, message);
  }

  withdrawn(_connection: IngestConnection, stream: Stream): void {
    this.#boardOf(stream.source).withdrawn(stream.id);
    this.#context.onChange();
  }

  data(connection: IngestConnection, stream: Stream, kind: 'packet' | 'samples', sent: Uint8Array<ArrayBuffer>): void {
    if (isTrial(stream.source)) return;
    const { clock, pauses } = this.#context;
    const bytes = withoutPaused(pauses, stream, sent, (ns) => connection.clock.toEngine(ns) ?? clock.now());
    if (!bytes) return;
    const liveOnly = kind === 'packet' && ((bytes[1] as number) & LIVE_ONLY) !== 0;
    if (kind === 'packet') this.#showPacket(connection, stream, bytes, liveOnly);
    if (liveOnly) return;
    this.#context.board.arrived(stream.id, performance.now());
    if (stream.kind === 'samples' && kind === 'samples')
      this.#context.board.sampled(stream, this.#live(connection, stream, bytes).at(-1), performance.now());
    const session = this.#context.session();
    if (kind === 'packet') session?.packet(stream.id, connection.clock, bytes);
    else session?.samples(stream.id, connection.clock, bytes);
    if ((session?.unsafeBytes ?? 0) > HOLD_BYTES) connection.hold(true);
  }

  /** Data buffered during a disconnection is recorded, but is too old to show live. */
  #showPacket(connection: IngestConnection, stream: Stream, bytes: Uint8Array, liveOnly: boolean): void {
    const { clock, live, session } = this.#context;
    if (!connection.kind.rights.publishesLive || session()?.state === 'paused') return;
    const engineNs = this.#engineNs(connection, bytes);
    if (clock.now() - engineNs < LATE_NS) live.packet(stream, bytes, engineNs, liveOnly);
  }

  #live(connection: IngestConnection, stream: SampleStream, bytes: Uint8Array): ReturnType<LiveFeed['offer']> {
    const rows = this.#feed.offer(stream, bytes, (publisherNs) => this.#seconds(connection, publisherNs));
    if (connection.kind.rights.publishesLive)
      this.#context.live.rows(stream.id, rows, this.#context.session() ? 'session' : 'engine');
    return rows;
  }

  gap(connection: IngestConnection, stream: Stream, { type: _, handle: __, ...gap }: GapMessage): void {
    if (!isTrial(stream.source)) this.#context.session()?.gap(stream.id, connection.clock, gap);
  }

  sourceState(connection: IngestConnection, state: SourceState): void {
    if (!this.#owns(connection, state.source)) {
      this.#notOwner(connection, state.source);
      return;
    }
    this.#boardOf(state.source).report(state, connection.identity);
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
    const nowNs = this.#context.clock.now();
    const possible = engineNs !== null && engineNs <= nowNs + EVENT_AHEAD_NS && nowNs - engineNs < EVENT_OLD_NS;
    this.#context
      .session()
      ?.event(event.level, connection.publisher, event.code, event.message, possible ? engineNs : nowNs);
    this.#context.log(event.level, event.code, `${connection.publisher}: ${event.message}`);
  }

  drained(connection: IngestConnection, session: string): void {
    if (session === this.#context.session()?.meta.id) this.#context.publishers.drained(connection);
  }

  preview(connection: IngestConnection, message: Extract<PublisherMessage, { type: 'previewFrame' | 'level' }>): void {
    if (!this.#mayShow(connection, message.source)) return;
    this.#boardOf(message.source).saw(message, performance.now());
    this.#context.onPreview(message);
  }

  stats(connection: IngestConnection, stream: Stream, { read, dropped, slow = 0, queue = 0 }: StatsMessage): void {
    if (read !== undefined && this.#owns(connection, stream.source))
      this.#boardOf(stream.source).captured(stream.id, { read, dropped, slow, queue }, performance.now());
  }

  previewRows(connection: IngestConnection, id: string, rows: PreviewRows): void {
    const stream = connection.streams.find((own) => own.id === id);
    // During a session the samples themselves are shown.
    if (!stream || this.#context.session() || !this.#mayShow(connection, stream.source)) return;
    if (stream.kind === 'samples') this.#boardOf(stream.source).sampled(stream, rows.at(-1), performance.now());
    const timed = rows.map(([ns, ...values]) => [this.#seconds(connection, Number(ns)), ...values]);
    if (connection.kind.rights.publishesLive) this.#context.live.rows(id, timed, 'engine');
    this.#context.onSamples(id, timed);
  }

  found(connection: IngestConnection, devices: FoundDevice[]): void {
    if (!connection.kind.rights.finds) return;
    this.#context.publishers.found(connection, devices);
    this.#context.onChange();
  }

  drivers(connection: IngestConnection, drivers: DriverInfo[]): void {
    if (connection.kind.rights.listens) this.#context.publishers.drivers(connection, drivers);
  }

  heard(connection: IngestConnection, { path, heard, error }: Extract<PublisherMessage, { type: 'heard' }>): void {
    if (connection.kind.rights.listens) this.#context.listening.answer(path, heard, error as ErrorReport | null);
  }

  wave(connection: IngestConnection, probes: ProbeRow[]): void {
    this.#context.session()?.wave(connection.clock, probes);
  }

  #kindOf(source: string): string {
    return this.#context.board.sources.find(({ id }) => id === source)?.kind ?? '';
  }

  #owns(connection: IngestConnection, source: string): boolean {
    return ownsSource(connection.identity, source, this.#context.sources());
  }

  #mayShow(connection: IngestConnection, source: string): boolean {
    const { pauses, session } = this.#context;
    if (pauses.has(source) || session()?.state === 'paused') return false;
    return connection.kind.rights.previews && this.#owns(connection, source);
  }

  #notOwner(connection: IngestConnection, source: string): void {
    const message = `${connection.publisher} spoke for the source "${source}", which is not its own.`;
    this.#context.log('warn', 'ingest.not-owner', message);
  }

  #boardOf(source: string): SourceRegistry {
    return isTrial(source) ? this.#context.trials.board : this.#context.board;
  }

  #engineNs(connection: IngestConnection, packet: Uint8Array): bigint {
    const publisherNs = new DataView(packet.buffer, packet.byteOffset).getFloat64(16, true);
    return connection.clock.toEngine(publisherNs) ?? this.#context.clock.now();
  }

  /** Session seconds during a session, otherwise engine seconds. */
  #seconds(connection: IngestConnection, publisherNs: number): number {
    const engineNs = connection.clock.toEngine(publisherNs) ?? this.#context.clock.now();
    const session = this.#context.session();
    return Number(session ? session.sessionNow(engineNs) : engineNs) / 1e9;
  }
}
