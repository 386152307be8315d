/**
 * The engine's side of the uploader: started when needed, and restarted if it ends unexpectedly. Each new process gets
 * the plan and the keys again, because it stores neither.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { UploadNeeds } from '../../common/uploads.ts';
import type { Log } from '../log/engineLog.ts';
import type { FromUploader, ToUploader, UploaderWork } from './uploaderMessages.ts';

export interface UploaderSupervisorOptions {
  /** Messages for a new uploader, in this order. */
  hello: () => ToUploader[];
  /** Whether there is work for it; otherwise it is restarted only for a request. */
  wanted: () => boolean;
  log: Log;
  onNeeds: (needs: UploadNeeds) => void;
  /** A line of its error output. */
  onComplaint: (line: string) => void;
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: FieldroomError) => void;
}

/**
 * Reading back creates a new buffer for every 64 KiB: V8 frees them sooner when its young generation is small (1 MiB).
 * `native/fieldroom.mjs` sets the same for the commands that move sessions.
 */
export const UPLOADER_FLAGS = ['--max-semi-space-size=1'];

const RESTART_MS = [250, 1000, 5000, 30_000];
/** After running this long, the next restart is immediate. */
const GOOD_LIFE_MS = 30_000;
const STOP_TIMEOUT_MS = 3000;

export class UploaderSupervisor {
  readonly #options: UploaderSupervisorOptions;
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | null = null;
  #next = 1;
  #tries = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: UploaderSupervisorOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts it if it is not running. */
  start(): void {
    if (this.#child || this.#stopped) return;
    clearTimeout(this.#timer);
    const { hello, log, onComplaint } = this.#options;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const entry = fileURLToPath(new URL(`./uploader.entry.${extension}`, import.meta.url));
    const startedMs = performance.now();
    const child = spawn(process.execPath, [...UPLOADER_FLAGS, entry], {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    for (const message of hello()) this.#write(message);
    createInterface({ input: child.stdout }).on('line', (line) => {
      // Library output there goes to the log.
      if (line.startsWith('{"type":')) this.#hear(JSON.parse(line) as FromUploader);
      else onComplaint(line);
    });
    createInterface({ input: child.stderr }).on('line', onComplaint);
    child.once('error', (error) =>
      log('error', 'uploader.not-started', `The uploader could not be started: ${error}.`),
    );
    child.once('spawn', () => log('info', 'uploader.start', `The uploader (process ${child.pid}) is started.`));
    child.once('close', (code, signal) => this.#ended(signal ?? `code ${code}`, performance.now() - startedMs));
  }

  /** Sent only to a running uploader: a new one receives everything at startup. */
  tell(message: ToUploader): void {
    if (this.#child) this.#write(message);
  }

  /** @throws FieldroomError the error of the work, or `upload.stopped` */
  ask<N extends keyof UploaderWork>(
    name: N,
    input: Parameters<UploaderWork[N]>[0],
  ): Promise<Awaited<ReturnType<UploaderWork[N]>>> {
    this.start();
    const request = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { resolve: resolve as Waiting['resolve'], reject });
      if (this.#child) this.#write({ type: 'ask', request, name, input });
      else this.#giveUp();
    });
  }

  /** Closing its input ends it; if it does not end, it is killed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child) return;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin?.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }

  #write(message: ToUploader): void {
    this.#child?.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  #hear(message: FromUploader): void {
    if (message.type === 'log') {
      this.#options.log(message.level, message.code, message.message);
      return;
    }
    if (message.type === 'needs') {
      this.#options.onNeeds(message.needs);
      return;
    }
    const waiting = this.#waiting.get(message.request);
    this.#waiting.delete(message.request);
    if ('error' in message) waiting?.reject(FieldroomError.from(message.error));
    else waiting?.resolve(message.value);
  }

  #ended(why: string, livedMs: number): void {
    this.#child = null;
    this.#giveUp();
    if (this.#stopped) return;
    this.#options.log('warn', 'uploader.exit', `The uploader ended (${why}); it resumes after the last part.`);
    if (livedMs > GOOD_LIFE_MS) this.#tries = 0;
    const waitMs = RESTART_MS[Math.min(this.#tries, RESTART_MS.length - 1)];
    this.#tries += 1;
    this.#timer = setTimeout(() => this.#options.wanted() && this.start(), waitMs);
  }

  #giveUp(): void {
    const error = fieldroomError('upload.stopped');
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
