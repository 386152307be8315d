/**
 * One session from Record to the last byte on disk. It knows streams and clocks, not connections: publishers' data
 * arrives through the methods below, and `onAck` reports what is safe.
 *
 *   created ─▶ recording ⇄ paused ─▶ sealing ─▶ (sealed by another worker)
 *
 * Every state is on disk before it is announced.
 */

import { type Line, offsetAt } from '../../common/clock/fit.ts';
import { type ErrorReport, reportOf } from '../../common/errors.ts';
import type { Stream } from '../../common/stream.ts';
import type { LifecycleState, ProbeRow, SessionMeta } from '../../session/format/rows.ts';
import type { EngineClock } from '../clock/engineClock.ts';
import type { PublisherClock } from '../clock/publisherClock.ts';
import type { StreamCounters } from '../store/storeApi.ts';
import type { ReadyStore } from './spareStore.ts';
import { StoreSupervisor } from './storeSupervisor.ts';

export interface ActiveSessionEvents {
  /** @param first these are the first safe data of one of the streams in this session */
  onAck: (acks: readonly { stream: string; seq: number }[], first: boolean) => void;
  onState: (state: LifecycleState) => void;
  /** The store reports an error or cannot write (null: it can again); the session continues as far as possible. */
  onTrouble: (error: ErrorReport | null) => void;
  /** The store's thread died and the session was reopened: publishers must declare and send again. */
  onReopened: () => void;
}

const ANCHOR_EVERY_MS = 5000;
/** A live fit that differs by less than this is not stored. */
const FIT_STEP_NS = 20_000;

export class ActiveSession {
  readonly meta: SessionMeta;
  readonly folder: string;
  readonly counters = new Map<string, StreamCounters>();
  readonly #clock: EngineClock;
  readonly #events: ActiveSessionEvents;
  readonly #store: StoreSupervisor;
  readonly #storedFits = new Map<string, { of: PublisherClock; line: Line }>();
  /** Clocks whose probe waves this session records. */
  readonly #known = new WeakSet<PublisherClock>();
  #anchorTimer: NodeJS.Timeout | null = null;
  #state: LifecycleState = 'created';

  private constructor(
    meta: SessionMeta,
    folder: string,
    clock: EngineClock,
    events: ActiveSessionEvents,
    store: ReadyStore,
  ) {
    this.meta = meta;
    this.folder = folder;
    this.#clock = clock;
    this.#events = events;
    this.#store = new StoreSupervisor(
      folder,
      meta,
      {
        onAck: ({ acks, counters }) => {
          const first = acks.some(({ stream }) => !this.counters.get(stream)?.count);
          for (const counter of counters) this.counters.set(counter.stream, counter);
          events.onAck(acks, first);
        },
        onTrouble: events.onTrouble,
        onReopened: () => this.#reopened(),
      },
      store,
    );
  }

  /** Creates the folder and the index, and records. @throws FieldroomError `store.*` when the folder cannot be written. */
  static async start(
    meta: SessionMeta,
    folder: string,
    clock: EngineClock,
    events: ActiveSessionEvents,
    store: ReadyStore,
  ): Promise<ActiveSession> {
    const session = new ActiveSession(meta, folder, clock, events, store);
    try {
      await session.#store.open();
      session.anchor();
      session.#anchorTimer = setInterval(() => session.anchor(), ANCHOR_EVERY_MS);
      await session.#enter('recording', '');
    } catch (error) {
      await session.#end();
      throw error;
    }
    return session;
  }

  get state(): LifecycleState {
    return this.#state;
  }

  /** Bytes handed to the store that are not known to be on disk. */
  get unsafeBytes(): number {
    return this.#store.unsafeBytes;
  }

  /** Milliseconds for which pending data has not been written. */
  get stalledMs(): number {
    return this.#store.stalledMs;
  }

  get bytes(): number {
    let sum = 0;
    for (const counter of this.counters.values()) sum += counter.bytes;
    return sum;
  }

  /** Session time of an engine time (default: now). */
  sessionNow(engineNs = this.#clock.now()): bigint {
    return engineNs - this.meta.zeroEngineNs;
  }

  /** @returns the stream's next sequence number. */
  async declare(stream: Stream, clock: PublisherClock): Promise<number> {
    this.#introduce(clock);
    this.#fit(clock);
    return (await this.#store.declare(stream, clock.id)).nextSeq;
  }

  /** An encoded packet as received. */
  packet(stream: string, clock: PublisherClock, bytes: Uint8Array<ArrayBuffer>): void {
    this.#store.post({ type: 'packet', stream, clock: clock.id, bytes });
  }

  samples(stream: string, clock: PublisherClock, bytes: Uint8Array<ArrayBuffer>): void {
    this.#store.post({ type: 'samples', stream, clock: clock.id, bytes });
  }

  gap(
    stream: string,
    clock: PublisherClock,
    gap: { fromNs: number; toNs: number | null; cause: string; lost: number | null; detail: string },
  ): void {
    this.#store.post({ type: 'gap', stream, clock: clock.id, ...gap });
  }

  /** A publisher's clock was measured: stores the probes, and the fit if it has changed. */
  wave(clock: PublisherClock, probes: ProbeRow[]): void {
    if (!this.#introduce(clock)) this.#store.post({ type: 'probes', probes });
    this.#fit(clock);
  }

  event(
    level: 'info' | 'warn' | 'error',
    part: string,
    code: string,
    message: string,
    engineNs = this.#clock.now(),
  ): void {
    this.#store.post({ type: 'event', atNs: this.sessionNow(engineNs), level, part, code, message });
  }

  process(name: string, pid: number, event: 'start' | 'exit', detail = ''): void {
    this.#store.post({ type: 'process', atNs: this.sessionNow(), name, pid, event, detail });
  }

  /** The current wall clock time: a label. */
  anchor(): void {
    this.#store.post({ type: 'anchor', atNs: this.sessionNow(), wallNs: this.#clock.wall() });
  }

  assign(source: string, participant: string | null, place: string): void {
    this.#store.post({ type: 'assignment', atNs: this.sessionNow(), source, participant, place });
  }

  async mark(code: string, note: string, atNs = this.sessionNow()): Promise<bigint> {
    await this.#store.ask({ type: 'marker', atNs, code, note, author: 'operator' });
    return atNs;
  }

  async pause(): Promise<void> {
    await this.#enter('paused', 'by the operator');
  }

  async resume(): Promise<void> {
    await this.#enter('recording', 'by the operator');
  }

  /** The store died and is being reopened; until then nothing can be ended or marked. */
  get storeAway(): boolean {
    return this.#store.away;
  }

  /** Resolves when the store accepts data: immediately, unless it is being reopened. */
  whenOpen(): Promise<void> {
    return this.#store.whenOpen();
  }

  /** Announces the end: publishers send their remaining data. */
  async beginSealing(): Promise<void> {
    await this.#enter('sealing', '');
  }

  /** Closes and reopens all files: file handles stay unusable after a drive was disconnected. */
  restartStore(): void {
    this.#store.restart();
  }

  /** Writes all received data and closes the files; the folder can then be sealed. */
  async close(): Promise<void> {
    this.anchor();
    await this.#end();
  }

  /** Acknowledged data is on disk; publishers still have the rest. */
  #reopened(): void {
    this.#storedFits.clear();
    this.event('error', 'engine', 'store.restarted', 'The writer of the session stopped and was restarted.');
    this.#events.onReopened();
  }

  async #enter(state: LifecycleState, detail: string): Promise<void> {
    await this.#store.ask({ type: 'lifecycle', state, atEngineNs: this.#clock.now(), detail });
    this.#state = state;
    this.#events.onState(state);
  }

  /** Adds measurements of a clock made before this session knew it. @returns whether the clock was new */
  #introduce(clock: PublisherClock): boolean {
    if (this.#known.has(clock)) return false;
    this.#known.add(clock);
    this.#store.post({ type: 'probes', probes: clock.recent });
    return true;
  }

  #fit(clock: PublisherClock): void {
    const { line, lastNs } = clock;
    if (!line || lastNs === null) return;
    const before = this.#storedFits.get(clock.id);
    if (
      before?.of === clock &&
      Math.abs(offsetAt(line, lastNs) - offsetAt(before.line, lastNs)) < FIT_STEP_NS &&
      line.uncertaintyNs > before.line.uncertaintyNs * 0.8
    )
      return;
    this.#storedFits.set(clock.id, { of: clock, line });
    const fromNs = before ? Math.round(line.referenceNs) : Number.MIN_SAFE_INTEGER;
    const referenceNs = Math.round(line.referenceNs);
    const offsetNs =
      clock.base -
      this.meta.zeroEngineNs +
      BigInt(Math.round(line.offsetNs + line.drift * (referenceNs - line.referenceNs)));
    this.#store.post({
      type: 'fit',
      fit: {
        clock: clock.id,
        kind: 'live',
        fromNs,
        toNs: null,
        referenceNs,
        offsetNs,
        drift: line.drift,
        uncertaintyNs: line.uncertaintyNs + FIT_STEP_NS,
      },
    });
  }

  async #end(): Promise<void> {
    if (this.#anchorTimer) clearInterval(this.#anchorTimer);
    await this.#store.close().catch((error: unknown) => this.#events.onTrouble(reportOf(error)));
  }
}
