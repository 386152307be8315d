/**
 * Everything that captures: the publisher to the door, the worker, and the sources named by the engine. The app's
 * window and a joiner's page both use it; their differences are in their entry files.
 *
 *   door ── sources, session ──▶ SourceRunner (one a source) ── frames ──▶ worker ── packets ──▶ Publisher ──▶ door
 */
import type { EngineMessage, IngestSession } from '../../electron/common/ingest.ts';
import { isMediaSource, isTrial, type MediaSource, type Source } from '../../electron/common/kit.ts';
import { Publisher, type Socket } from '../../electron/common/publisher/publisher.ts';
import { StallMonitor } from '../../electron/common/stallMonitor.ts';
import { toBase64 } from '../components/base64.ts';
import type { BluetoothBackend } from './bluetooth/backend.ts';
import { BluetoothSources } from './bluetooth/bluetoothSources.ts';
import { CaptureWorker } from './captureWorker.ts';
import { DeviceRegistry } from './deviceRegistry.ts';
import { FoundReporter } from './foundReporter.ts';
import type { ChooseScreen } from './openMedia.ts';
import { SourceRunner } from './sourceRunner.ts';
import type { FromWorker } from './workerMessages.ts';

export interface CaptureOptions {
  /** Opens a socket to `/v1/ingest`. */
  connect: () => Socket;
  chooseScreen: ChooseScreen;
  /** Clock offset per microphone, for the sync bench. */
  microphoneDriftPpm?: Readonly<Record<string, number>>;
  /** Names of this computer's screens; absent if the page may not capture them. */
  screenNames?: () => Promise<string[]>;
  /** Bluetooth heart straps; absent if the page may not use Bluetooth. */
  bluetooth?: BluetoothBackend;
}

/** This window's monotonic clock: it stamps data and answers probes. */
export const nowNs = (): number => Math.round(performance.now() * 1e6);
/** Steps of `performance.now()`: 5 µs in a cross-origin isolated page, else 100 µs (W3C High Resolution Time, section 7.1). */
const clockResolutionNs = (): number => (globalThis.crossOriginIsolated ? 5_000 : 100_000);

/**
 * How often the frames read are compared with the browser's count; a loss in the last moments of a session may go
 * unreported for this long.
 */
const COUNT_EVERY_MS = 250;

/** A window that opens cameras and starts encoders is busy for a second or two. */
const FROZEN_MS = 3000;

export class CaptureRoom {
  readonly #publisher: Publisher;
  readonly #worker: CaptureWorker;
  readonly #devices = new DeviceRegistry();
  readonly #runners = new Map<string, SourceRunner>();
  readonly #chooseScreen: ChooseScreen;
  readonly #microphoneDriftPpm: Readonly<Record<string, number>>;
  readonly #bluetooth: BluetoothSources | null;
  /** The sources that the engine named last. */
  #known: ReadonlySet<string> = new Set();
  #generation = 0;
  /** Data is shown live while it is not recorded. */
  #live = false;
  #session: IngestSession | null = null;
  /** Sources that the engine reports as paused, in a session or not. */
  #pauses: readonly string[] = [];
  readonly #finder: FoundReporter;

  constructor(options: CaptureOptions) {
    this.#chooseScreen = options.chooseScreen;
    this.#microphoneDriftPpm = options.microphoneDriftPpm ?? {};
    this.#publisher = new Publisher({
      connect: options.connect,
      epoch: crypto.randomUUID(),
      now: nowNs,
      clockResolutionNs: clockResolutionNs(),
      onMessage: (message) => this.#onEngine(message),
      onSession: (session) => this.#onSession(session),
      onConnection: (connected) => {
        if (!connected) return;
        this.#finder.restate();
        for (const runner of this.#runners.values()) runner.report();
        this.#bluetooth?.report();
      },
    });
    this.#finder = new FoundReporter({
      devices: this.#devices,
      screenNames: options.screenNames ?? (() => Promise.resolve([])),
      screenSources: () =>
        [...this.#runners.values()]
          .map(({ source }) => source)
          .filter(({ id, kind }) => kind === 'screen' && !isTrial(id)),
      tell: (devices) => this.#publisher.send({ type: 'found', devices }),
    });
    this.#worker = new CaptureWorker(
      (message) => this.#onWorker(message),
      (reason) => this.#workerDied(reason),
    );
    this.#bluetooth = options.bluetooth
      ? new BluetoothSources(options.bluetooth, { publisher: this.#publisher, nowNs })
      : null;
  }

  open(): void {
    new StallMonitor({
      now: nowNs,
      leastMs: FROZEN_MS,
      onStill: (still) => {
        const seconds = ((still.toNs - still.fromNs) / 1e9).toFixed(1);
        this.#publisher.stoodStill(still, `The capture window stood still for ${seconds} s.`);
      },
    }).start();
    setInterval(() => {
      for (const runner of this.#runners.values()) runner.count();
    }, COUNT_EVERY_MS);
    this.#devices.watch(() => {
      for (const runner of this.#runners.values()) runner.devicesChanged();
      void this.#finder.look();
    });
    this.#publisher.open();
  }

  #onEngine(message: EngineMessage): void {
    switch (message.type) {
      case 'welcome':
        void this.#setSources(message.sources);
        this.#setLive(message.live);
        break;
      case 'sources':
        void this.#setSources(message.sources);
        break;
      case 'live':
        this.#setLive(message.live);
        break;
      case 'pauses':
        this.#setPauses(Object.keys(message.sources));
        break;
      case 'keyFrame':
        this.#worker.post({ type: 'keyFrame', source: message.stream });
        break;
      case 'preview':
        this.#worker.post({ type: 'preview', watching: message.watching });
        this.#finder.setWatching(message.watching);
        break;
    }
  }

  async #setSources(all: readonly Source[]): Promise<void> {
    this.#bluetooth?.setSources(all, this.#pausedSources());
    const sources = all.filter(isMediaSource);
    const fresh: SourceRunner[] = [];
    for (const [id, runner] of this.#runners) {
      if (sources.some((source) => source.id === id && sameDevice(source, runner.source))) continue;
      runner.stop();
      this.#runners.delete(id);
    }
    for (const id of this.#known) if (!all.some((source) => source.id === id)) this.#publisher.withdraw(id);
    this.#known = new Set(all.map(({ id }) => id));
    for (const source of sources) {
      const there = this.#runners.get(source.id);
      if (there) {
        there.rename(source);
        continue;
      }
      const runner = new SourceRunner(source, {
        publisher: this.#publisher,
        worker: this.#worker,
        devices: this.#devices,
        chooseScreen: this.#chooseScreen,
        microphoneDriftPpm: this.#microphoneDriftPpm,
        nowNs,
      });
      runner.setPaused(this.#pausedSources().includes(source.id));
      this.#runners.set(source.id, runner);
      fresh.push(runner);
    }
    if (fresh.length === 0) return;
    await this.#devices.refresh();
    // Two answers from the engine may overlap: open only what is still wanted.
    for (const runner of fresh) if (this.#runners.get(runner.source.id) === runner) runner.start();
  }

  #pausedSources(): readonly string[] {
    return [...new Set([...(this.#session?.pausedSources ?? []), ...this.#pauses])];
  }

  /** Also outside a session: no picture, level or live data of it leaves the worker. */
  #setPauses(sources: readonly string[]): void {
    this.#pauses = sources;
    this.#onSession(this.#session);
  }

  #onSession(session: IngestSession | null): void {
    const before = this.#session;
    this.#session = session;
    const recording = session?.state === 'recording';
    const begins = recording && (before?.id !== session.id || before.state !== 'recording');
    if (begins) this.#generation += 1;
    const paused = [...this.#pausedSources()];
    this.#postPublish();
    this.#bluetooth?.sessionChanged(begins, paused);
    for (const [id, runner] of this.#runners) {
      runner.setPaused(paused.includes(id));
      if (begins) runner.sessionBegins();
    }
  }

  #setLive(live: boolean): void {
    this.#live = live;
    this.#postPublish();
  }

  /** Tells the worker what it may send. While a session pauses or ends, nothing is shown live either. */
  #postPublish(): void {
    const recording = this.#session?.state === 'recording';
    this.#worker.post({
      type: 'publish',
      generation: this.#generation,
      recording,
      live: this.#live && this.#session === null,
      paused: [...this.#pausedSources()],
    });
  }

  #onWorker(message: FromWorker): void {
    const runner = this.#runners.get(message.source);
    if (!runner) return;
    switch (message.type) {
      case 'packet':
        if (message.liveOnly) runner.showLive(message.packet, message.instance);
        // Packets encoded for the previous session may still be in transit.
        else if (message.generation === this.#generation) runner.packet(message.packet, message.instance);
        return;
      case 'preview':
        this.#publisher.send({
          type: 'previewFrame',
          source: message.source,
          jpeg: toBase64(message.jpeg),
          width: message.width,
          height: message.height,
          brightness: message.brightness,
        });
        return;
      case 'level':
        this.#publisher.send({ type: 'level', source: message.source, peak: message.peak });
        return;
      case 'note':
        this.#publisher.event(message.level, message.code, message.message);
        return;
      case 'stats':
        runner.stats(message);
        return;
      default:
        runner.onWorker(message);
    }
  }

  #workerDied(reason: string): void {
    this.#publisher.event(
      'error',
      'capture.worker-failed',
      `The encoding part failed and was started again: ${reason}`,
    );
    for (const runner of this.#runners.values()) runner.workerLost();
  }
}

/** True if nothing changed that would require reopening the device. */
function sameDevice(a: MediaSource, b: MediaSource): boolean {
  const key = ({ kind, driver, match, settings }: MediaSource): string =>
    JSON.stringify([kind, driver, match, settings]);
  return key(a) === key(b);
}
