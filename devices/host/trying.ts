/** Tries one driver on what a port prints: it runs as in a recording, but on a copy of the bytes and without writing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reading } from '../../electron/common/heard.ts';
import { type SensorSource, sourceSchema } from '../../electron/common/kit.ts';
import type { DriverContext, DriverStream, Link, StreamSink, Value } from '../driver.ts';
import type { Registered } from '../registry.ts';

/** A driver that resynchronises more often than this share of its samples does not fit the device. */
const MOST_FAULTS = 0.3;
/** The start of the first line may be missing, so failing to read it does not count. */
const HARMLESS = new Set(['partial-first-line']);

const MAX_LINE = 200;
const MAX_ROWS = 8;
const decoder = new TextDecoder();

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
  /** Settings that the driver detected. */
  #learned: Record<string, unknown> = {};
  /** The line that is not complete yet. */
  #line = '';
  readonly #rows: Reading['rows'] = [];
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

  /** Line by line, to show which values a line gives. */
  hear(bytes: Uint8Array, arrivedNs: number): void {
    let start = 0;
    for (let i = 0; i < bytes.length; i += 1) {
      if (bytes[i] !== 10 && bytes[i] !== 13) continue;
      const part = bytes.subarray(start, i + 1);
      start = i + 1;
      const before = this.#mainSamples;
      this.#feed(part, arrivedNs);
      this.#keepRow(`${this.#line}${decoder.decode(part)}`.trim(), this.#mainSamples > before);
      this.#line = '';
    }
    if (start === bytes.length) return;
    const rest = bytes.subarray(start);
    this.#feed(rest, arrivedNs);
    this.#line = (this.#line + decoder.decode(rest)).slice(-MAX_LINE);
  }

  /** Samples of the first stream: the one whose values are shown beside the lines. */
  get #mainSamples(): number {
    const [main] = this.#streams.values();
    return main?.samples ?? 0;
  }

  #feed(bytes: Uint8Array, arrivedNs: number): void {
    try {
      this.#link.onData?.(bytes, arrivedNs);
    } catch {
      this.#trouble = true;
    }
  }

  #keepRow(line: string, gaveSample: boolean): void {
    const [main] = this.#streams.values();
    // Lines from before the columns were known show nothing.
    if (line === '' || !main || !/^[\t\x20-\x7e\u00a0-\uffff]*$/.test(line)) return;
    this.#rows.push({ line: line.slice(0, MAX_LINE), values: gaveSample ? main.last.slice(0, 256).map(plain) : [] });
    if (this.#rows.length > MAX_ROWS) this.#rows.shift();
  }

  /** The result after the given number of milliseconds; null: the driver does not understand the device. */
  reading(lastedMs: number): Reading | null {
    const { samples } = this;
    if (this.#trouble || samples === 0 || this.#faults > MOST_FAULTS * samples) return null;
    for (const [suffix, made] of this.#streams) {
      const rateHz = (made.samples * 1000) / lastedMs;
      if (made.samples > 0 && this.#driver.plausible?.({ suffix, rateHz, last: made.last }) === false) return null;
    }
    return {
      driver: this.#driver.id,
      settings: { ...this.#settings, ...this.#learned },
      samples,
      faults: this.#faults,
      rows: [...this.#rows],
      streams: [...this.#streams.values()]
        .filter((made) => made.samples > 0 && made.declaration.aside !== true)
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
      learned: (settings) => {
        this.#learned = settings;
      },
      signal: this.#stop.signal,
      sleep: (ms) => sleep(ms, undefined, { signal: this.#stop.signal }),
    };
    // How the driver ends does not matter: only what it read counts.
    await this.#driver.run(context).catch(() => undefined);
  }

  #sink(declaration: DriverStream): StreamSink {
    const made = this.#streams.get(declaration.suffix) ?? { declaration, samples: 0, last: [] };
    this.#streams.set(declaration.suffix, made);
    return {
      sample: ({ values }) => {
        made.samples += 1;
        made.last = [...values];
        if (declaration.aside) return;
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
