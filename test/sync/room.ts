/** A room with known ground truth: its own display and sound server, and the one source that uses both. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../fixtures/wait.ts';

const SOURCE = fileURLToPath(new URL('./source.py', import.meta.url));
const SCREEN = '640x480x24';

/** The source's log of one event; nanoseconds of the machine's monotonic clock. */
export interface SourceEvent {
  event: number;
  at_ns: number;
  /** Time at which the sensor's line was written. */
  marked_ns: number;
  /** Time of the chirp's first sample, as the sound server reports it; null: it was not played. */
  heard_ns: number | null;
}

export interface SourceLog {
  /** Zero and step of the counter in the frame. */
  zeroNs: number;
  tickNs: number;
  events: SourceEvent[];
}

export interface RoomOptions {
  seconds: number;
  events: number;
  seed: number;
  /** Microphones that record the same loudspeaker, as `Mic1`, `Mic2`, ... */
  microphones: number;
}

export class SyncRoom implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'fr-sync-'));
  readonly #children: ChildProcess[] = [];
  #source: ChildProcess | null = null;
  /** Environment for the appliance that records here. */
  env: Record<string, string> = {};
  /** The sensor's port. */
  port = '';

  static async open(options: RoomOptions): Promise<SyncRoom> {
    const room = new SyncRoom();
    try {
      await room.#open(options);
      return room;
    } catch (error) {
      await room[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts the events; resolves when the last one is over. */
  async play(): Promise<SourceLog> {
    const source = this.#source;
    if (!source) throw new Error('the source is not running');
    source.stdin?.write('go\n');
    const [code] = (await once(source, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`the source ended with ${code}`);
    const [head = '', ...lines] = readFileSync(this.#log, 'utf8').trim().split('\n');
    const { zero_ns: zeroNs, tick_ns: tickNs } = JSON.parse(head) as { zero_ns: number; tick_ns: number };
    return { zeroNs, tickNs, events: lines.map((line) => JSON.parse(line) as SourceEvent) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  get #log(): string {
    return join(this.folder, 'source.jsonl');
  }

  async #open({ seconds, events, seed, microphones }: RoomOptions): Promise<void> {
    const runtime = join(this.folder, 'runtime');
    mkdirSync(runtime, { mode: 0o700 });
    this.env = { XDG_RUNTIME_DIR: runtime, PULSE_RUNTIME_PATH: join(runtime, 'pulse'), HOME: this.folder };
    this.env.DISPLAY = await this.#display();
    await this.#sound(microphones);
    const args = [SOURCE, '--seconds', seconds, '--events', events, '--seed', seed, '--log', this.#log].map(String);
    this.#source = this.#start('python3', args, ['pipe', 'pipe', 'inherit']);
    const ready = await this.#firstLine(this.#source, 'the source');
    this.port = (JSON.parse(ready) as { pty: string }).pty;
  }

  async #display(): Promise<string> {
    const args = ['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp'];
    const xvfb = this.#start('Xvfb', args, ['ignore', 'ignore', 'ignore', 'pipe']);
    const pipe = xvfb.stdio[3];
    if (!pipe || !('once' in pipe)) throw new Error('Xvfb has no pipe');
    const [number] = (await once(pipe, 'data')) as [Buffer];
    return `:${String(number).trim()}`;
  }

  async #sound(microphones: number): Promise<void> {
    const modules = [
      'module-native-protocol-unix',
      'module-null-sink sink_name=room rate=48000 channels=1',
      ...Array.from(
        { length: microphones },
        (_, i) =>
          `module-remap-source source_name=mic${i + 1} master=room.monitor source_properties=device.description=Mic${i + 1}`,
      ),
    ].flatMap((module) => ['-L', module]);
    this.#start(
      'pulseaudio',
      ['-n', '--daemonize=no', '--exit-idle-time=-1', '--log-level=error', ...modules],
      'ignore',
    );
    await waitFor('the sound server answers', async () => {
      const pactl = spawn('pactl', ['info'], { stdio: 'ignore', env: { ...process.env, ...this.env } });
      const [code] = (await once(pactl, 'exit')) as [number | null];
      return code === 0;
    });
  }

  #start(command: string, args: string[], stdio: 'ignore' | ('ignore' | 'pipe' | 'inherit')[]): ChildProcess {
    const child = spawn(command, args, { stdio, env: { ...process.env, ...this.env } });
    child.on('error', () => undefined);
    this.#children.push(child);
    // A bench that is ended by a signal must not leave a display or a sound server running.
    process.once('exit', () => child.kill('SIGKILL'));
    return child;
  }

  async #firstLine(child: ChildProcess, what: string): Promise<string> {
    if (!child.stdout) throw new Error(`${what} has no output`);
    const lines = createInterface({ input: child.stdout });
    const line = await Promise.race([
      once(lines, 'line').then(([text]) => String(text)),
      once(child, 'exit').then(([code]) => {
        throw new Error(`${what} ended with ${code}`);
      }),
    ]);
    return line;
  }
}
