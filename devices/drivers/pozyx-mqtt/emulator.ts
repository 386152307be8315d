import type { Emulator, EmulatorOptions } from '../../driver.ts';
import { FaultScript, noise, Truth } from '../pozyx/truth.ts';
import { walk } from '../pozyx/walk.ts';

/** Faults that affect this many of the next messages. */
const COUNTED = [
  'no-success',
  'no-coordinates',
  'unknown-keys',
  'bare',
  'duplicate',
  'retained',
  'lost',
  'bad-json',
  'not-a-tag',
];

export interface PozyxMqttEmulatorOptions {
  /** Decimal ids. */
  tags?: readonly number[];
  /** Updates per second for each tag. */
  rateHz?: number;
  version?: '1' | '2.0';
  /** Updates per message: 1 like the local gateway, more like the cloud. */
  batch?: number;
  topic?: string;
  seed?: number;
  /** Milliseconds by which the gateway's clock is ahead of ours. */
  aheadMs?: number;
  keepTruth?: number;
}

/** Parameters: `tags` (decimal ids, default 27196), `rate` (updates a second of each tag, default 12.9), `version`, `batch`, `topic`. */
export function pozyxMqttEmulator({ parameters, seed }: EmulatorOptions): Emulator {
  const { tags, rate, version, batch, topic } = parameters;
  return new PozyxMqttEmulator({
    seed,
    ...(tags === undefined ? { tags: [27196 + seed - 1] } : { tags: tags.split(',').map(Number) }),
    ...(rate === undefined ? {} : { rateHz: Number(rate) }),
    ...(batch === undefined ? {} : { batch: Number(batch) }),
    ...(topic === undefined ? {} : { topic }),
    version: version === '2.0' ? '2.0' : '1',
  });
}

interface Update {
  tag: number;
  /** Number of updates of this tag so far. */
  n: number;
  json: Record<string, unknown>;
  truth: Emulator['truth'];
}

/**
 * A Pozyx gateway (sensor-protocols 1.10), one message per `emit`. Faults besides the counted ones: `silent` (ms),
 * `garbage` (bytes as one message), `out-of-order` (swaps the next two updates), `batch` (updates per message from now
 * on), `wrong-device` (messages of another vendor), `restart` (a message cut short).
 */
export class PozyxMqttEmulator implements Emulator {
  emit: (bytes: Uint8Array, topic?: string) => void = () => {};
  readonly #options: Required<PozyxMqttEmulatorOptions>;
  readonly #faults = new FaultScript(COUNTED);
  readonly #truth: Truth;
  #timer: NodeJS.Timeout | null = null;
  #silentUntilMs = 0;
  #wrong = false;
  #swap = false;
  #round = 0;
  #batch: Update[] = [];
  #lastMessage: { bytes: Uint8Array; topic: string } | null = null;

  constructor(options: PozyxMqttEmulatorOptions = {}) {
    this.#options = {
      tags: [27196],
      rateHz: 12.9,
      version: '1',
      batch: 1,
      topic: 'tags',
      seed: 1,
      aheadMs: 0,
      keepTruth: 100_000,
      ...options,
    };
    this.#truth = new Truth(this.#options.keepTruth);
  }

  get truth(): Emulator['truth'] {
    return this.#truth.entries;
  }

  /** Nothing is sent to a gateway. */
  receive(): void {}

  start(): void {
    this.stop();
    this.#timer = setInterval(() => this.#step(), 1000 / this.#options.rateHz);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  fault(name: string, argument?: number): void {
    if (name === 'silent') this.#silentUntilMs = performance.now() + (argument ?? 1000);
    else if (name === 'garbage') this.emit(noise(argument ?? 40), this.#options.topic);
    else if (name === 'out-of-order') this.#swap = true;
    else if (name === 'batch') this.#options.batch = argument ?? 5;
    else if (name === 'wrong-device') this.#wrong = true;
    else if (name === 'restart') {
      this.emit(Buffer.from('[{"version":"1","tagId":"271'), this.#options.topic);
      this.start();
    } else this.#faults.arm(name, argument ?? 1);
  }

  #step(): void {
    const n = this.#round;
    this.#round += 1;
    if (performance.now() < this.#silentUntilMs || this.#faults.strikes('lost')) return;
    if (this.#wrong) this.emit(Buffer.from(`{"temperature":${n % 30}}`), this.#options.topic);
    else for (const [walker, tag] of this.#options.tags.entries()) this.#push(this.#update(walker, tag, n));
  }

  #push(update: Update): void {
    this.#batch.push(update);
    if (this.#batch.length < (this.#swap ? Math.max(2, this.#options.batch) : this.#options.batch)) return;
    const batch = this.#swap ? this.#batch.reverse() : this.#batch;
    this.#batch = [];
    if (this.#swap && this.#options.batch === 1) for (const each of batch) this.#publish([each]);
    else this.#publish(batch);
    this.#swap = false;
  }

  #publish(updates: readonly Update[]): void {
    const { topic } = this.#options;
    if (this.#faults.strikes('bad-json')) this.emit(Buffer.from('[{"tagId":'), topic);
    else if (this.#faults.strikes('not-a-tag')) this.emit(Buffer.from('[{"gateway":"restarted"}]'), topic);
    else this.#publishWhole(updates, topic);
  }

  #publishWhole(updates: readonly Update[], topic: string): void {
    for (const entry of updates.flatMap((update) => update.truth)) {
      this.#truth.add(entry.stream, entry.values, entry.deviceTime);
    }
    const [first] = updates;
    const bare = updates.length === 1 && this.#faults.strikes('bare');
    const bytes = Buffer.from(JSON.stringify(bare ? first?.json : updates.map((update) => update.json)));
    this.emit(bytes, topic);
    // The same update on a second topic, and an old one that the broker kept.
    if (this.#faults.strikes('duplicate')) this.emit(bytes, `${topic}/${first?.tag}`);
    const kept = this.#lastMessage;
    if (kept !== null && this.#faults.strikes('retained')) this.emit(kept.bytes, kept.topic);
    this.#lastMessage = { bytes, topic };
  }

  #update(walker: number, tag: number, n: number): Update {
    const { x, y, z, headingDeg } = walk(this.#options.seed - 1 + walker, n);
    // Like a real gateway: seconds with a few decimal digits.
    const timestamp = Math.round((Date.now() + this.#options.aheadMs) * 10 + walker) / 10_000;
    const orientation = { yaw: Number(((headingDeg * Math.PI) / 180).toFixed(3)), roll: -0.003, pitch: -0.036 };
    const version2 = this.#options.version === '2.0';
    const rates = { update: 12.9, success: 12.9 - (n % 3) / 10, ...(version2 ? { packetLoss: 0.01 } : {}) };
    const metrics = { latency: 30 + (n % 50) / 10, rates };
    const acceleration = { x: -12, y: 69, z: 949 + (n % 10) };
    const tagData = version2
      ? { blinkIndex: n, acceleration, pressure: 98543.25, customSensors: [{ name: 'button', value: n % 2 }] }
      : {};
    const anchorData = version2 ? [{ tagId: String(tag), anchorId: '40961', rss: -80 - (n % 5) }] : [];
    const failed = this.#faults.strikes('no-success');
    const without = this.#faults.strikes('no-coordinates');
    const data: Record<string, unknown> = { tagData, anchorData, coordinates: { x, y, z }, orientation, metrics };
    if (failed || without) delete data.coordinates;
    const json: Record<string, unknown> = {
      version: this.#options.version,
      alive: true,
      tagId: String(tag),
      success: !failed,
      timestamp,
      data,
    };
    if (this.#faults.strikes('unknown-keys')) Object.assign(json, { moving: true, zones: [{ id: 'a' }] });
    const deviceTime = Math.round(timestamp * 1e6);
    const truth: Emulator['truth'] = [];
    const add = (part: string, values: Emulator['truth'][number]['values']) =>
      truth.push({ stream: `${tag}${part}`, values, deviceTime });
    const { yaw, roll, pitch } = orientation;
    if (!failed && !without)
      add('', [x, y, z, yaw, roll, pitch, metrics.latency, rates.update, rates.success, version2 ? 0.01 : null]);
    if (version2) {
      const nothing = (count: number): null[] => Array.from({ length: count }, () => null);
      add('-motion', [n, acceleration.x, acceleration.y, acceleration.z, ...nothing(16), 98543.25]);
      add('-anchors', ['40961', -80 - (n % 5)]);
      add('-custom', ['button', n % 2, null]);
    }
    return { tag, n, json, truth };
  }
}
