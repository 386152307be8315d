/** Collects everything displayed into one state, and sends it when it changes and at least once per second. */
import type { ApplianceState } from '../common/applianceState.ts';
import type { ErrorReport } from '../common/errors.ts';
import type { EngineClock } from './clock/engineClock.ts';
import type { DiskMonitor } from './disk/diskMonitor.ts';
import type { LiveRoom } from './livekit/liveRoom.ts';
import { ProcessorMonitor } from './processorMonitor.ts';
import { keyOf } from './review/sessionEntry.ts';
import type { ActiveSession } from './session/activeSession.ts';
import type { Recorder } from './session/recorder.ts';
import type { Sealer } from './session/sealer.ts';
import type { SilentPublishers } from './session/silentPublishers.ts';
import { ownPublishers } from './sources/publisherKinds.ts';
import type { SourceRegistry } from './sources/sourceRegistry.ts';
import type { UploadService } from './upload/uploadService.ts';
import { VERSION } from './version.ts';

const PUSH_EVERY_MS = 1000;
/** Minimum time between updates: a single change is sent immediately, many are combined. */
const GATHER_MS = 50;

export interface StatePublisherOptions {
  dataFolder: string;
  clock: EngineClock;
  board: SourceRegistry;
  recorder: Recorder;
  disk: DiskMonitor;
  sealer: Sealer;
  silent: SilentPublishers;
  live: LiveRoom;
  uploads: UploadService;
  push: (state: ApplianceState) => void;
}

type Notice = ApplianceState['notices'][number];

export class StatePublisher {
  readonly #options: StatePublisherOptions;
  #timer: NodeJS.Timeout | null = null;
  #soon: NodeJS.Timeout | null = null;
  #pushedMs = 0;
  readonly #processor = new ProcessorMonitor();

  constructor(options: StatePublisherOptions) {
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
    const waitMs = this.#pushedMs + GATHER_MS - performance.now();
    this.#soon ??= setTimeout(
      () => {
        this.#soon = null;
        this.#push();
      },
      Math.max(0, waitMs),
    );
  }

  get(): ApplianceState {
    const { board, recorder, disk, sealer, silent, live, uploads, dataFolder } = this.#options;
    const session = recorder.session;
    const sources = board.health(session?.counters ?? new Map(), performance.now(), session?.state === 'recording');
    return {
      version: VERSION,
      dataFolder,
      disk: disk.state,
      processor: this.#processor.look(performance.now()),
      kit: recorder.kit
        ? {
            name: recorder.kit.kit.name,
            study: recorder.kit.kit.study,
            path: recorder.kit.path,
            revision: recorder.kitRevision,
          }
        : null,
      session: session ? sessionState(session, recorder.stopsInMs) : null,
      afterCrash: session ? recorder.crash : null,
      sealing: sealer.active,
      sources,
      found: recorder.foundDevices,
      trials: recorder.trials.health(),
      publishers: this.#publishers(),
      clocks: [...recorder.connections].map((connection) => this.#clockState(connection)),
      live: live.state,
      uploads: uploads.needs,
      notices: [...this.#notices(), ...disk.notices, ...sealer.notices, ...silent.notices, ...uploads.notices],
    };
  }

  /** The appliance's own publishers, even when disconnected, and all other connected ones. */
  #publishers(): ApplianceState['publishers'] {
    const here = new Set([...this.#options.recorder.connections].map(({ publisher }) => publisher));
    const names = new Set([...ownPublishers.map(({ name }) => name), ...here]);
    return [...names].map((name) => ({ name, connected: here.has(name) }));
  }

  #push(): void {
    this.#pushedMs = performance.now();
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

  #notices(): Notice[] {
    const { trouble, session, crash } = this.#options.recorder;
    if (!session) return [];
    return [
      ...(trouble ? [noticeOf('error', trouble)] : []),
      ...(crash ? [noticeOf('warn', resumedWords(crash.resumedAtMs))] : []),
    ];
  }
}

const resumedWords = (atMs: number): ErrorReport => ({
  code: 'session.resumed',
  message: `The recorder was restarted at ${new Date(atMs).toLocaleTimeString()} and continues this session.`,
  nextStep: 'Missing data is recorded as gaps. Press Stop if the lesson is over.',
});

const noticeOf = (level: Notice['level'], { code, message, nextStep }: ErrorReport): Notice => ({
  level,
  code,
  message,
  nextStep: nextStep ?? '',
});

/** @param stopsInMs when it is stopped automatically; null: never */
export function sessionState(
  session: ActiveSession,
  stopsInMs: number | null = null,
): NonNullable<ApplianceState['session']> {
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
    key: keyOf(session.folder),
    stopsInMs,
  };
}
