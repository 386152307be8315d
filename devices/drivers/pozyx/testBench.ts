/** An in-memory link and a host that records a driver's output, for the tests of the Pozyx drivers. */
import { type SensorSource, sourceSchema } from '../../../electron/common/kit.ts';
import type { AnyDriver, DriverContext, DriverStream, Emulator, Link, Sample } from '../../driver.ts';

export interface Gap {
  cause: string;
  lost: number | null;
  detail: string;
}

export interface StreamRecord {
  declaration: DriverStream;
  samples: Sample[];
  gaps: Gap[];
}

const nowNs = (): number => Math.round(performance.now() * 1e6);

/** Runs one driver against one emulator until `stop`; the publisher's clock is `performance.now`. */
export class TestBench {
  readonly streams = new Map<string, StreamRecord>();
  readonly troubles: { code: string; message: string; nextStep: string }[] = [];
  readonly logs: string[] = [];
  readonly link: Link;
  readonly #abort = new AbortController();
  readonly #emulator: Emulator | null;
  #lose: (cause: Error | undefined) => void = () => {};
  readonly #done: Promise<void>;
  error: unknown = null;
  ended = false;

  constructor(
    driver: AnyDriver,
    emulator: Emulator | null,
    settings: Record<string, unknown>,
    source: SensorSource = sourceOf(driver, settings),
  ) {
    this.#emulator = emulator;
    const closed = new Promise<Error | undefined>((resolve) => {
      this.#lose = resolve;
    });
    this.link = {
      path: '/dev/test',
      onData: null,
      write: async (bytes) => emulator?.receive(bytes.slice()),
      closed,
      close: async () => this.#lose(undefined),
    };
    if (emulator !== null) emulator.emit = (bytes, topic) => this.deliver(bytes, topic);
    const context: DriverContext<unknown> = {
      source,
      settings: driver.settings.parse(settings),
      link: this.link,
      device: null,
      now: nowNs,
      stream: (declaration) => this.#stream(declaration),
      trouble: (code, message, nextStep) => this.troubles.push({ code, message, nextStep }),
      clear: () => {},
      log: (level, message) => this.logs.push(`${level}: ${message}`),
      signal: this.#abort.signal,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    };
    this.#done = driver.run(context).then(
      () => {
        this.ended = true;
      },
      (error: unknown) => {
        this.error = error;
        this.ended = true;
      },
    );
    emulator?.start();
  }

  deliver(bytes: Uint8Array, topic?: string): void {
    this.link.onData?.(bytes.slice(), nowNs(), topic);
  }

  samples(suffix = ''): Sample[] {
    return this.streams.get(suffix)?.samples ?? [];
  }

  gaps(suffix = ''): Gap[] {
    return this.streams.get(suffix)?.gaps ?? [];
  }

  /** Resolves when `condition` is true. @throws after `timeoutMs`, naming the condition */
  async until(what: string, condition: () => boolean, timeoutMs = 5000): Promise<void> {
    const startMs = performance.now();
    while (!condition()) {
      if (this.ended && !condition()) throw new Error(`the driver ended before: ${what}`, { cause: this.error });
      if (performance.now() - startMs > timeoutMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Waits for the driver to end without being stopped. */
  async end(): Promise<void> {
    await this.#done;
  }

  /** Unplugs the cable. */
  unplug(cause: Error): void {
    this.#emulator?.stop();
    this.#lose(cause);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#done;
    this.#emulator?.stop();
  }

  #stream(declaration: DriverStream): {
    sample(sample: Sample): void;
    gap(cause: string, lost: number | null, detail?: string): void;
  } {
    const known = this.streams.get(declaration.suffix);
    const record = known ?? { declaration, samples: [], gaps: [] };
    record.declaration = declaration;
    this.streams.set(declaration.suffix, record);
    return {
      sample: (sample) => record.samples.push(sample),
      gap: (cause, lost, detail = '') => record.gaps.push({ cause, lost, detail }),
    };
  }
}

export function sourceOf(driver: AnyDriver, settings: Record<string, unknown>): SensorSource {
  return sourceSchema.parse({ id: 'test', kind: driver.kinds[0], driver: driver.id, settings }) as SensorSource;
}
