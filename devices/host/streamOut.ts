/** A driver's stream on its way to the recorder: batches, gaps, and a limit for floods. */
import type { SensorSource } from '../../electron/common/kit.ts';
import type { Stream } from '../../electron/common/stream.ts';
import type { DriverStream, Sample, StreamSink } from '../driver.ts';
import type { SystemDelay } from '../transports/kernelWorkers.ts';
import { Batch } from './batch.ts';
import { GapTracker } from './gaps.ts';
import type { PublisherPort, SampleOut } from './publisherPort.ts';

/** State shared by the streams of one source. */
export interface StreamOwner {
  readonly source: SensorSource;
  readonly publisher: PublisherPort;
  /** True if samples are being recorded. */
  readonly live: boolean;
  /** Publisher time since which that is so. */
  readonly liveSinceNs: number;
  now(): number;
  /** Microseconds by which the data of a read at this time may have arrived earlier. */
  earlyUs(arrivedNs: number): number;
  /** How long the system's own workers may have delayed data in the last moments. */
  readonly systemDelay: SystemDelay;
  /** Every sample passes through here; false: the limit is exceeded and this one is dropped. */
  admit(arrivedNs: number): boolean;
  /** Facts about the device behind the source. */
  facts(): Record<string, unknown>;
  simulated(): boolean;
  /** Shown to people outside a session; null: nobody is watching. */
  readonly preview: ((stream: string, sample: Sample) => void) | null;
}

/** Faster numbers cannot be read by people. */
const PREVIEW_EVERY_NS = 100_000_000;

export class StreamOut implements StreamSink {
  readonly id: string;
  /** It describes the device, and does not show that the device is measuring. */
  readonly aside: boolean;
  readonly #owner: StreamOwner;
  #declared = '';
  readonly #shape: string;
  #out: SampleOut;
  #batch: Batch;
  readonly gaps: GapTracker;
  /** Arrival of the last sample in this process, or null. */
  lastNs: number | null = null;
  /** Samples accepted and rejected since the process started. */
  taken = 0;
  refused = 0;
  #refusedFromNs = 0;
  #refusedNow = 0;
  #previewedNs = Number.NEGATIVE_INFINITY;

  constructor(owner: StreamOwner, declaration: DriverStream) {
    this.#owner = owner;
    this.aside = declaration.aside === true;
    this.#shape = shapeOf(declaration);
    this.id = declaration.suffix === '' ? owner.source.id : `${owner.source.id}-${declaration.suffix}`;
    const stream = this.#streamOf(declaration);
    this.#declared = JSON.stringify(stream);
    this.#out = owner.publisher.declare(stream);
    this.#batch = batchOf(stream);
    this.gaps = new GapTracker(() => this.#out);
  }

  /** True if a declaration has the columns of this stream; otherwise it needs another stream. */
  hasShapeOf(declaration: DriverStream): boolean {
    return shapeOf(declaration) === this.#shape;
  }

  /** The driver announces it again, after a reconnect or with more complete facts. */
  redeclare(declaration: DriverStream): void {
    const stream = this.#streamOf(declaration);
    const text = JSON.stringify(stream);
    if (text === this.#declared) return;
    this.flush(this.#owner.now());
    this.#declared = text;
    this.#out = this.#owner.publisher.declare(stream);
    this.#batch = batchOf(stream);
  }

  sample(sample: Sample): void {
    const owner = this.#owner;
    const arrivedNs = sample.arrivedNs;
    if (!this.aside && !owner.admit(arrivedNs)) {
      if (this.#refusedNow === 0) this.#refusedFromNs = this.lastNs ?? arrivedNs;
      this.#refusedNow += 1;
      this.refused += 1;
      return;
    }
    if (this.gaps.open !== null) this.gaps.close(arrivedNs);
    this.lastNs = arrivedNs;
    this.taken += 1;
    if (!owner.live) this.#preview(sample);
    else if (this.#batch.add(sample, owner.earlyUs(arrivedNs))) this.#send();
  }

  #send(): boolean {
    return this.#batch.sendTo(this.#out, this.#owner.systemDelay);
  }

  #preview(sample: Sample): void {
    const { preview } = this.#owner;
    if (preview === null || sample.arrivedNs - this.#previewedNs < PREVIEW_EVERY_NS) return;
    this.#previewedNs = sample.arrivedNs;
    preview(this.id, sample);
  }

  gap(cause: string, lost: number | null, detail = '', fromNs?: number, toNs?: number): void {
    const owner = this.#owner;
    if (!owner.live) return;
    const nowNs = owner.now();
    const end = toNs ?? nowNs;
    const start = Math.max(fromNs ?? this.lastNs ?? end, owner.liveSinceNs);
    if (end >= owner.liveSinceNs) this.gaps.note(cause, lost, detail, Math.min(start, end), end, nowNs);
  }

  /** Nothing arrives from now on; the gap starts at the last sample or, if there is none, at `sinceNs`. */
  begin(cause: string, detail: string, sinceNs = this.#owner.now()): void {
    const fromNs = Math.max(this.lastNs ?? sinceNs, this.#owner.live ? this.#owner.liveSinceNs : 0);
    this.gaps.begin(cause, fromNs, detail);
  }

  flush(nowNs: number, all = false): void {
    if (this.#refusedNow > 0) {
      const lost = this.#refusedNow;
      this.#refusedNow = 0;
      this.gap('flood', lost, 'More samples a second than the host takes', this.#refusedFromNs, nowNs);
    }
    if (this.#batch.length > 0 && !this.#send()) this.#batch.clear();
    this.gaps.flush(nowNs, all);
  }

  #streamOf(declaration: DriverStream): Stream {
    const { source } = this.#owner;
    const participant = declaration.participant ?? source.participant;
    return {
      kind: 'samples',
      id: this.id,
      source: source.id,
      label: declaration.label ?? source.label,
      place: source.place,
      simulated: this.#owner.simulated(),
      channels: declaration.channels,
      facts: { driver: source.driver, ...this.#owner.facts(), ...declaration.facts },
      ...(participant === undefined ? {} : { participant }),
      ...(declaration.nominalRateHz === undefined ? {} : { nominalRateHz: declaration.nominalRateHz }),
      ...(declaration.deviceClock === undefined ? {} : { deviceClock: declaration.deviceClock }),
    };
  }
}

const batchOf = (stream: Stream): Batch =>
  new Batch(stream.kind === 'samples' ? stream.channels : [], stream.deviceClock !== undefined);

/** What a stream keeps during a session: names and types of its columns, and whether it has a device time. */
const shapeOf = ({ channels, deviceClock }: DriverStream): string =>
  JSON.stringify([channels.map(({ name, type }) => [name, type]), deviceClock !== undefined]);
