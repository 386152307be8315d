/** One run of the livekit-server process, with its guard (`livekitGuard.entry.ts`). */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FieldroomError } from '../../common/errors.ts';
import { explainExit, explainSpawnError } from './livekitErrors.ts';

export type GuardOrder = { type: 'start'; serverPath: string; config: string } | { type: 'stop'; graceMs: number };
export type GuardReport =
  | { type: 'started'; pid: number }
  | { type: 'error'; code: string }
  | { type: 'exit'; code: number | null; signal: string | null };

export interface LivekitProcessOptions {
  serverPath: string;
  /** Text for `LIVEKIT_CONFIG`, with the secret. */
  config: string;
  /** Removes secrets from a line before any other use. */
  redact: (line: string) => string;
  /** Each line that the server writes. */
  onLine: (line: string) => void;
}

const guardPath = fileURLToPath(new URL('./livekitGuard.entry.ts', import.meta.url));
const windows = process.platform === 'win32';
/** Number of last lines kept to explain why it ended. */
const tailLines = 30;
/** Time to wait for output after the end, while another process still has the pipe open. */
const outputGraceMs = 300;

export class LivekitProcess {
  /** Process id of the server; undefined until it was started. */
  pid: number | undefined;
  /** Resolves when the server has ended and never rejects; the error says why it ended. */
  readonly ended: Promise<FieldroomError>;
  /** Aborted when `ended` resolves: listeners can be removed again. */
  readonly over: AbortSignal;
  readonly #guard: ChildProcess;
  readonly #tail: string[] = [];

  constructor({ serverPath, config, redact, onLine }: LivekitProcessOptions) {
    this.#guard = spawn(process.execPath, [guardPath], {
      // A separate process group: Ctrl-C does not reach the server before the engine, and both can be ended by one
      // signal.
      detached: !windows,
      // Nothing inherited: the server would read LIVEKIT_*, NODE_IP, UDP_PORT and REDIS_* from the user's environment.
      env: systemEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      windowsHide: true,
    });
    const outputs = [this.#guard.stdout, this.#guard.stderr].flatMap((stream) =>
      stream === null ? [] : [createInterface({ input: stream })],
    );
    for (const output of outputs) {
      output.on('line', (line) => {
        const clean = redact(line);
        this.#tail.push(clean);
        if (this.#tail.length > tailLines) this.#tail.shift();
        onLine(clean);
      });
    }
    const outputEnded = Promise.all(outputs.map((output) => new Promise((resolve) => output.once('close', resolve))));
    const over = new AbortController();
    this.over = over.signal;
    this.ended = this.#watch(serverPath, outputEnded).finally(() => over.abort());
    this.#guard.send({ type: 'start', serverPath, config } satisfies GuardOrder, () => {});
  }

  /** Asks the server to end, and ends it after `graceMs`. Resolves when it is gone. */
  async stop(graceMs: number): Promise<void> {
    if (this.over.aborted) return;
    if (this.#guard.connected) this.#guard.send({ type: 'stop', graceMs } satisfies GuardOrder, () => {});
    else this.kill();
    const hurry = setTimeout(() => this.kill(), graceMs + 1000);
    await this.ended;
    clearTimeout(hurry);
  }

  /** Kills server and guard immediately. */
  kill(): void {
    // Ids of ended processes may have been reused.
    if (this.over.aborted) return;
    const guard = this.#guard.pid;
    // The group outlives its guard, so this also finds a server whose guard was killed.
    if (!windows && guard !== undefined) signal(-guard);
    if (this.pid !== undefined) signal(this.pid);
    this.#guard.kill('SIGKILL');
  }

  async #watch(serverPath: string, outputEnded: Promise<unknown>): Promise<FieldroomError> {
    let report: GuardReport | undefined;
    this.#guard.on('message', (message: GuardReport) => {
      if (message.type === 'started') this.pid = message.pid;
      else report = message;
    });
    const failure = await new Promise<string | undefined>((resolve) => {
      this.#guard.once('exit', () => resolve(undefined));
      this.#guard.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'UNKNOWN'));
    });
    // A killed guard leaves its server running, which must not keep the ports.
    if (report === undefined) this.kill();
    await Promise.race([outputEnded, new Promise((resolve) => setTimeout(resolve, outputGraceMs))]);
    this.pid = undefined;
    if (failure !== undefined) return explainSpawnError(process.execPath, failure);
    if (report?.type === 'error') return explainSpawnError(serverPath, report.code);
    return explainExit(this.#tail.join('\n'), report?.type === 'exit' ? report : { code: null, signal: null });
  }
}

/** Environment variables that a program needs on Windows to open a socket; none elsewhere. */
function systemEnvironment(): NodeJS.ProcessEnv {
  const names = windows ? ['SystemRoot', 'windir', 'TEMP', 'TMP'] : ['TMPDIR'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
