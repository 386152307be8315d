/** One driver that is tried on what a port prints: it runs as in a recording, but on a copy of the bytes, and is mute. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reading } from '../../electron/common/heard.ts';
import { type SensorSource, sourceSchema } from '../../electron/common/kit.ts';
import type { DriverContext, DriverStream, Link, StreamSink, Value } from '../driver.ts';
import type { Registered } from '../registry.ts';

/** A driver that loses its way more often than this share of its samples does not know the device. */
const MOST_FAULTS = 0.3;
/** Nobody knows whether the start of the first line was heard: not understanding it is no fault. */
const HARMLESS = new Set(['partial-first-line']);

interface Made {
  declaration: DriverStream;
  samples: number;
  last: readonly Value[];
}

export class Trying {
  readonly #driver: Registered['driver'];
  readonly #settings: Record<string, unknown>;
  readonly #streams = new Map<string, Made>();
  readonly #stop = new AbortController();
  readonly #link: Link;
  #close: () => void = () => undefined;
  #done: Promise<void> = Promise.resolve();
  #faults = 0;
  #trouble = false;
  samples = 0;

  constructor(driver: Registered['driver'], path: string, baudRate: number, now: () => number) {
    this.#driver = driver;
    this.#settings = driver.serial?.baudRate === baudRate ? {} : { baudRate };
    const closed = new Promise<undefined>((resolve) => {
      this.#close = () => resolve(undefined);
    });
    this.#link = { path, onData: null, write: async () => undefined, closed, close: async () => this.#close() };
    const parsed = driver.settings.safeParse(this.#settings);
    if (parsed.success) this.#done = this.#run(parsed.data, now);
  }

  hear(bytes: Uint8Array, arrivedNs: number): void {
    try {
      this.#link.onData?.(bytes, arrivedNs);
    } catch {
      this.#trouble = true;
    }
  }

  /** What it made of it, in so many milliseconds; null: it does not understand the device. */
  reading(lastedMs: number): Reading | null {
    const { samples } = this;
    if (this.#trouble || samples === 0 || this.#faults > MOST_FAULTS * samples) return null;
    for (const [suffix, made] of this.#streams) {
      const rateHz = (made.samples * 1000) / lastedMs;
      if (made.samples > 0 && this.#driver.plausible?.({ suffix, rateHz, last: made.last }) === false) return null;
    }
    return {
      driver: this.#driver.id,
      settings: this.#settings,
      samples,
      faults: this.#faults,
      streams: [...this.#streams.values()]
        .filter((made) => made.samples > 0)
        .map(({ declaration, samples: count, last }) => ({
          label: declaration.label ?? '',
          rateHz: (count * 1000) / lastedMs,
          channels: declaration.channels.map(({ name, unit }, i) => ({ name, unit, last: plain(last[i]) })),
        })),
    };
  }

  async end(): Promise<void> {
    this.#close();
    this.#stop.abort();
    await this.#done;
  }

  async #run(settings: unknown, now: () => number): Promise<void> {
    const context: DriverContext<unknown> = {
      source: sourceSchema.parse({ id: 'listening', kind: 'serial', driver: this.#driver.id }) as SensorSource,
      settings,
      link: this.#link,
      device: null,
      now,
      stream: (declaration) => this.#sink(declaration),
      trouble: () => {
        this.#trouble = true;
      },
      clear: () => {
        this.#trouble = false;
      },
      log: () => undefined,
      signal: this.#stop.signal,
      sleep: (ms) => sleep(ms, undefined, { signal: this.#stop.signal }),
    };
    // How it ends is of no interest: what it read before counts.
    await this.#driver.run(context).catch(() => undefined);
  }

  #sink(declaration: DriverStream): StreamSink {
    const made = this.#streams.get(declaration.suffix) ?? { declaration, samples: 0, last: [] };
    this.#streams.set(declaration.suffix, made);
    return {
      sample: ({ values }) => {
        made.samples += 1;
        made.last = [...values];
        this.samples += 1;
        this.#trouble = false;
      },
      gap: (cause) => {
        if (!HARMLESS.has(cause)) this.#faults += 1;
      },
    };
  }
}

const plain = (value: Value | undefined): Value =>
  value === undefined || (typeof value === 'number' && !Number.isFinite(value)) ? null : value;
