/** Collects samples in columns until they are sent. Arrays grow to the size a stream needs and are reused. */
import type { Channel } from '../../electron/common/stream.ts';
import { boundUs, type Column, MAX_BATCH, UNKNOWN_US } from '../../electron/common/wire.ts';
import type { Sample, Value } from '../driver.ts';
import type { SystemDelay } from '../transports/kernelWorkers.ts';
import type { SampleOut } from './publisherPort.ts';

const FIRST_CAPACITY = 64;
/** A batch of this size is sent immediately: larger ones add latency without benefit. */
const SEND_AT = 8_192;
const MAX_TEXT = 64 * 1024;

export class Batch {
  readonly #channels: readonly Channel[];
  readonly #hasDeviceTime: boolean;
  #capacity = FIRST_CAPACITY;
  #arrived = new Float64Array(FIRST_CAPACITY);
  #device: Float64Array;
  #earlyUs = new Uint32Array(FIRST_CAPACITY);
  #columns: (Float64Array | (string | null)[])[];
  #count = 0;

  constructor(channels: readonly Channel[], hasDeviceTime: boolean) {
    this.#channels = channels;
    this.#hasDeviceTime = hasDeviceTime;
    this.#device = new Float64Array(hasDeviceTime ? FIRST_CAPACITY : 0);
    this.#columns = channels.map((channel) => (channel.type === 'text' ? [] : new Float64Array(FIRST_CAPACITY)));
  }

  get length(): number {
    return this.#count;
  }

  /** True when it is time to send. Keeps no reference to `sample`. @param earlyUs how much earlier it may have arrived */
  add(sample: Sample, earlyUs: number): boolean {
    if (this.#count === this.#capacity) this.#grow();
    const at = this.#count;
    const { values } = sample;
    this.#arrived[at] = sample.arrivedNs;
    this.#earlyUs[at] = earlyUs;
    if (this.#hasDeviceTime) this.#device[at] = sample.deviceTime ?? Number.NaN;
    for (let i = 0; i < this.#columns.length; i += 1) {
      const column = this.#columns[i] as Float64Array | (string | null)[];
      const value = values[i];
      if (column instanceof Float64Array) column[at] = typeof value === 'number' ? value : numeric(value);
      else column[at] = textual(value);
    }
    this.#count = at + 1;
    return this.#count >= SEND_AT;
  }

  /**
   * Passes everything to the publisher and is empty afterwards; false if no session wants it.
   * @param delay of the system's workers, by which the samples may have arrived even earlier
   */
  sendTo(out: SampleOut, delay: SystemDelay): boolean {
    const count = this.#count;
    if (count === 0) return true;
    this.#count = 0;
    const columns = this.#columns.map(
      (column): Column => (column instanceof Float64Array ? column.subarray(0, count) : column.slice(0, count)),
    );
    const earlyUs = this.#earlyUs.subarray(0, count);
    this.#add(delay, count);
    return out.samples(
      this.#arrived.subarray(0, count),
      this.#hasDeviceTime ? this.#device.subarray(0, count) : null,
      columns,
      earlyUs,
    );
  }

  /** Data read since the workers were last checked can have waited only since that check. */
  #add({ lookedNs, sinceNs, beforeNs }: SystemDelay, count: number): void {
    const [since, either] = [boundUs(sinceNs), boundUs(Math.max(sinceNs, beforeNs))];
    for (let i = 0; either > 0 && i < count; i += 1) {
      const early = this.#earlyUs[i] as number;
      const fresh = (this.#arrived[i] as number) - early * 1000 > lookedNs;
      this.#earlyUs[i] = Math.min(UNKNOWN_US, early + (fresh ? since : either));
    }
  }

  clear(): void {
    this.#count = 0;
  }

  #grow(): void {
    this.#capacity = Math.min(this.#capacity * 4, MAX_BATCH);
    const wider = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const wide = new Float64Array(this.#capacity);
      wide.set(old);
      return wide;
    };
    this.#arrived = wider(this.#arrived);
    if (this.#hasDeviceTime) this.#device = wider(this.#device);
    const early = new Uint32Array(this.#capacity);
    early.set(this.#earlyUs);
    this.#earlyUs = early;
    this.#columns = this.#columns.map((column, i) =>
      this.#channels[i]?.type === 'text' ? column : wider(column as Float64Array),
    );
  }
}

const numeric = (value: Value | undefined): number => (typeof value === 'boolean' ? (value ? 1 : 0) : Number.NaN);

const textual = (value: Value | undefined): string | null =>
  value === null || value === undefined ? null : String(value).slice(0, MAX_TEXT);
