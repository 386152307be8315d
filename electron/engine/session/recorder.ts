/**
 * Connects the publishers at the door to the active session, and passes closed sessions to sealing.
 *
 *   publishers ─▶ IngestConnection ─▶ IngestRouter ─▶ ActiveSession ─▶ store worker ─▶ disk
 *        ▲                                                 │
 *        └──── Publishers ◀── acks, state ── Recorder ◀────┘
 */
import { join } from 'node:path';
import type { AfterCrash } from '../../common/applianceState.ts';
import { type ErrorReport, fieldroomError, reportOf } from '../../common/errors.ts';
import type { FoundDevice } from '../../common/found.ts';
import type { IngestSession } from '../../common/ingest.ts';
import { isSimulated, isTrial, type Kit, type Source, withoutSecrets } from '../../common/kit.ts';
import type { DriverInfo } from '../../common/settingsForm.ts';
import type { LifecycleState, SessionMeta } from '../../session/format/rows.ts';
import type { EngineClock } from '../clock/engineClock.ts';
import type { IngestConnection } from '../door/ingestConnection.ts';
import { Listening } from '../sources/listening.ts';
import { ownsSource } from '../sources/ownership.ts';
import { kitOwnerOf } from '../sources/publisherKinds.ts';
import { Trials } from '../sources/trials.ts';
import { ActiveSession } from './activeSession.ts';
import { AfterCrashChoice, answerCrash, type CrashAnswer, type CutShort } from './afterCrash.ts';
import { HOLD_BYTES, IngestRouter, type IngestRouterContext } from './ingestRouter.ts';
import { type KitAt, KitInUse } from './kitInUse.ts';
import { BY_PERSON, Pauses } from './pauses.ts';
import { Publishers } from './publishers.ts';
import { newSessionId } from './sessionId.ts';
import { SpareStore } from './spareStore.ts';
import { orLater } from './stopLater.ts';
import { StopTimer } from './stopTimer.ts';

export interface RecorderOptions
  extends Pick<IngestRouterContext, 'clock' | 'board' | 'live' | 'onChange' | 'onPreview' | 'onSamples' | 'log'> {
  dataFolder: string;
  software: SessionMeta['software'];
  /** A session's files are closed: it can be sealed. */
  onClosed: (folder: string, id: string) => void;
  /** Before a session is created. @throws why it cannot be recorded */
  mayRecord?: () => Promise<void>;
}

export class Recorder {
  /** Handles messages of the publishers at the door. */
  readonly desk: IngestRouter;
  /** Identifies devices on unknown ports. */
  readonly listening = new Listening((message) => this.#publishers.sendTo('listens', message));
  /** Devices that are viewed without being recorded. */
  readonly trials = new Trials(() => this.#sendSources());
  readonly #options: RecorderOptions;
  readonly #publishers = new Publishers();
  readonly #stores = new SpareStore();
  readonly #pauses: Pauses;
  #session: ActiveSession | null = null;
  /** A start or stop in progress; the next one waits for it. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #kit: KitInUse;
  #live = false;
  #trouble: ErrorReport | null = null;
  #stopping: Promise<ActiveSession> | null = null;
  readonly #stopTimer = new StopTimer();
  /** A session whose stop was requested but is not complete. */
  #ending: string | null = null;
  /** The session was resumed after a crash, and nobody has confirmed yet that it should continue. */
  #crash: AfterCrashChoice | null = null;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#kit = new KitInUse(options.dataFolder);
    this.#pauses = new Pauses(options.dataFolder, options.clock);
    this.desk = new IngestRouter({
      ...options,
      publishers: this.#publishers,
      trials: this.trials,
      listening: this.listening,
      session: () => this.#session,
      pauses: this.#pauses,
      welcome: (connection) => this.#welcome(connection),
      sources: () => this.#sources(),
    });
    this.#stores.prepare();
  }

  get session(): ActiveSession | null {
    return this.#session;
  }

  get kit(): KitAt | null {
    return this.#kit.at;
  }

  get kitRevision(): number {
    return this.#kit.revision;
  }

  get foundDevices(): FoundDevice[] {
    return this.#publishers.foundDevices;
  }

  get driverInfos(): DriverInfo[] {
    return this.#publishers.driverInfos;
  }

  get connections(): ReadonlySet<IngestConnection> {
    return this.#publishers.connections;
  }

  get clock(): EngineClock {
    return this.#options.clock;
  }

  /** The remaining choices for a session that continued after a crash; null: none. */
  get crash(): AfterCrash | null {
    return this.#crash?.state ?? null;
  }

  /** The store's last error in this session (such as a full disk). */
  get trouble(): ErrorReport | null {
    return this.#trouble;
  }

  get stopsInMs(): number | null {
    return this.#stopTimer.leftMs;
  }

  /** @param seconds from now on the session is stopped; null: only by a person. @throws FieldroomError `session.none` */
  stopAfter(seconds: number | null): void {
    this.#active('recording', 'paused');
    this.#stopTimer.set(seconds, () => {
      void this.stop().catch((error: unknown) => this.#onTrouble(reportOf(error)));
    });
    this.#options.onChange();
  }

  /** Switches to a kit. @throws FieldroomError `session.recording` while a session records with another one */
  takeKit(kit: Kit, path: string | null): void {
    this.mayTakeKit();
    this.#kit.take(kit, path);
    const { board } = this.#options;
    board.setSources(kit.sources);
    for (const source of this.#pauses.retain((id) => board.has(id))) board.setPaused(source, false);
    this.#sendSources();
  }

  /** @throws FieldroomError `session.recording` */
  mayTakeKit(): void {
    if (this.#session) throw fieldroomError('session.recording:kit');
  }

  isPaused(source: string): boolean {
    return this.#pauses.has(source);
  }

  /** Whether publishers deliver streams for the live view that are not recorded. */
  setLive(live: boolean): void {
    this.#live = live;
    this.#publishers.sendTo('publishesLive', { type: 'live', live });
  }

  /** Asks the stream's publisher for a key frame. */
  requestKeyFrame(stream: string): void {
    for (const connection of this.connections)
      if (connection.handleOf(stream) !== undefined) connection.send({ type: 'keyFrame', stream });
  }

  start(input: { study?: string | undefined; name: string }): Promise<ActiveSession> {
    return this.#inTurn(async () => {
      if (this.#session) throw fieldroomError('session.recording:already');
      const { kit } = this.#kit.needed();
      await this.#options.mayRecord?.();
      this.trials.end();
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

  /** Resumes a session that began on this boot and was interrupted by a crash. */
  resumeAfterCrash({ meta, folder, kit, paused, assigned, mayEnd }: CutShort): Promise<ActiveSession> {
    this.takeKit(kit, null);
    for (const [source, participant] of assigned) this.#options.board.assign(source, participant);
    return this.#inTurn(async () => {
      const session = await this.#open(meta, folder);
      this.#crash = new AfterCrashChoice(folder, mayEnd, () =>
        this.stop().catch((error: unknown) => this.#onTrouble(reportOf(error))),
      );
      if (paused) {
        await session.pause();
        this.#pauses.setSession(true);
      }
      session.event('warn', 'engine', 'engine.restarted', 'The recorder was restarted and continues this session.');
      return session;
    });
  }

  pause(): Promise<ActiveSession> {
    return this.#inTurn(async () => {
      const session = this.#active('recording');
      await session.pause();
      this.#pauses.setSession(true);
      return session;
    });
  }

  resume(): Promise<ActiveSession> {
    return this.#inTurn(async () => {
      const session = this.#active('paused');
      this.#pauses.setSession(false);
      await session.resume();
      return session;
    });
  }

  /** @throws FieldroomError `session.not-resumed`, `session.cannot-end-there` */
  afterCrash(answer: CrashAnswer): void {
    this.#crash = answerCrash(this.#crash, answer);
    this.#options.onChange();
  }

  /**
   * Ends the session; when it resolves, all captured data is on disk and the files are closed. Calling it twice is
   * safe.
   * @throws FieldroomError `session.stop-later` when the disk is disconnected: the session ends as soon as it is back
   */
  stop(): Promise<ActiveSession> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = null;
    });
    return orLater(this.#stopping, () => this.#session?.storeAway ?? false);
  }

  #stop(): Promise<ActiveSession> {
    return this.#inTurn(async () => {
      const session = this.#active('recording', 'paused');
      this.#ending = session.meta.id;
      this.#stopTimer.clear();
      // Draining without a disk would time out and lose the publishers' buffered data.
      await session.whenOpen();
      await this.#publishers.wave();
      const drained = this.#publishers.allDrained();
      await session.beginSealing();
      for (const connection of await drained) this.#neverDrained(session, connection);
      await session.close();
      this.#session = null;
      this.#crash?.closed(this.#options.log);
      this.#crash = null;
      this.#publishers.release();
      this.#stores.prepare();
      this.#announce();
      this.#options.onClosed(session.folder, session.meta.id);
      return session;
    });
  }

  /** Resolves when an ending session has ended and was passed to the sealer; immediately for any other. */
  async ended(id: string): Promise<void> {
    if (this.#ending === id) await this.#turn;
  }

  /** Sources that a person paused before a crash stay paused. */
  restorePauses(): void {
    for (const source of this.#pauses.restore()) this.#options.board.setPaused(source, true);
  }

  /** Ends everything prepared for the next session. */
  close(): Promise<void> {
    this.#pauses.forget();
    return this.#stores.close();
  }

  /**
   * A source paused for several causes resumes when the last one ends.
   * @param cause of the gap: `paused` by a person, else why the recorder itself does it
   * @throws FieldroomError `pause.not-kept` when a person's pause is in effect but could not be written
   */
  pauseSource(source: string, paused: boolean, cause = BY_PERSON): void {
    this.#pauses.set(source, paused, cause);
    const now = this.#pauses.causeOf(source);
    this.#options.board.setPaused(source, now !== null, now ?? undefined);
    const who = cause === BY_PERSON ? 'operator' : 'engine';
    this.#session?.event('info', who, paused ? 'source.paused' : 'source.resumed', source);
    this.#publishers.send({ type: 'pauses', sources: this.#options.board.pauseCauses });
    this.#announce();
    if (cause === BY_PERSON) this.#pauses.keep();
  }

  /** A person chose which of several identical devices a source means. @returns the kit with the answer in it */
  choose(source: string, match: Record<string, string>): KitAt {
    const chosen = this.#kit.choose(source, match);
    this.#session?.event('info', 'operator', 'source.chosen', `${source}: ${JSON.stringify(match)}`);
    this.#sendSources();
    return chosen;
  }

  /** A gap in every stream that is recorded, by the engine's clock. */
  gapInAll(fromNs: bigint, toNs: bigint, cause: string, detail: string): void {
    if (this.#session?.state !== 'recording') return;
    for (const { clock, streams } of this.connections) {
      const [from, to] = [clock.fromEngine(fromNs), clock.fromEngine(toNs)];
      if (from === null || to === null) continue;
      for (const { id, source } of streams)
        if (!isTrial(source) && !this.isPaused(source))
          this.#session.gap(id, clock, { fromNs: from, toNs: to, cause, lost: null, detail });
    }
  }

  async #open(meta: SessionMeta, folder: string): Promise<ActiveSession> {
    this.#trouble = null;
    this.#crash = null;
    this.#options.board.newSession();
    this.#options.board.forgetGuests(new Set([...this.connections].map(({ publisher }) => publisher)));
    this.#publishers.newSession();
    this.#pauses.newSession();
    const session = await ActiveSession.start(
      meta,
      folder,
      this.#options.clock,
      {
        onAck: (acks, first) => this.#acknowledge(acks, first),
        onState: (state) => this.#onState(state),
        onTrouble: (error) => this.#onTrouble(error),
        onReopened: () => this.#publishers.close(1012, 'store.restarted'),
      },
      this.#stores.take(),
    );
    this.#session = session;
    for (const { id, participant, place } of this.#options.board.assignments()) session.assign(id, participant, place);
    this.#announce();
    void this.#publishers.wave();
    return session;
  }

  /** Its data is missing from its last message on; the amount is unknown. */
  #neverDrained(session: ActiveSession, { publisher, kind, clock, ends }: IngestConnection): void {
    const detail = `The ${kind.title} did not say that it had sent everything.`;
    session.event('error', publisher, 'publisher.not-drained', detail);
    for (const { stream, lastNs } of ends) {
      const zeroNs = clock.fromEngine(session.meta.zeroEngineNs);
      // Data from before the session does not count in it.
      const fromNs = lastNs === null || zeroNs === null ? (lastNs ?? zeroNs) : Math.max(lastNs, zeroNs);
      if (fromNs === null || isTrial(stream.source) || this.isPaused(stream.source)) continue;
      session.gap(stream.id, clock, { fromNs, toNs: null, cause: 'publisher-not-drained', lost: null, detail });
    }
  }

  #active(...states: LifecycleState[]): ActiveSession {
    if (!this.#session) throw fieldroomError('session.none');
    if (!states.includes(this.#session.state)) throw fieldroomError('session.state', { state: this.#session.state });
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
    else if (this.#trouble) this.#options.log('info', 'store.recovered', 'The disk accepts data again.');
    this.#trouble = error;
    this.#options.onChange();
  }

  #announce(): void {
    this.#publishers.send({ type: 'session', session: this.#ingestSession() });
    this.#options.onChange();
  }

  #welcome(connection: IngestConnection): void {
    connection.send({
      type: 'welcome',
      session: this.#ingestSession(),
      sources: this.#sourcesOf(connection),
      live: this.#live && connection.kind.rights.publishesLive,
    });
    connection.send({ type: 'pauses', sources: this.#options.board.pauseCauses });
  }

  #ingestSession(): IngestSession | null {
    const session = this.#session;
    const state = session?.state;
    const { board } = this.#options;
    if (!session || (state !== 'recording' && state !== 'paused' && state !== 'sealing')) return null;
    return { id: session.meta.id, state, pausedSources: board.paused, pauseCauses: board.pauseCauses };
  }

  #sources(): Source[] {
    return [...this.#kit.sources, ...this.trials.sources];
  }

  #sourcesOf({ identity }: IngestConnection): Source[] {
    return this.#sources().filter((source) => kitOwnerOf(source) === identity.name);
  }

  #sendSources(): void {
    const sources = this.#sources();
    for (const connection of this.connections) {
      connection.send({ type: 'sources', sources: this.#sourcesOf(connection) });
      connection.drop((source) => ownsSource(connection.identity, source, sources));
    }
    this.#options.onChange();
  }

  /** @param first of a stream: shown immediately, so that people see that its data is safe */
  #acknowledge(acks: readonly { stream: string; seq: number }[], first: boolean): void {
    if (first) this.#options.onChange();
    if ((this.#session?.unsafeBytes ?? 0) < HOLD_BYTES / 2) this.#publishers.release();
    this.#publishers.acknowledge(acks);
  }
}
