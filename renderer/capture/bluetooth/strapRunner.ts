/**
 * One Bluetooth source, from its entry in the kit to rows at the publisher, for as long as the kit names it.
 *
 *   searching ─▶ opening ─▶ streaming ⇄ silent ─▶ (lost) ─▶ back-off, connect again ─▶ ... ─▶ searching
 *        └▶ choosing (a person says which)
 */
import type { SourceState } from '../../../electron/common/ingest.ts';
import type { SensorSource } from '../../../electron/common/kit.ts';
import { parseHeartRateMeasurement } from '../../../electron/common/protocols/heartRateMeasurement.ts';
import type { Publisher } from '../../../electron/common/publisher/publisher.ts';
import type { BluetoothDevice, FoundDevice } from './backend.ts';
import { type BluetoothError, badKit, connectTrouble, lost, silent } from './bluetoothErrors.ts';
import { wrongMatch } from './strapChoice.ts';
import { connectStrap, type StrapConnection } from './strapConnection.ts';
import type { Seeker, StrapFinder } from './strapFinder.ts';
import { StrapStreams } from './strapStreams.ts';

export interface StrapContext {
  publisher: Pick<Publisher, 'declare' | 'report' | 'event'>;
  finder: StrapFinder;
  nowNs: () => number;
}

/** Straps notify once a second. */
export const SILENT_MS = 5_000;
/** A link that is silent for this long is closed and reconnected. */
export const DEAD_MS = 20_000;
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];
/** After this many failed attempts the system may have forgotten the device, so it is searched for again. */
const TRIES = 4;

export class StrapRunner implements Seeker {
  source: SensorSource;
  readonly #context: StrapContext;
  readonly #streams: StrapStreams;
  #device: { device: BluetoothDevice; info: FoundDevice } | null = null;
  #connection: StrapConnection | null = null;
  /** Increases with each connection, so that messages from an earlier one are ignored. */
  #life = 0;
  #tries = 0;
  /** This strap has sent a readable packet. */
  #hasSent = false;
  #facts: Record<string, unknown> = {};
  #state: SourceState;
  #paused = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #told = new Set<string>();

  constructor(source: SensorSource, context: StrapContext) {
    this.source = source;
    this.#context = context;
    this.#streams = new StrapStreams((stream) => context.publisher.declare(stream));
    this.#state = {
      source: source.id,
      state: 'searching',
      message: '',
      nextStep: '',
      code: '',
      device: '',
      candidates: [],
    };
    context.finder.know(this.wish);
  }

  get wish(): Seeker['wish'] {
    return { source: this.source.id, match: this.source.match };
  }

  start(): void {
    const { driver, settings, match } = this.source;
    const setting = Object.keys(settings)[0];
    const wrong = wrongMatch(match);
    if (driver !== 'ble-heart-rate')
      this.told(badKit('device.unknown-driver', `There is no Bluetooth driver "${driver}"; "ble-heart-rate" is one.`));
    else if (setting !== undefined)
      this.told(badKit('device.bad-settings', `settings.${setting}: the driver "${driver}" has no settings.`));
    else if (wrong !== null) this.told(badKit('device.bad-match', `match: ${wrong}; Bluetooth has none.`));
    else this.#seek();
  }

  stop(): void {
    this.#shut();
    this.#context.finder.forget(this.source.id);
  }

  /** Label, location or participant changed; the strap stays connected. */
  rename(source: SensorSource): void {
    this.source = source;
    if (this.#device) this.#streams.declare(source, this.#facts);
  }

  setPaused(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.report();
  }

  sessionBegins(): void {
    this.#streams.sessionBegins(this.#context.nowNs());
  }

  /** Reports its state, also after a reconnect to the engine. */
  report(): void {
    const paused = this.#paused && this.#state.state === 'streaming';
    this.#context.publisher.report(paused ? { ...this.#state, state: 'paused' } : this.#state);
  }

  told(trouble: BluetoothError, candidates: SourceState['candidates'] = []): void {
    this.#set({ ...trouble, candidates });
  }

  found(device: BluetoothDevice, info: FoundDevice): void {
    // The connected device's name is more complete than the advertised one.
    this.#device = { device, info: { id: info.id, name: device.name || info.name } };
    this.#facts = { device: { ...this.#device.info } };
    this.#hasSent = false;
    void this.#connect();
  }

  get #name(): string {
    const info = this.#device?.info;
    return info ? info.name || info.id : this.source.label || this.source.id;
  }

  #seek(): void {
    this.#device = null;
    this.#tries = 0;
    this.#context.finder.seek(this);
  }

  async #connect(): Promise<void> {
    const device = this.#device?.device;
    if (!device) return;
    this.#life += 1;
    const life = this.#life;
    if (this.#state.code === '' || this.#tries === 0)
      this.#set({ state: 'opening', code: '', message: '', nextStep: '', candidates: [] });
    this.#streams.declare(this.source, this.#facts);
    const gone = (): void => {
      device.removeEventListener('gattserverdisconnected', gone);
      if (life === this.#life && this.#connection) this.#lost(lost(this.#name));
    };
    try {
      const connection = await connectStrap(device, (packet) => {
        if (life === this.#life) this.#packet(packet);
      });
      if (life !== this.#life) return connection.close();
      this.#connection = connection;
      device.addEventListener('gattserverdisconnected', gone);
      if (device.gatt?.connected === false) return gone();
      this.#expectPacket();
      const facts = await connection.facts().catch(() => ({}));
      if (life !== this.#life) return;
      this.#facts = { ...this.#facts, ...facts };
      this.#streams.declare(this.source, this.#facts);
    } catch (error) {
      if (life === this.#life) this.#lost(connectTrouble(error, this.#name, this.#hasSent));
    }
  }

  #packet(data: DataView): void {
    const arrivedNs = this.#context.nowNs();
    const packet = parseHeartRateMeasurement(data);
    if (!packet) {
      this.#streams.refused(arrivedNs, data.byteLength);
      return;
    }
    this.#tries = 0;
    this.#hasSent = true;
    this.#streams.packet(packet, arrivedNs);
    this.#set({ state: 'streaming', code: '', message: '', nextStep: '', candidates: [] });
    this.#expectPacket();
  }

  #expectPacket(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      this.#streams.interrupted('silent', this.#context.nowNs());
      this.told(silent(this.#name, SILENT_MS / 1000));
      this.#silenceTimer = setTimeout(() => this.#lost(silent(this.#name, DEAD_MS / 1000)), DEAD_MS - SILENT_MS);
    }, SILENT_MS);
  }

  /** Never gives up: first the same device object, which needs no user gesture, then a new search. */
  #lost(trouble: BluetoothError): void {
    this.#shut();
    this.#streams.interrupted('device-lost', this.#context.nowNs());
    this.told(trouble);
    this.#tries += 1;
    const waitMs = RETRY_MS[Math.min(this.#tries - 1, RETRY_MS.length - 1)] as number;
    this.#retryTimer = setTimeout(() => (this.#tries < TRIES ? void this.#connect() : this.#seek()), waitMs);
  }

  #shut(): void {
    this.#life += 1;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silenceTimer);
    this.#connection?.close();
    this.#connection = null;
  }

  #set(words: Pick<SourceState, 'state' | 'message' | 'nextStep' | 'code' | 'candidates'>): void {
    const known = words.state === 'opening' || words.state === 'streaming' || words.state === 'silent';
    const next: SourceState = {
      ...words,
      source: this.source.id,
      message: words.message.slice(0, 500),
      nextStep: words.nextStep.slice(0, 500),
      device: known ? this.#name.slice(0, 300) : '',
    };
    if (JSON.stringify(next) === JSON.stringify(this.#state)) return;
    this.#state = next;
    this.report();
    // The session's log contains each error once until everything works again.
    if (next.state === 'streaming') this.#told.clear();
    if (next.code === '' || this.#told.has(next.code)) return;
    this.#told.add(next.code);
    this.#context.publisher.event(
      next.state === 'error' ? 'error' : 'warn',
      next.code,
      `${this.source.id}: ${next.message}`,
    );
  }
}
