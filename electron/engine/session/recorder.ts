/**
 * Who records what: the publishers at the door on one side, the active session on the other, and sealing behind.
 *
 *   publishers ─▶ IngestConnection ─▶ Recorder ─▶ ActiveSession ─▶ store worker ─▶ disk
 *        ▲                              │
 *        └──────── acks, state ─────────┘
 */
import { join } from 'node:path';
import { type ErrorReport, FieldroomError } from '../../common/errors.ts';
import type { FoundDevice } from '../../common/found.ts';
import type {
  EngineMessage,
  GapMessage,
  IngestSession,
  LiveAccess,
  PublisherMessage,
  SourceState,
} from '../../common/ingest.ts';
import { isMediaSource, isSimulated, type Kit, matchSchema, type Source, withoutSecrets } from '../../common/kit.ts';
import type { Stream } from '../../common/stream.ts';
import type { EngineClock } from '../clock/engineClock.ts';
import { keepKit } from '../dataFolder.ts';
import type { IngestConnection, IngestHandler, PreviewRows } from '../door/ingestConnection.ts';
import type { SourceBoard } from '../sources/sourceBoard.ts';
import type { LifecycleState, ProbeRow, SessionMeta } from '../store/storeApi.ts';
import { ActiveSession } from './activeSession.ts';
import { Draining } from './draining.ts';
import { LiveFeed } from './liveFeed.ts';
import { newSessionId } from './sessionId.ts';
import { StoreStand } from './storeStand.ts';

export interface RecorderOptions {
  dataFolder: string;
  clock: EngineClock;
  board: SourceBoard;
  software: SessionMeta['software'];
  /** Something of substance changed: people should be told. */
  onChange: () => void;
  /** A session's files are closed: it can be sealed. */
  onClosed: (folder: string, id: string) => void;
  /** Before a session is created. @throws why it cannot be recorded */
  mayRecord?: () => Promise<void>;
  onPreview: (message: Extract<PublisherMessage, { type: 'previewFrame' | 'level' }>) => void;
  onSamples: (stream: string, rows: (number | string | null)[][]) => void;
  log: (level: 'info' | 'warn' | 'error', code: string, message: string) => void;
}

/** A disk this far behind stops the reading from publishers, which then keep their data, until half of it is safe. */
const HOLD_BYTES = 128 * 1024 * 1024;

export class Recorder implements IngestHandler {
  readonly #options: RecorderOptions;
  readonly #connections = new Set<IngestConnection>();
  readonly #feed: LiveFeed;
  readonly #stores = new StoreStand();
  #session: ActiveSession | null = null;
  /** A start or stop under way: the next waits for it. */
  #turn: Promise<unknown> = Promise.resolve();
  #kit: { kit: Kit; path: string | null } | null = null;
  #live: LiveAccess | null = null;
  #watching = false;
  readonly #draining = new Draining();
  #trouble: ErrorReport | null = null;
  /** A session whose end was asked for and has not come yet. */
  #ending: string | null = null;
  /** When the session was taken up again after a crash; null: it was not. */
  #resumedAtMs: number | null = null;
  readonly #found = new Map<IngestConnection, readonly FoundDevice[]>();
  #kitRevision = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#feed = new LiveFeed(options.onSamples);
    this.#stores.prepare();
  }

  get session(): ActiveSession | null {
    return this.#session;
  }

  get kit(): { kit: Kit; path: string | null } | null {
    return this.#kit;
  }

  /** Grows with each change of the kit: who edits it sees that another one did too. */
  get kitRevision(): number {
    return this.#kitRevision;
  }

  /** What is plugged in, as all publishers tell it. */
  get foundDevices(): FoundDevice[] {
    return [...this.#found.values()].flat();
  }

  get connections(): ReadonlySet<IngestConnection> {
    return this.#connections;
  }

  /** When this session was taken up again after a crash, milliseconds since 1970; null: it was not. */
  get resumedAtMs(): number | null {
    return this.#resumedAtMs;
  }

  /** The store's last trouble in this session (a full disk, ...). */
  get trouble(): ErrorReport | null {
    return this.#trouble;
  }

  /** Takes a kit into use. @throws FieldroomError `session.recording` while a session records with another one */
  takeKit(kit: Kit, path: string | null): void {
    this.mayTakeKit();
    this.#kit = { kit, path };
    this.#kitRevision += 1;
    keepKit(this.#options.dataFolder, kit);
    this.#options.board.setSources(kit.sources);
    for (const connection of this.#connections)
      connection.send({ type: 'sources', sources: this.#sourcesOf(connection) });
    this.#options.onChange();
  }

  /** @throws FieldroomError `session.recording` */
  mayTakeKit(): void {
    if (this.#session)
      throw new FieldroomError('session.recording', 'The kit cannot be changed while a session is recorded.', {
        nextStep: 'Stop the session first.',
      });
  }

  isPaused(source: string): boolean {
    return this.#options.board.paused.includes(source);
  }

  setLive(live: LiveAccess | null): void {
    this.#live = live;
    this.#sendTo('capture', { type: 'live', live });
  }

  setWatching(previews: boolean, samples: boolean): void {
    this.#feed.setWatched(samples);
    if (previews === this.#watching) return;
    this.#watching = previews;
    for (const connection of this.#connections) connection.send({ type: 'preview', watching: previews });
  }

  start(input: { study?: string | undefined; name: string }): Promise<ActiveSession> {
    return this.#inTurn(async () => {
      if (this.#session)
        throw new FieldroomError('session.recording', 'A session is being recorded already.', {
          nextStep: 'Stop it before starting another.',
        });
      const kit = this.#kit?.kit;
      if (!kit)
        throw new FieldroomError('session.no-kit', 'There is no kit: nothing says what to record.', {
          nextStep: 'Open a kit first.',
        });
      await this.#options.mayRecord?.();
      const { clock, dataFolder, software } = this.#options;
      const wallNs = clock.wall();
      const id = newSessionId(Number(wallNs / 1_000_000n));
      const study = input.study ?? kit.study;
      const meta: SessionMeta = {
        id,
        study,
        name: input.name,
        zeroEngineNs: clock.now(),
        zeroWallNs: wallNs,
        clockEpoch: clock.epoch,
        kit: withoutSecrets(kit),
        software,
        simulated: kit.sources.every(isSimulated),
      };
      return this.#open(meta, join(dataFolder, study, id));
    });
  }

  /**
   * Goes on with a session that this machine's boot began and a crash cut short.
   * @param assigned who had what when it was cut short
   */
  resumeAfterCrash(
    meta: SessionMeta,
    folder: string,
    kit: Kit,
    paused: boolean,
    assigned: ReadonlyMap<string, string | null>,
  ): Promise<ActiveSession> {
    this.takeKit(kit, null);
    for (const [source, participant] of assigned) this.#options.board.assign(source, participant);
    return this.#inTurn(async () => {
      const session = await this.#open(meta, folder);
      this.#resumedAtMs = Date.now();
      if (paused) await session.pause();
      session.event('warn', 'engine', 'engine.restarted', 'The recorder was restarted and goes on with this session.');
      return session;
    });
  }

  pause(): Promise<ActiveSession> {
    return this.#inTurn(async () => {
      const session = this.#active('recording');
      await session.pause();
      return session;
    });
  }

  resume(): Promise<ActiveSession> {
    return this.#inTurn(async () => {
      const session = this.#active('paused');
      await session.resume();
      return session;
    });
  }

  /** Ends the session; when it resolves, everything captured is on disk and the files are closed. */
  stop(): Promise<ActiveSession> {
    return this.#inTurn(async () => {
      const session = this.#active('recording', 'paused');
      this.#ending = session.meta.id;
      await Promise.all([...this.#connections].map((connection) => connection.clock.wave()));
      const drained = this.#draining.all([...this.#connections].map(({ publisher }) => publisher));
      await session.beginSealing();
      await drained;
      await session.close();
      this.#session = null;
      for (const connection of this.#connections) connection.hold(false);
      this.#stores.prepare();
      this.#announce();
      this.#options.onClosed(session.folder, session.meta.id);
      return session;
    });
  }

  /** Resolves when a session that is being ended has ended, and is in the hands of the sealer; at once for any other. */
  async ended(id: string): Promise<void> {
    if (this.#ending === id) await this.#turn;
  }

  /** Ends what stands ready for a next session. */
  close(): Promise<void> {
    return this.#stores.close();
  }

  /** @param cause of the gap: `paused` by a person, else why the recorder itself does it */
  pauseSource(source: string, paused: boolean, cause = 'paused'): void {
    this.#options.board.setPaused(source, paused, cause);
    const who = cause === 'paused' ? 'operator' : 'engine';
    this.#session?.event('info', who, paused ? 'source.paused' : 'source.resumed', source);
    this.#announce();
  }

  /** A person said which of several identical devices a source means. @returns the kit with the answer in it */
  choose(source: string, match: Record<string, string>): { kit: Kit; path: string | null } {
    if (!this.#kit) throw new FieldroomError('session.no-kit', 'There is no kit.', { nextStep: 'Open a kit first.' });
    const { kit, path } = this.#kit;
    const chosen = matchSchema.parse(match);
    const sources = kit.sources.map((candidate) =>
      candidate.id === source ? { ...candidate, match: chosen } : candidate,
    );
    this.#kit = { path, kit: { ...kit, sources } };
    this.#kitRevision += 1;
    keepKit(this.#options.dataFolder, this.#kit.kit);
    for (const connection of this.#connections)
      connection.send({ type: 'sources', sources: this.#sourcesOf(connection) });
    this.#session?.event('info', 'operator', 'source.chosen', `${source}: ${JSON.stringify(match)}`);
    this.#options.onChange();
    return this.#kit;
  }

  attached(connection: IngestConnection): void {
    for (const other of this.#connections) if (other.publisher === connection.publisher) other.close(1001, 'replaced');
    this.#connections.add(connection);
    this.#draining.attached(connection.publisher);
    connection.send({
      type: 'welcome',
      session: this.#ingestSession(),
      sources: this.#sourcesOf(connection),
      live: connection.role === 'capture' ? this.#live : null,
    });
    if (this.#watching) connection.send({ type: 'preview', watching: true });
    if (connection.role === 'capture') {
      for (const other of this.#connections)
        if (other !== connection) for (const stream of other.streams) this.#liveStream(stream);
    }
    this.#options.log('info', 'publisher.connected', `${connection.publisher} is connected.`);
    this.#session?.event('info', connection.publisher, 'publisher.connected', connection.clock.id);
    this.#options.onChange();
  }

  detached(connection: IngestConnection): void {
    this.#connections.delete(connection);
    this.#found.delete(connection);
    const replaced = [...this.#connections].some((other) => other.publisher === connection.publisher);
    if (!replaced) {
      this.#draining.detached(connection.publisher);
      const sources = this.#sourcesOf(connection).map((source) => source.id);
      this.#options.board.publisherLost(sources, connection.publisher);
    }
    this.#options.log('warn', 'publisher.lost', `${connection.publisher} is gone.`);
    this.#session?.event('warn', connection.publisher, 'publisher.lost', connection.clock.id);
    this.#options.onChange();
  }

  async declared(connection: IngestConnection, stream: Stream): Promise<number> {
    this.#options.board.declared(stream);
    if (stream.kind === 'samples' && connection.role !== 'capture') this.#liveStream(stream);
    const session = this.#session;
    return session && session.state !== 'sealed' ? session.declare(stream, connection.clock) : 0;
  }

  data(connection: IngestConnection, stream: Stream, kind: 'packet' | 'samples', bytes: Uint8Array<ArrayBuffer>): void {
    this.#options.board.arrived(stream.id, performance.now());
    if (stream.kind === 'samples' && kind === 'samples')
      this.#feed.offer(
        stream,
        bytes,
        (publisherNs) => this.#seconds(connection, publisherNs),
        (message) => this.#sendTo('capture', message),
      );
    if (kind === 'packet') this.#session?.packet(stream.id, connection.clock, bytes);
    else this.#session?.samples(stream.id, connection.clock, bytes);
    if ((this.#session?.unsafeBytes ?? 0) > HOLD_BYTES) connection.hold(true);
  }

  gap(connection: IngestConnection, stream: Stream, { type: _, handle: __, ...gap }: GapMessage): void {
    this.#session?.gap(stream.id, connection.clock, gap);
  }

  /** A gap in every stream that is recorded, by the engine's clock. */
  gapInAll(fromNs: bigint, toNs: bigint, cause: string, detail: string): void {
    if (this.#session?.state !== 'recording') return;
    for (const { clock, streams } of this.#connections) {
      const [from, to] = [clock.fromEngine(fromNs), clock.fromEngine(toNs)];
      if (from === null || to === null) continue;
      for (const { id, source } of streams)
        if (!this.isPaused(source)) this.#session.gap(id, clock, { fromNs: from, toNs: to, cause, lost: null, detail });
    }
  }

  sourceState(connection: IngestConnection, state: SourceState): void {
    this.#options.board.report(state);
    if (state.state === 'error' || state.state === 'choosing')
      this.#session?.event(
        'error',
        connection.publisher,
        state.code || 'source.error',
        `${state.source}: ${state.message}`,
      );
    this.#options.onChange();
  }

  event(connection: IngestConnection, event: Extract<PublisherMessage, { type: 'event' }>): void {
    const engineNs = connection.clock.toEngine(event.atNs);
    this.#session?.event(event.level, connection.publisher, event.code, event.message, engineNs ?? undefined);
    this.#options.log(event.level, event.code, `${connection.publisher}: ${event.message}`);
  }

  drained(connection: IngestConnection): void {
    this.#draining.drained(connection.publisher);
  }

  preview(message: Extract<PublisherMessage, { type: 'previewFrame' | 'level' }>): void {
    this.#options.onPreview(message);
  }

  previewRows(connection: IngestConnection, stream: string, rows: PreviewRows): void {
    // In a session the samples themselves are shown.
    if (this.#session) return;
    this.#options.onSamples(
      stream,
      rows.map(([ns, ...values]) => [this.#seconds(connection, Number(ns)), ...values]),
    );
  }

  found(connection: IngestConnection, devices: FoundDevice[]): void {
    this.#found.set(connection, devices);
    this.#options.onChange();
  }

  wave(connection: IngestConnection, probes: ProbeRow[]): void {
    this.#session?.wave(connection.clock, probes);
  }

  async #open(meta: SessionMeta, folder: string): Promise<ActiveSession> {
    this.#trouble = null;
    this.#resumedAtMs = null;
    this.#options.board.newSession();
    const session = await ActiveSession.start(
      meta,
      folder,
      this.#options.clock,
      {
        onAck: (acks) => this.#acknowledge(acks),
        onState: (state) => this.#onState(state),
        onTrouble: (error) => this.#onTrouble(error),
        onReopened: () => {
          for (const connection of this.#connections) connection.close(1012, 'store.restarted');
        },
      },
      this.#stores.take(),
    );
    this.#session = session;
    for (const { id, participant, place } of this.#options.board.assignments()) session.assign(id, participant, place);
    this.#announce();
    for (const connection of this.#connections) void connection.clock.wave();
    return session;
  }

  #active(...states: LifecycleState[]): ActiveSession {
    if (!this.#session)
      throw new FieldroomError('session.none', 'No session is being recorded.', { nextStep: 'Press Record first.' });
    if (!states.includes(this.#session.state))
      throw new FieldroomError('session.state', `The session is ${this.#session.state}.`);
    return this.#session;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(work);
    this.#turn = next.catch(() => undefined);
    return next;
  }

  #onState(state: LifecycleState): void {
    this.#options.log('info', `session.${state}`, `The session is ${state}.`);
    this.#announce();
  }

  #onTrouble(error: ErrorReport | null): void {
    if (error) this.#options.log('error', error.code, error.message);
    else if (this.#trouble) this.#options.log('info', 'store.recovered', 'The disk takes data again.');
    this.#trouble = error;
    this.#options.onChange();
  }

  #announce(): void {
    const session = this.#ingestSession();
    for (const connection of this.#connections) connection.send({ type: 'session', session });
    this.#options.onChange();
  }

  #ingestSession(): IngestSession | null {
    const session = this.#session;
    const state = session?.state;
    const { board } = this.#options;
    if (!session || (state !== 'recording' && state !== 'paused' && state !== 'sealing')) return null;
    return { id: session.meta.id, state, pausedSources: board.paused, pauseCauses: board.pauseCauses };
  }

  #sourcesOf(connection: IngestConnection): Source[] {
    const media = connection.role === 'capture';
    return (this.#kit?.kit.sources ?? []).filter(
      (source) => (isMediaSource(source) || source.kind === 'ble') === media,
    );
  }

  #acknowledge(acks: readonly { stream: string; seq: number }[]): void {
    const relieved = (this.#session?.unsafeBytes ?? 0) < HOLD_BYTES / 2;
    for (const connection of this.#connections) {
      if (relieved) connection.hold(false);
      const own = acks.flatMap(({ stream, seq }): [number, number][] => {
        const handle = connection.handleOf(stream);
        return handle === undefined || seq < 0 ? [] : [[handle, seq]];
      });
      if (own.length > 0) connection.send({ type: 'ack', acks: own });
    }
  }

  #liveStream(stream: Stream): void {
    if (stream.kind === 'samples') this.#sendTo('capture', { type: 'liveStream', stream });
  }

  /** Session seconds while there is a session, else engine seconds. */
  #seconds(connection: IngestConnection, publisherNs: number): number {
    const engineNs = connection.clock.toEngine(publisherNs) ?? this.#options.clock.now();
    return Number(this.#session ? this.#session.sessionNow(engineNs) : engineNs) / 1e9;
  }

  #sendTo(role: 'capture' | 'devices', message: EngineMessage): void {
    for (const connection of this.#connections) if (connection.role === role) connection.send(message);
  }
}
