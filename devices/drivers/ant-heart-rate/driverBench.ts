/**
 * For tests: runs a driver against an in-memory emulator on a clock that the test controls. Nothing waits for real
 * time.
 */
import type { SensorSource } from '../../../electron/common/kit.ts';
import type { AnyDriver, DeviceInfo, DriverContext, DriverStream, Emulator, Sample } from '../../driver.ts';
import { WireLink } from '../../transports/wireLink.ts';

export interface RecordedGap {
  cause: string;
  lost: number | null;
  detail: string;
  fromNs: number | undefined;
  toNs: number | undefined;
}

export interface RecordedStream {
  declaration: DriverStream;
  samples: Sample[];
  gaps: RecordedGap[];
}

interface Sleeper {
  dueNs: number;
  wake: () => void;
  fail: (error: Error) => void;
}

export class DriverBench {
  readonly streams = new Map<string, RecordedStream>();
  readonly troubles: { code: string; message: string; nextStep: string }[] = [];
  readonly logs: string[] = [];
  /** Every chunk that the driver wrote. */
  readonly written: Uint8Array[] = [];
  nowNs = 5e9;
  readonly source: SensorSource;
  readonly #driver: AnyDriver;
  readonly #emulator: Emulator;
  readonly #device: DeviceInfo | null;
  #sleepers: Sleeper[] = [];
  #abort = new AbortController();
  #link: WireLink | null = null;
  #run: Promise<unknown> = Promise.resolve();

  constructor(
    driver: AnyDriver,
    emulator: Emulator,
    settings: Record<string, unknown>,
    device: DeviceInfo | null = null,
  ) {
    this.#driver = driver;
    this.#emulator = emulator;
    this.#device = device;
    this.source = {
      id: 'src',
      kind: driver.kinds[0] as SensorSource['kind'],
      driver: driver.id,
      settings,
      match: {},
      label: '',
      place: '',
    };
  }

  /** Opens a link and starts the driver on it. */
  plug(): void {
    this.#abort = new AbortController();
    const link = new WireLink('/dev/bench', {
      write: async (bytes) => {
        this.written.push(bytes.slice());
        this.#emulator.receive(bytes);
      },
      close: async () => this.#emulator.stop(),
    });
    this.#link = link;
    this.#emulator.emit = (bytes, topic) => {
      const copy = bytes.slice();
      queueMicrotask(() => link.deliver(copy, this.nowNs, topic));
    };
    const context: DriverContext<unknown> = {
      source: this.source,
      settings: this.#driver.settings.parse(this.source.settings),
      link,
      device: this.#device,
      now: () => this.nowNs,
      stream: (declaration) => this.#stream(declaration),
      trouble: (code, message, nextStep) => void this.troubles.push({ code, message, nextStep }),
      clear: () => undefined,
      log: (level, message) => void this.logs.push(`${level}: ${message}`),
      signal: this.#abort.signal,
      sleep: (ms) => this.#sleep(ms),
    };
    this.#run = this.#driver.run(context).then(
      () => 'ended',
      (error: unknown) => error,
    );
  }

  /** How `run` finished: `ended`, or the error it threw. */
  get outcome(): Promise<unknown> {
    return this.#run;
  }

  unplug(): Promise<unknown> {
    this.#link?.lose(new Error('unplugged'));
    return this.#run;
  }

  async close(): Promise<unknown> {
    this.#abort.abort();
    for (const sleeper of this.#sleepers.splice(0)) sleeper.fail(new Error('closed'));
    await settle();
    await this.#link?.close();
    return this.#run;
  }

  /** Arbitrary bytes from the test, as one read. */
  deliver(bytes: Uint8Array): void {
    this.#link?.deliver(bytes, this.nowNs);
  }

  /** Advances the clock; sleepers wake in order, each with time to do its work. */
  async advance(ms: number): Promise<void> {
    const untilNs = this.nowNs + ms * 1e6;
    await settle();
    for (;;) {
      const next = this.#sleepers.reduce<Sleeper | null>(
        (first, one) => (first === null || one.dueNs < first.dueNs ? one : first),
        null,
      );
      if (!next || next.dueNs > untilNs) break;
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
      this.nowNs = Math.max(this.nowNs, next.dueNs);
      next.wake();
      await settle();
    }
    this.nowNs = untilNs;
    await settle();
  }

  recorded(suffix: string): RecordedStream {
    const found = this.streams.get(suffix);
    if (!found)
      throw new Error(`no stream "${suffix}" was declared, only ${[...this.streams.keys()].join(', ') || 'none'}`);
    return found;
  }

  /** Everything that was recorded, in the format of the emulator's truth: by stream, in order. */
  rows(suffix: string): { values: readonly unknown[]; deviceTime: number | undefined }[] {
    return this.recorded(suffix).samples.map(({ values, deviceTime }) => ({ values, deviceTime }));
  }

  #sleep(ms: number): Promise<void> {
    if (this.#abort.signal.aborted) return Promise.reject(new Error('closed'));
    return new Promise((wake, fail) => this.#sleepers.push({ dueNs: this.nowNs + ms * 1e6, wake, fail }));
  }

  #stream(declaration: DriverStream): ReturnType<DriverContext<unknown>['stream']> {
    const stream = this.streams.get(declaration.suffix) ?? { declaration, samples: [], gaps: [] };
    stream.declaration = declaration;
    this.streams.set(declaration.suffix, stream);
    const { samples, gaps } = stream;
    return {
      sample: (sample) => void samples.push({ ...sample, values: [...sample.values] }),
      gap: (cause, lost, detail = '', fromNs, toNs) => void gaps.push({ cause, lost, detail, fromNs, toNs }),
    };
  }
}

/** Lets all pending promises run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The emulator's truth of one stream, in the same shape as `DriverBench.rows`. */
export const truthOf = (
  emulator: Emulator,
  stream: string,
): { values: readonly unknown[]; deviceTime: number | undefined }[] =>
  emulator.truth.filter((row) => row.stream === stream).map(({ values, deviceTime }) => ({ values, deviceTime }));

/** `A4 01 6F` to bytes. */
export const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
