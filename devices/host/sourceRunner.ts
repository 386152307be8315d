/**
 * One source of the kit, from finding the device to samples, repeatedly until it is stopped.
 *
 *   searching ─▶ opening ─▶ streaming ⇄ silent
 *    │   ▲ choosing           │
 *    │   └─────── error ◀─────┘   back-off 0.2 to 5 s, never given up
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fieldroomError, reportOf } from '../../electron/common/errors.ts';
import type { SourceState } from '../../electron/common/ingest.ts';
import type { SensorSource } from '../../electron/common/kit.ts';
import type { DeviceInfo, DriverContext, DriverStream, Sample, StreamSink } from '../driver.ts';
import { findRegistered, type Registered } from '../registry.ts';
import { isSimulatedPath } from '../transports/emulated.ts';
import { NO_DELAY, type SystemDelay } from '../transports/kernelWorkers.ts';
import { fixedTarget, openLink, type Target, type Transports } from '../transports/open.ts';
import type { WireLink } from '../transports/wireLink.ts';
import { Arrivals } from './arrivals.ts';
import { Cadence } from './cadence.ts';
import { endOf, watched } from './driverRun.ts';
import { findTarget, isListed } from './findTarget.ts';
import type { Inventory } from './inventory.ts';
import type { Log, PublisherPort } from './publisherPort.ts';
import { StateReporter, type StateWords } from './stateReporter.ts';
import { StreamOut, type StreamOwner } from './streamOut.ts';

export interface RunnerDeps {
  publisher: PublisherPort;
  inventory: Inventory;
  transports: Transports;
  now: () => number;
  log: Log;
  /** How much earlier the data just read may have arrived; absent: unknown. */
  lateness?: LinkLateness;
  /** The source's path in the kit, for messages: `sources[3]`. */
  place: string;
  /** Paths that are open, over all runners. */
  taken: Set<string>;
  /** Makes a preview release the device. */
  beforeOpen?: (path: string) => Promise<void>;
  /** True for a device that another source names. */
  reserved: (device: DeviceInfo, by: SensorSource) => boolean;
  /** Maximum samples per second from one source. */
  floodLimitHz: number;
  /** Shown to people outside a session; null: nobody is watching. */
  preview?: () => ((stream: string, sample: Sample) => void) | null;
  find?: (id: string, place: string) => Registered;
}

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 5_000;
/** A missing device is polled more often, so that a replugged one is back immediately. */
const ABSENT_RETRY_MS = 1_000;
const DEFAULT_SILENT_MS = 5_000;
/** A driver that does not end after its link is gone is abandoned after this time. */
const END_MS = 2_000;
const FLOOD_WINDOW_NS = 100_000_000;

/** What the host knows about its own delays. All in nanoseconds. */
export interface LinkLateness {
  ofRead(kind: SensorSource['kind'], nowNs: number): number;
  /** Of the system's workers in the last moments. */
  systemDelay(kind: SensorSource['kind']): SystemDelay;
}

export class SourceRunner implements StreamOwner {
  readonly source: SensorSource;
  readonly #deps: RunnerDeps;
  readonly #streams = new Map<string, StreamOut>();
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();
  readonly #teller: StateReporter;
  #target: Target | null = null;
  #linkFacts: Record<string, unknown> = {};
  #silentAfterNs = 0;
  #cadence = new Cadence(0);
  #lastBytesNs = 0;
  #lastSampleNs = 0;
  #openedNs = 0;
  #trouble = false;
  #retryMs = FIRST_RETRY_MS;
  readonly #arrivals = new Arrivals();
  #windowNs = 0;
  #inWindow = 0;
  live = false;
  liveSinceNs = 0;

  constructor(source: SensorSource, deps: RunnerDeps) {
    this.source = source;
    this.#deps = deps;
    this.#teller = new StateReporter(source.id, deps.publisher);
  }

  get publisher(): PublisherPort {
    return this.#deps.publisher;
  }

  get state(): SourceState {
    return this.#teller.state;
  }

  get preview(): ((stream: string, sample: Sample) => void) | null {
    return this.#deps.preview?.() ?? null;
  }

  /** Path of the open device. */
  get openPath(): string | null {
    return this.#openedNs === 0 ? null : (this.#target?.path ?? null);
  }

  now(): number {
    return this.#deps.now();
  }

  start(): void {
    this.#done = this.#loop();
  }

  /** Closes the device; data already received is passed on. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    this.flush(true);
  }

  /** The session began, paused, resumed or ended. */
  setLive(live: boolean): void {
    if (live === this.live) return;
    // Data that arrived before the change belongs to the previous state.
    this.flush(true);
    this.live = live;
    if (!live) return;
    this.liveSinceNs = this.now();
    for (const stream of this.#streams.values()) stream.gaps.restate(this.liveSinceNs);
  }

  flush(all = false): void {
    const nowNs = this.now();
    for (const stream of this.#streams.values()) stream.flush(nowNs, all);
  }

  /** Called several times a second: checks whether data still arrives. */
  tick(): void {
    if (this.#silentAfterNs === Number.POSITIVE_INFINITY || this.#openedNs === 0) return;
    const nowNs = this.now();
    const silenceNs = nowNs - Math.max(this.#lastSampleNs, this.#openedNs);
    if (silenceNs >= this.#cadence.gapAfterNs)
      for (const stream of this.#streams.values())
        if (!stream.aside)
          stream.begin('silent', 'The device is connected and sends nothing that can be read', this.#openedNs);
    const shownAfterNs = this.#cadence.shownAfterNs;
    if (silenceNs < shownAfterNs || this.#trouble) return;
    const seconds = Math.round(shownAfterNs / 1e9);
    if (nowNs - Math.max(this.#lastBytesNs, this.#openedNs) < shownAfterNs && this.#lastBytesNs > 0) {
      this.#tell('error', {
        code: 'device.garbage',
        message: `${this.#target?.path ?? 'The device'} sends data, but none of it can be read.`,
        nextStep: 'Check the driver and the baud rate in the kit: this may be another device.',
      });
    } else {
      this.#tell('silent', {
        code: 'device.silent',
        message: `Nothing has arrived from ${this.#target?.path ?? 'the device'} for ${seconds} s.`,
        nextStep: 'Check that the device is switched on, worn or in range.',
      });
    }
  }

  /** Reports the state to an engine that has just connected. */
  restate(): void {
    this.#teller.restate();
  }

  admit(arrivedNs: number): boolean {
    if (arrivedNs - this.#windowNs > FLOOD_WINDOW_NS) {
      this.#windowNs = arrivedNs;
      this.#inWindow = 0;
    }
    this.#inWindow += 1;
    if (this.#inWindow > this.#deps.floodLimitHz * (FLOOD_WINDOW_NS / 1e9)) return false;
    this.#lastSampleNs = arrivedNs;
    this.#cadence.heard(arrivedNs);
    if (this.#teller.state.state !== 'streaming') this.#streaming();
    return true;
  }

  facts(): Record<string, unknown> {
    return this.#linkFacts;
  }

  earlyUs(arrivedNs: number): number {
    return this.#arrivals.earlyUs(arrivedNs);
  }

  get systemDelay(): SystemDelay {
    return this.#deps.lateness?.systemDelay(this.source.kind) ?? NO_DELAY;
  }

  simulated(): boolean {
    return this.#target !== null && isSimulatedPath(this.#target.path);
  }

  async #loop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#once();
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        this.#fail(error);
      }
      if (this.#stop.signal.aborted) break;
      await sleep(this.#retryMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      this.#retryMs = Math.min(
        this.#retryMs * 2,
        this.#teller.state.state === 'searching' ? ABSENT_RETRY_MS : LAST_RETRY_MS,
      );
    }
  }

  async #once(): Promise<void> {
    const { driver } = (this.#deps.find ?? findRegistered)(this.source.driver, this.#deps.place);
    if (!driver.kinds.includes(this.source.kind)) {
      throw fieldroomError('device.wrong-kind', {
        place: this.#deps.place,
        id: driver.id,
        detail: driver.kinds.join(', '),
        kind: this.source.kind,
      });
    }
    const parsed = driver.settings.safeParse(this.source.settings);
    if (!parsed.success) {
      const faults = parsed.error.issues.map(
        (issue) => `${[this.#deps.place, 'settings', ...issue.path].join('.')}: ${issue.message}`,
      );
      throw fieldroomError('device.bad-settings', { detail: faults.join('; ') });
    }
    const { inventory, taken, reserved } = this.#deps;
    const search = {
      source: this.source,
      driver,
      inventory,
      taken,
      reserved,
      tell: (state: SourceState['state'], words: Partial<StateWords>) => this.#tell(state, words),
      signal: this.#stop.signal,
    };
    const fixed = fixedTarget(this.source);
    const target = fixed && !(await isListed(fixed.path, search)) ? fixed : await findTarget(search);
    if (taken.has(target.path) && this.source.kind !== 'mqtt' && this.source.kind !== 'tcp') {
      throw fieldroomError('device.port-busy:kit', { path: target.path });
    }
    taken.add(target.path);
    this.#target = target;
    try {
      await this.#deps.beforeOpen?.(target.path);
      // After a failure the error stays visible until the link is actually open.
      if (this.#teller.state.code === '') this.#tell('opening');
      const link = await openLink(this.source, driver, parsed.data, target, this.#deps.transports);
      this.#tell('opening');
      await this.#drive(driver, parsed.data, target, link);
    } finally {
      this.#openedNs = 0;
      taken.delete(target.path);
    }
  }

  async #drive(driver: Registered['driver'], settings: unknown, target: Target, link: WireLink): Promise<void> {
    const attempt = new AbortController();
    const end = (): void => attempt.abort();
    this.#stop.signal.addEventListener('abort', end, { once: true });
    this.#linkFacts = { ...(target.device ? { device: { ...target.device } } : { path: target.path }) };
    const silentAfterNs = (driver.silentAfterMs ?? DEFAULT_SILENT_MS) * 1e6;
    // Settings learned from the device apply when its port is reopened.
    if (this.#silentAfterNs === silentAfterNs) this.#cadence.opened();
    else this.#cadence = new Cadence(silentAfterNs, nominalRateOf(settings));
    this.#silentAfterNs = silentAfterNs;
    this.#openedNs = this.now();
    this.#lastBytesNs = 0;
    this.#trouble = false;
    link.onOverrun = (bytes) => {
      for (const stream of this.#streams.values()) stream.gap('flood', null, `${bytes} bytes were not read`);
    };
    const context: DriverContext<unknown> = {
      source: this.source,
      settings,
      link: watched(link, (arrivedNs, kept) => this.#arrived(arrivedNs, kept)),
      device: target.device,
      now: this.#deps.now,
      stream: (declaration) => this.#stream(declaration),
      trouble: (code, message, nextStep) => {
        this.#trouble = true;
        this.#tell('error', { code, message, nextStep });
      },
      clear: () => {
        if (this.#trouble) this.#streaming();
      },
      log: (level, message) => this.#deps.log(level, message, { source: this.source.id }),
      signal: attempt.signal,
      sleep: (ms) => sleep(ms, undefined, { signal: attempt.signal }),
    };
    const run = (async () => driver.run(context))();
    run.catch(() => undefined);
    const gone = link.closed.then((error) => {
      attempt.abort();
      return error;
    });
    try {
      const stopped = new Promise<void>((resolve) =>
        attempt.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      await Promise.race([run, stopped]);
      await link.close().catch(() => undefined);
      if (!(await endOf(run, this.#stop.signal.aborted ? END_MS / 4 : END_MS)))
        this.#deps.log('warn', `the driver "${driver.id}" did not end with its link`, { source: this.source.id });
      const error = await gone;
      if (error) throw error;
      if (!this.#stop.signal.aborted) throw fieldroomError('device.ended', { id: driver.id });
    } finally {
      attempt.abort();
      this.#stop.signal.removeEventListener('abort', end);
      await link.close().catch(() => undefined);
      this.flush(true);
      if (!this.#stop.signal.aborted)
        for (const stream of this.#streams.values())
          if (stream.lastNs !== null && !stream.aside) stream.begin('device-lost', `${target.path} is gone`);
    }
  }

  /** @param kept the bytes waited for the driver, so the host's current delays do not apply to them */
  #arrived(arrivedNs: number, kept: boolean): void {
    this.#lastBytesNs = arrivedNs;
    const { lateness, now } = this.#deps;
    const lateNs = lateness?.ofRead(this.source.kind, now()) ?? Number.NaN;
    this.#arrivals.add(arrivedNs, kept ? Number.NaN : lateNs);
  }

  #stream(declaration: DriverStream): StreamSink {
    // A source that is normally silent counts as working as soon as it is open.
    if (this.#silentAfterNs === Number.POSITIVE_INFINITY && !this.#trouble) this.#streaming();
    for (let n = 1; ; n += 1) {
      const suffix = n === 1 ? declaration.suffix : [declaration.suffix, `layout-${n}`].filter(Boolean).join('-');
      const known = this.#streams.get(suffix);
      if (!known) {
        const stream = new StreamOut(this, n === 1 ? declaration : asFurther(declaration, suffix));
        this.#streams.set(suffix, stream);
        return stream;
      }
      // A stream keeps its columns: different ones become another stream, with the reason in its facts.
      if (!known.hasShapeOf(declaration)) continue;
      known.redeclare(n === 1 ? declaration : asFurther(declaration, suffix));
      if (this.#silentAfterNs === Number.POSITIVE_INFINITY) known.gaps.close(this.now());
      return known;
    }
  }

  #streaming(): void {
    this.#trouble = false;
    this.#retryMs = FIRST_RETRY_MS;
    this.#tell('streaming');
  }

  #fail(error: unknown): void {
    const { code, message, nextStep = '' } = reportOf(error);
    const waiting = code === 'device.not-found' || code === 'device.lost';
    this.#deps.log(waiting ? 'info' : 'warn', message, { source: this.source.id, code });
    this.#tell(waiting ? 'searching' : 'error', { code, message, nextStep });
  }

  #tell(state: SourceState['state'], words: Partial<StateWords> = {}): void {
    this.#teller.tell(state, this.#target, words);
  }
}

/** A kit may specify how often a sensor delivers. */
function nominalRateOf(settings: unknown): number | undefined {
  const rate = (settings as { nominalRateHz?: unknown } | null)?.nominalRateHz;
  return typeof rate === 'number' ? rate : undefined;
}

const asFurther = (declaration: DriverStream, suffix: string): DriverStream => ({
  ...declaration,
  suffix,
  facts: { reason: 'The device has other columns than before.', ...declaration.facts },
});
