/**
 * One run of the bridge process. When the engine dies, the system closes the bridge's standard input and the bridge
 * ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { BridgeFrames, type BridgeOrder, type BridgeReader, orderFrame } from './bridgeWire.ts';

/** Maximum queue for a bridge that does not keep up; more is dropped, and the bridge waits for the next key frames. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

export interface BridgeProcessOptions extends BridgeReader {
  path: string;
  onLine: (line: string) => void;
}

export class BridgeProcess {
  /** Resolves with one sentence when the process has ended; never rejects. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  /** Packets and data frames that were dropped since the start. */
  dropped = 0;

  constructor({ path, onLine, ...reader }: BridgeProcessOptions) {
    this.#child = spawn(path, [], { stdio: ['pipe', 'pipe', 'pipe'], env: systemEnvironment(), windowsHide: true });
    const frames = new BridgeFrames(reader);
    let wrong = '';
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      if (wrong !== '') return;
      try {
        frames.push(chunk);
      } catch (error) {
        wrong = `it sent an unexpected message: ${error instanceof Error ? error.message : String(error)}`;
        this.kill();
      }
    });
    if (this.#child.stderr) createInterface({ input: this.#child.stderr }).on('line', onLine);
    // Writing to a bridge that has ended fails; `ended` reports its end.
    this.#child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(`it could not be started: ${error.message}`));
      this.#child.once('exit', (code, signal) => resolve(wrong || `it ended with ${signal ?? `code ${code}`}`));
    });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  order(order: BridgeOrder): void {
    this.#child.stdin?.write(orderFrame(order));
  }

  /** Hands over a packet or a data frame; false when the bridge is too far behind. Never waits. */
  offer(frame: Buffer): boolean {
    const { stdin } = this.#child;
    if (!stdin || stdin.writableLength + frame.byteLength > MAX_WAITING_BYTES) {
      this.dropped += 1;
      return false;
    }
    stdin.write(frame);
    return true;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async stop(graceMs: number): Promise<void> {
    this.#child.stdin?.end();
    const hurry = setTimeout(() => this.kill(), graceMs);
    await this.ended;
    clearTimeout(hurry);
  }
}

/** Environment variables that a program needs on Windows to open a socket; none elsewhere. */
function systemEnvironment(): NodeJS.ProcessEnv {
  const names = process.platform === 'win32' ? ['SystemRoot', 'windir', 'TEMP', 'TMP'] : ['TMPDIR'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
