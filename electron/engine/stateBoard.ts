/** Gathers all that people see into one state, and pushes it when it changes and at least once a second. */
import type { ApplianceState } from '../common/door.ts';
import type { ErrorReport } from '../common/errors.ts';
import type { EngineClock } from './clock/engineClock.ts';
import { freeBytes } from './dataFolder.ts';
import type { LiveRoom } from './livekit/liveRoom.ts';
import type { ActiveSession } from './session/activeSession.ts';
import type { Recorder } from './session/recorder.ts';
import type { Sealer } from './session/sealer.ts';
import type { SourceBoard } from './sources/sourceBoard.ts';
import { VERSION } from './version.ts';

const PUSH_EVERY_MS = 1000;
/** Changes within this time make one push. */
const GATHER_MS = 100;
const DISK_EVERY_MS = 5000;
/** Under this many minutes of recording left, people are warned. */
const LOW_DISK_MINUTES = 45;
const FIRM_DISK_MINUTES = 10;

export interface StateBoardOptions {
  dataFolder: string;
  clock: EngineClock;
  board: SourceBoard;
  recorder: Recorder;
  sealer: Sealer;
  live: LiveRoom;
  push: (state: ApplianceState) => void;
}

type Notice = ApplianceState['notices'][number];

export class StateBoard {
  readonly #options: StateBoardOptions;
  #timer: NodeJS.Timeout | null = null;
  #soon: NodeJS.Timeout | null = null;
  #disk = { atMs: Number.NEGATIVE_INFINITY, freeBytes: null as number | null };
  #written = { atMs: 0, bytes: 0, perSecond: 0 };

  constructor(options: StateBoardOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#push(), PUSH_EVERY_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    if (this.#soon) clearTimeout(this.#soon);
  }

  changed(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = null;
      this.#push();
    }, GATHER_MS);
  }

  get(): ApplianceState {
    const { board, recorder, sealer, live, dataFolder } = this.#options;
    const session = recorder.session;
    const disk = this.#diskState(session);
    const sources = board.health(session?.counters ?? new Map(), performance.now());
    return {
      version: VERSION,
      dataFolder,
      disk,
      kit: recorder.kit
        ? {
            name: recorder.kit.kit.name,
            study: recorder.kit.kit.study,
            path: recorder.kit.path,
            revision: recorder.kitRevision,
          }
        : null,
      session: session ? sessionState(session) : null,
      sealing: sealer.active,
      sources,
      found: recorder.foundDevices,
      publishers: ['capture', 'device-host'].map((name) => ({
        name,
        connected: [...recorder.connections].some((connection) => connection.publisher === name),
      })),
      clocks: [...recorder.connections].map((connection) => this.#clockState(connection)),
      live: live.state,
      notices: [...this.#notices(disk.minutesLeft), ...sealer.notices],
    };
  }

  #push(): void {
    this.#options.push(this.get());
  }

  #clockState({
    publisher,
    clock,
  }: {
    publisher: string;
    clock: {
      line: { drift: number; uncertaintyNs: number } | null;
      roundTripNs: number | null;
      probes: number;
      toEngine(ns: number): bigint | null;
    };
  }): ApplianceState['clocks'][number] {
    const offset = clock.toEngine(0);
    return {
      publisher,
      offsetNs: offset === null ? null : String(offset),
      driftPpm: clock.line ? clock.line.drift * 1e6 : null,
      uncertaintyNs: clock.line?.uncertaintyNs ?? null,
      roundTripNs: clock.roundTripNs,
      probes: clock.probes,
    };
  }

  #diskState(session: ActiveSession | null): ApplianceState['disk'] {
    const nowMs = performance.now();
    if (nowMs - this.#disk.atMs > DISK_EVERY_MS)
      this.#disk = { atMs: nowMs, freeBytes: freeBytes(this.#options.dataFolder) };
    const bytes = session?.bytes ?? 0;
    const seconds = (nowMs - this.#written.atMs) / 1000;
    if (bytes < this.#written.bytes || !session) this.#written = { atMs: nowMs, bytes, perSecond: 0 };
    else if (seconds > 2) this.#written = { atMs: nowMs, bytes, perSecond: (bytes - this.#written.bytes) / seconds };
    const { perSecond } = this.#written;
    const free = this.#disk.freeBytes;
    return {
      freeBytes: free,
      bytesPerSecond: perSecond,
      minutesLeft: free !== null && perSecond > 0 ? free / perSecond / 60 : null,
    };
  }

  #notices(minutesLeft: number | null): Notice[] {
    const notices: Notice[] = [];
    const { trouble, session } = this.#options.recorder;
    if (session && trouble) notices.push(noticeOf('error', trouble));
    if (minutesLeft !== null && minutesLeft < LOW_DISK_MINUTES) {
      const level = minutesLeft < FIRM_DISK_MINUTES ? 'error' : 'warn';
      notices.push({
        level,
        code: 'data.low',
        message: `The disk holds ${Math.floor(minutesLeft)} more minutes of this recording.`,
        nextStep: 'Free some space, or choose a data folder on another disk for the next session.',
      });
    }
    return notices;
  }
}

const noticeOf = (level: Notice['level'], { code, message, nextStep }: ErrorReport): Notice => ({
  level,
  code,
  message,
  nextStep: nextStep ?? '',
});

export function sessionState(session: ActiveSession): NonNullable<ApplianceState['session']> {
  const { id, study, name, zeroWallNs } = session.meta;
  return {
    id,
    study,
    name,
    folder: session.folder,
    state: session.state,
    startedAtMs: Number(zeroWallNs / 1_000_000n),
    elapsedNs: String(session.sessionNow()),
    bytes: session.bytes,
  };
}
