/** Records one session of a publisher on another host over a bad network, and compares its times with the truth. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { SessionIndex } from '../fixtures/sessionIndex.ts';
import type { Hosts } from './hosts.ts';

export interface Told {
  /** Reported session time minus true session time, nanoseconds. */
  errorNs: number;
  uncertaintyNs: number;
}

export interface Recorded {
  sealed: Told[];
  /** As reported while recording. */
  live: Told[];
  /** Offset of the publisher's clock from the recorder's. */
  zeroNs: number;
  network: { passed: number; dropped: number; overtaken: number };
}

interface Options {
  seconds: number;
  seed: number;
  /** Error of the publisher's quartz. */
  ppm: number;
  dataFolder: string;
}

export async function recordAcross(hosts: Hosts, { seconds, seed, ppm, dataFolder }: Options): Promise<Recorded> {
  using recorder = new Part(hosts.recorder, 'recorder', dataFolder);
  const { url, token } = await recorder.line<{ url: string; token: string }>();
  using relay = new Part(hosts.recorder, 'relay', hosts.address, url, seed);
  const { port } = await relay.line<{ port: number }>();
  using publisher = new Part(
    hosts.publisher,
    'publisher',
    `http://${hosts.address}:${port}`,
    token,
    ppm,
    hosts.injectedNs,
  );
  const { zeroNs } = await publisher.line<{ zeroNs: number }>();
  recorder.tell('record');
  await sleep(seconds * 1000);
  recorder.tell('stop');
  const { folder } = await recorder.line<{ folder: string }>();
  publisher.end();
  relay.end();
  return { ...compare(folder, zeroNs), zeroNs, network: await relay.line<Recorded['network']>() };
}

function compare(folder: string, zeroNs: number): Pick<Recorded, 'sealed' | 'live'> {
  using index = new SessionIndex(folder);
  const [zero] = index.all<{ ns: number }>('SELECT zero_engine_ns AS ns FROM session');
  // Machine clock time since the session's zero.
  const truth = `host_ns - ${zeroNs} - ${zero?.ns ?? Number.NaN}`;
  const sealed = index.all<Told>(
    `SELECT session_ns - (${truth}) AS errorNs, uncertainty_ns AS uncertaintyNs FROM timed_counter ORDER BY seq`,
  );
  const live = index.all<Told>(`
    SELECT publisher_ns + offset_ns + drift * (publisher_ns - reference_ns) - (${truth}) AS errorNs, uncertainty_ns AS uncertaintyNs
    FROM samples_counter s JOIN fit f ON f.id = (
      SELECT max(id) FROM fit WHERE clock = s.clock AND kind = 'live'
      AND from_ns <= s.publisher_ns AND (to_ns IS NULL OR s.publisher_ns < to_ns))`);
  return { sealed, live };
}

/** A process of the experiment: writes JSON lines, reads text from its input, and ends when its input ends. */
class Part implements Disposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #name: string;

  constructor(where: readonly string[], name: string, ...args: (string | number)[]) {
    this.#name = name;
    const entry = join(import.meta.dirname, `${name}.entry.ts`);
    const [command, ...rest] = [...where, process.execPath, entry, ...args.map(String)] as [string, ...string[]];
    this.#child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.#child.stdout) throw new Error(`${name} has no output`);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async line<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the ${this.#name} ended with ${this.#child.exitCode ?? this.#child.signalCode}`);
    return JSON.parse(value) as T;
  }

  tell(word: string): void {
    this.#child.stdin?.write(`${word}\n`);
  }

  end(): void {
    this.#child.stdin?.end();
  }

  [Symbol.dispose](): void {
    if (this.#child.exitCode === null) this.#child.kill('SIGTERM');
  }
}
