/**
 * Runs the operator's exports: one process at a time, at the lowest priority, and none while a session is recorded.
 * Starting a recording kills the running export, which continues from its last finished file afterwards.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { fieldroomError, reportOf } from '../../common/errors.ts';
import type { ExportJob, exportRequestSchema } from '../../common/exports.ts';
import type { Log } from '../log/engineLog.ts';

type Request = z.infer<typeof exportRequestSchema>;

/**
 * Same as in `electron/export/jobs/exporterMessages.ts`: modules that do not import each other share a text protocol.
 */
type FromExporter =
  | { type: 'progress'; fraction: number; what: string }
  | { type: 'done'; folder: string; bytes: number; notes: string[] }
  | { type: 'failed'; error: NonNullable<ExportJob['error']> };

interface Job extends ExportJob {
  session: string;
  options: Request['options'];
}

const FOLDER = 'exports';
const STOP_TIMEOUT_MS = 5000;
/**
 * Rows live for one group of a table: V8 frees them sooner when its young generation is small. `native/fieldroom.mjs`
 * sets the same.
 */
const EXPORTER_FLAGS = ['--max-semi-space-size=4'];

export class ExportService {
  readonly #dataFolder: string;
  readonly #log: Log;
  readonly #jobs: Job[] = [];
  #child: { process: ChildProcess; job: Job } | null = null;
  #recording = false;
  #stopped = false;

  constructor({ dataFolder, log }: { dataFolder: string; log: Log }) {
    this.#dataFolder = dataFolder;
    this.#log = log;
  }

  /** The newest first. */
  list(): ExportJob[] {
    return this.#jobs.map(shown).reverse();
  }

  /** @param session the session's folder */
  start(session: string, { key, format, folder, options }: Request): ExportJob {
    const job: Job = {
      ...{ id: this.#jobs.length + 1, key, format, session, options },
      folder: folder ?? this.#newFolder(session, format),
      ...{ state: 'queued', fraction: 0, what: '', bytes: 0, notes: [], error: null },
    };
    this.#jobs.push(job);
    this.#next();
    return shown(job);
  }

  /** @throws FieldroomError `export.unknown` */
  cancel(id: number): void {
    const job = this.#jobs.find((one) => one.id === id);
    if (!job) throw fieldroomError('export.unknown', { id });
    if (job.state === 'queued') job.state = 'cancelled';
    // Closing its input makes the process remove its output.
    else if (this.#child?.job === job) this.#child.process.stdin?.end();
    else if (job.state === 'held') {
      // A process that is started and cancelled immediately removes what the kill left behind.
      job.state = 'cancelled';
      this.#run(job).stdin?.end();
    }
  }

  setRecording(recording: boolean): void {
    if (recording === this.#recording) return;
    this.#recording = recording;
    if (recording && this.#child) {
      this.#child.job.state = 'held';
      this.#child.process.kill('SIGKILL');
    }
    this.#next();
  }

  /** The running export ends and removes its files. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const child = this.#child?.process;
    if (!child) return;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin?.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }

  #newFolder(session: string, format: string): string {
    const base = join(this.#dataFolder, FOLDER, `${basename(session)}-${format}`);
    const taken = (path: string): boolean => existsSync(path) || this.#jobs.some(({ folder }) => folder === path);
    let path = base;
    for (let i = 2; taken(path); i += 1) path = `${base}-${i}`;
    return path;
  }

  #next(): void {
    if (this.#child || this.#recording || this.#stopped) return;
    const job = this.#jobs.find(({ state }) => state === 'held') ?? this.#jobs.find(({ state }) => state === 'queued');
    if (!job) return;
    job.state = 'running';
    this.#run(job);
  }

  #run(job: Job): ChildProcess {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const entry = fileURLToPath(new URL(`../../export/jobs/exporter.entry.${extension}`, import.meta.url));
    const child = spawn(process.execPath, [...EXPORTER_FLAGS, entry], {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#child = { process: child, job };
    let last = '';
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => {
      job.error = reportOf(error);
    });
    void mkdir(dirname(job.folder), { recursive: true })
      .catch(() => undefined)
      .then(() => {
        const { session, format, folder: out, options } = job;
        if (child.stdin.writable) child.stdin.write(`${JSON.stringify({ session, format, out, options })}\n`);
      });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"type":')) this.#hear(job, JSON.parse(line) as FromExporter);
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      last = line;
    });
    child.once('close', (code, signal) => {
      this.#child = null;
      if (job.state === 'running') {
        job.state = 'failed';
        job.error ??= reportOf(fieldroomError('export.died', { how: signal ?? `code ${code}`, last }));
      }
      this.#log(
        job.state === 'failed' ? 'warn' : 'info',
        'export.end',
        `Export ${job.id} to ${job.format}: ${job.state}.`,
      );
      this.#next();
    });
    return child;
  }

  #hear(job: Job, message: FromExporter): void {
    if (message.type === 'progress') {
      job.fraction = message.fraction;
      job.what = message.what;
    } else if (message.type === 'done') {
      Object.assign(job, { state: 'done', fraction: 1, what: '', bytes: message.bytes, notes: message.notes });
    } else if (message.error.code === 'export.cancelled') job.state = 'cancelled';
    else Object.assign(job, { state: 'failed', error: message.error });
  }
}

const shown = ({ session: _, options: __, ...job }: Job): ExportJob => ({ ...job, notes: [...job.notes] });
