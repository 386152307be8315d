/** One run of the engine process: start, hello, output, exit. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type EngineHello, type EngineLine, parseEngineLine } from './engineProtocol.ts';

export interface EngineCommand {
  node: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}

export interface EngineChildEvents {
  onLine(line: EngineLine): void;
  /** A line of its error output. */
  onComplaint(text: string): void;
  /** `why` is part of a sentence: `code 1`, `signal SIGKILL`, or why it could not be started. */
  onExit(why: string): void;
}

export class EngineChild {
  readonly #child: ChildProcess;
  readonly exited: Promise<void>;

  constructor(command: EngineCommand, hello: EngineHello, events: EngineChildEvents) {
    // A separate process group, so that Ctrl-C in a terminal reaches only main, which shuts the engine down cleanly.
    const child = spawn(command.node, [...command.args], {
      cwd: command.cwd,
      env: command.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      detached: process.platform !== 'win32',
    });
    this.#child = child;
    this.exited = new Promise((resolve) => {
      const end = (why: string): void => {
        resolve();
        events.onExit(why);
      };
      child.once('error', (error) => (child.pid === undefined ? end(error.message) : undefined));
      // `close`, not `exit`, so that its last output is read first.
      child.once('close', (code, signal) =>
        child.pid === undefined ? undefined : end(signal === null ? `code ${code}` : `signal ${signal}`),
      );
    });
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line, events));
    if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => events.onComplaint(line));
    // An engine that exits at once breaks the pipe; only its exit is reported.
    child.stdin?.on('error', () => undefined);
    child.stdin?.write(`${JSON.stringify(hello)}\n`);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Closes its stdin: the engine exits, or continues if it is recording. */
  release(): void {
    this.#child.stdin?.end();
  }

  /** Closes stdin, waits, then sends SIGTERM and finally SIGKILL. Resolves when it has exited. */
  async end(patienceMs: number): Promise<void> {
    this.release();
    if (await this.#endsWithin(patienceMs)) return;
    this.#child.kill('SIGTERM');
    if (await this.#endsWithin(patienceMs / 2)) return;
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  /** Kills an engine that never became ready. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Lets main exit while the engine continues. */
  leave(): void {
    this.#child.stdin?.write('leave\n');
    this.release();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#child.unref();
  }

  #hear(text: string, events: EngineChildEvents): void {
    const line = parseEngineLine(text);
    if (line) events.onLine(line);
  }

  async #endsWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const ended = await Promise.race([this.exited.then(() => true as const), late]);
    clearTimeout(timer);
    return ended;
  }
}
