/** Runs the sensors of a kit: one runner per source, one clock, one publisher. */

import { reportOf } from '../../electron/common/errors.ts';
import type { FoundDevice } from '../../electron/common/found.ts';
import type { PublisherMessage, SourceState } from '../../electron/common/ingest.ts';
import type { SensorSource, Source } from '../../electron/common/kit.ts';
import { isMediaSource, isTrial } from '../../electron/common/kit.ts';
import { describeDriver } from '../describe.ts';
import type { Link, Sample, Value } from '../driver.ts';
import { listDevices } from '../list.ts';
import { drivers, findRegistered, type Registered } from '../registry.ts';
import { EMULATOR_SCHEME, EmulatorStore } from '../transports/emulated.ts';
import { type HidBackend, nodeHid } from '../transports/hid.ts';
import { openSerial } from '../transports/serial.ts';
import type { SerialListing } from '../transports/serialList.ts';
import { Finder } from './finder.ts';
import { Inventory } from './inventory.ts';
import { HostLateness } from './lateness.ts';
import { listenTo } from './listen.ts';
import { holds, namesDevice } from './matching.ts';
import type { Log, PublisherPort } from './publisherPort.ts';
import { SourceRunner } from './sourceRunner.ts';

export interface DeviceHostOptions {
  publisher: PublisherPort;
  now: () => number;
  log: Log;
  hid?: HidBackend;
  emulators?: EmulatorStore;
  listSerial?: () => Promise<SerialListing>;
  find?: (id: string, place: string) => Registered;
  /** Maximum samples per second from one source before they are dropped and counted; default 50,000. */
  floodLimitHz?: number;
  /** Default 1000: polling more often costs more than it gains. */
  pollMs?: number;
  /** Receives the list of connected devices and, outside a session, samples, while someone is watching. */
  tell?: (message: Extract<PublisherMessage, { type: 'found' | 'previewRows' | 'heard' | 'drivers' }>) => void;
}

/** Samples wait at most this long, so that live batches stay below 100 ms. */
const FLUSH_MS = 50;
const TICKS_PER_CHECK = 5;
const FLOOD_LIMIT_HZ = 50_000;
/** Maximum samples per message of a stream. */
const PREVIEW_ROWS = 32;

export class DeviceHost {
  readonly #options: DeviceHostOptions;
  readonly #inventory: Inventory;
  readonly #emulators: EmulatorStore;
  readonly #taken = new Set<string>();
  /** Used by devices that are only being previewed: a source of the kit takes precedence. */
  readonly #takenOnTrial = new Set<string>();
  /** The most recent list of sources. */
  #wanted: readonly Source[] = [];
  #runners = new Map<string, { runner: SourceRunner; text: string }>();
  /** Changes of the kit are applied one at a time. */
  #change: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #ticks = 0;
  readonly #finder: Finder;
  #watching = false;
  #recording = false;
  readonly #lateness: HostLateness;
  #previews = new Map<string, (number | string | null)[][]>();

  constructor(options: DeviceHostOptions) {
    this.#options = options;
    const find = options.find ?? findRegistered;
    this.#lateness = new HostLateness(options.now);
    this.#emulators = options.emulators ?? new EmulatorStore((name) => find(name, 'match.path').emulator);
    this.#inventory = new Inventory({
      hid: options.hid ?? nodeHid,
      log: options.log,
      ...(options.listSerial ? { listSerial: options.listSerial } : {}),
      ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
    });
    this.#finder = new Finder({
      list: () => listDevices(options.hid ?? nodeHid, options.listSerial),
      sourceAt: (path) =>
        [...this.#runners.keys()].find((id) => !isTrial(id) && this.#runners.get(id)?.runner.openPath === path) ?? null,
      tell: (devices: FoundDevice[]) => options.tell?.({ type: 'found', devices }),
      log: options.log,
    });
  }

  get states(): SourceState[] {
    return [...this.#runners.values()].map(({ runner }) => runner.state);
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), FLUSH_MS);
  }

  /**
   * The complete list of the kit's sources; unchanged ones keep running. Bluetooth and media belong to the capture
   * window.
   */
  setSources(sources: readonly Source[]): Promise<void> {
    this.#wanted = sources;
    this.#change = this.#change.then(() => this.#apply(sources));
    return this.#change;
  }

  /** Identifies what a port prints; if a preview or source has the port open, it releases it meanwhile. */
  listen(path: string): Promise<void> {
    const { now, tell } = this.#options;
    const answer = async (): Promise<void> => {
      const users = [...this.#runners].filter(
        ([, { runner }]) => runner.openPath === path || runner.source.match.path === path,
      );
      for (const [id] of users) this.#runners.delete(id);
      await Promise.all(users.map(([, { runner }]) => runner.stop()));
      try {
        const open = (baudRate: number) => this.#openPort(path, baudRate);
        tell?.({ type: 'heard', path, heard: await listenTo({ path, drivers, now, open }), error: null });
      } catch (error) {
        tell?.({ type: 'heard', path, heard: null, error: reportOf(error) });
      }
      await this.#apply(this.#wanted);
    };
    this.#change = this.#change.then(answer);
    return this.#change;
  }

  /** Someone is watching previews. */
  setWatching(watching: boolean): void {
    this.#watching = watching;
    this.#look();
  }

  /** The session began, paused, resumed or ended, or the paused sources changed. @param recording a session exists */
  sessionChanged(recording = false): void {
    this.#recording = recording;
    this.#look();
    for (const { runner } of this.#runners.values())
      runner.setLive(this.#options.publisher.mayPublish(runner.source.id));
  }

  /** The engine has (re)connected and knows no state yet. */
  restate(): void {
    this.#finder.restate();
    this.#options.tell?.({ type: 'drivers', drivers: drivers.map(describeDriver) });
    for (const { runner } of this.#runners.values()) runner.restate();
  }

  async stop(): Promise<void> {
    this.#finder.setLooking(false);
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    await this.setSources([]);
    this.#lateness.close();
  }

  async #apply(sources: readonly Source[]): Promise<void> {
    const wanted = new Map<string, { source: SensorSource; text: string; index: number }>();
    sources.forEach((source, index) => {
      if (!isMediaSource(source) && source.kind !== 'ble')
        wanted.set(source.id, { source, text: JSON.stringify(source), index });
    });
    const leaving = [...this.#runners].filter(([id, { text }]) => wanted.get(id)?.text !== text);
    for (const [id] of leaving) this.#runners.delete(id);
    await Promise.all(leaving.map(([, { runner }]) => runner.stop()));
    for (const [id] of leaving) if (!wanted.has(id)) this.#options.publisher.withdraw?.(id);
    const { publisher, now, log, find, floodLimitHz } = this.#options;
    const named = [...wanted.values()]
      .map(({ source }) => source)
      .filter((source) => !isTrial(source.id) && namesDevice(source.match));
    for (const [id, { source, text, index }] of wanted) {
      if (this.#runners.has(id)) continue;
      const runner = new SourceRunner(source, {
        publisher,
        inventory: this.#inventory,
        transports: {
          hid: this.#options.hid ?? nodeHid,
          emulators: this.#emulators,
          now,
          log: (message) => log('debug', message, { source: id }),
        },
        now,
        log,
        lateness: this.#lateness,
        place: `sources[${index}]`,
        taken: isTrial(id) ? this.#takenOnTrial : this.#taken,
        ...(isTrial(id) ? {} : { beforeOpen: (path: string) => this.#endTrialOf(path) }),
        reserved: (device, by) =>
          named.some((other) => other.id !== by.id && other.kind === device.kind && holds(other.match, device)),
        floodLimitHz: floodLimitHz ?? FLOOD_LIMIT_HZ,
        preview: () => (this.#watching && !this.#recording ? this.#preview : null),
        ...(find ? { find } : {}),
      });
      this.#runners.set(id, { runner, text });
      runner.setLive(publisher.mayPublish(id));
      runner.start();
    }
  }

  #openPort(path: string, baudRate: number): Promise<Link> {
    const { now } = this.#options;
    return path.startsWith(EMULATOR_SCHEME) ? this.#emulators.open(path, {}, now) : openSerial({ path, baudRate, now });
  }

  async #endTrialOf(path: string): Promise<void> {
    const trials = [...this.#runners].filter(([id, { runner }]) => isTrial(id) && runner.openPath === path);
    for (const [id] of trials) this.#runners.delete(id);
    await Promise.all(trials.map(([, { runner }]) => runner.stop()));
  }

  /** Sends everything collected, before a session stops or pauses. */
  flush(): void {
    for (const { runner } of this.#runners.values()) runner.flush();
  }

  readonly #preview = (stream: string, { arrivedNs, values }: Sample): void => {
    const rows = this.#previews.get(stream) ?? [];
    this.#previews.set(stream, rows);
    if (rows.length < PREVIEW_ROWS) rows.push([arrivedNs, ...values.map(plain)]);
  };

  #look(): void {
    this.#finder.setLooking(this.#watching && !this.#recording && this.#options.tell !== undefined);
  }

  #tick(): void {
    this.#ticks += 1;
    const check = this.#ticks % TICKS_PER_CHECK === 0;
    if (this.#recording) this.#lateness.look(this.#options.now());
    for (const { runner } of this.#runners.values()) {
      runner.flush();
      if (check) runner.tick();
    }
    if (check) this.#tellPreviews();
  }

  #tellPreviews(): void {
    for (const [stream, rows] of this.#previews) this.#options.tell?.({ type: 'previewRows', stream, rows });
    this.#previews.clear();
  }
}

/** JSON has neither NaN nor booleans among numbers. */
const plain = (value: Value): number | string | null =>
  typeof value === 'boolean' ? Number(value) : typeof value === 'number' && !Number.isFinite(value) ? null : value;
