/** The uploader's answers to requests: the displayed queue, and manual actions. */
import { type FieldroomError, fieldroomError } from '../../common/errors.ts';
import {
  type AcceptedRisk,
  type NamedDestination,
  needsKeys,
  type UploadEntry,
  type UploadFile,
} from '../../common/uploads.ts';
import { type Destination, type DestinationSettings, REMOTE_RECEIPT } from './destination.ts';
import { proveCopy } from './freeing.ts';
import type { FileRow, Journal, UploadProgress, UploadRow } from './journal.ts';
import { Limiter } from './limiter.ts';
import { openDestination } from './openDestination.ts';
import { type Receipt, readUploadReceipts } from './receipt.ts';
import { settingsOfReceipt } from './receiptSettings.ts';
import { Retrier } from './retry.ts';
import { STALL_MS } from './stall.ts';
import { testDestination } from './testDestination.ts';
import type { UploaderWork } from './uploaderMessages.ts';
import type { UploadRunner } from './uploadRunner.ts';
import type { UploadScan } from './uploadScan.ts';

/** Maximum files listed; the others are counted. */
const MOST_FILES = 500;
const PATIENCE_MS = 8000;
const NO_PROGRESS: UploadProgress = { files: 0, filesDone: 0, bytes: 0, doneBytes: 0 };

export class UploadQueue {
  readonly #journal: Journal;
  readonly #runner: UploadRunner;
  readonly #scan: UploadScan;
  readonly #deadlineMs: number;
  readonly #stop = new AbortController();
  /** Aborts manual actions when a recording begins. */
  readonly #byHand = new Set<AbortController>();

  /** @param deadlineMs how long a manual request waits without anything getting through */
  constructor(journal: Journal, runner: UploadRunner, scan: UploadScan, deadlineMs = PATIENCE_MS) {
    this.#deadlineMs = deadlineMs;
    this.#journal = journal;
    this.#runner = runner;
    this.#scan = scan;
  }

  readonly work: UploaderWork = {
    list: () => ({ uploads: this.#list(), troubles: this.#scan.troubles }),
    files: ({ id }) => this.#files(id),
    pause: ({ id }) => this.#runner.pause(id),
    resume: ({ id }) => this.#runner.resume(id),
    order: ({ ids }) => this.#runner.order(ids),
    forget: ({ id }) => this.#runner.forget(id),
    test: ({ id }) => this.#test(id),
    prove: ({ folder, accept }) => this.#prove(folder, accept),
    freed: ({ study, session }) => {
      for (const upload of this.#journal.uploads())
        if (upload.study === study && upload.session === session && upload.state === 'done')
          this.#journal.setState(upload.id, 'freed');
    },
  };

  /** A recording begins. */
  yieldToRecording(): void {
    for (const controller of this.#byHand) controller.abort(whileRecording());
  }

  close(): void {
    this.#stop.abort(fieldroomError('upload.stopped:ending'));
  }

  #list(): UploadEntry[] {
    const progress = this.#journal.progress();
    return this.#journal.uploads().map((row) => this.#entry(row, progress.get(row.id) ?? NO_PROGRESS));
  }

  #entry(row: UploadRow, progress: UploadProgress): UploadEntry {
    const { id, study, session, place, addedMs, endedMs } = row;
    const run = this.#runner.run?.row.id === id ? this.#runner.run : null;
    const open = row.state === 'queued' || row.state === 'waiting' || row.state === 'running';
    // An upload marked `running` that is not running was killed: it continues when it is due.
    const state = row.state === 'running' && !run ? 'queued' : row.state;
    const waitMs = this.#runner.waitMs(row);
    return {
      ...{ id, study, session, place, addedMs, endedMs, state },
      destination: this.#runner.destinationAt(place)?.id ?? null,
      hold: open ? (this.#runner.holdOf(row) ?? (run || waitMs > 0 ? null : 'turn')) : null,
      ...progress,
      bytesPerSecond: run?.progress?.bytesPerSecond ?? 0,
      secondsLeft: run?.progress?.secondsLeft ?? null,
      error: run ? (run.wait?.error.toReport() ?? null) : row.error,
      againAtMs: run ? (run.wait?.untilMs ?? null) : open && waitMs > 0 ? Date.now() + waitMs : null,
    };
  }

  #files(id: number): { files: UploadFile[]; total: number } {
    const rows = this.#journal.files(id).filter(({ path }) => path !== REMOTE_RECEIPT);
    const order = [
      ...rows.filter(({ state }) => state !== 'verified'),
      ...rows.filter((row) => row.state === 'verified'),
    ];
    return { files: order.slice(0, MOST_FILES).map((row) => this.#file(row)), total: rows.length };
  }

  #file({ id, path, bytes, state, proof }: FileRow): UploadFile {
    const there = state === 'sent' || state === 'verified';
    const doneBytes = there ? bytes : this.#journal.parts(id).reduce((sum, part) => sum + part.bytes, 0);
    return { path, bytes, doneBytes, state, proof: proof?.by ?? null };
  }

  async #test(id: string): ReturnType<UploaderWork['test']> {
    const destination = this.#runner.destination(id);
    if (!destination) throw fieldroomError('upload.no-destination');
    return this.#with(destination, destination.settings, async (open, signal) => {
      const steps = await testDestination(open, signal);
      if (steps.every(({ error }) => error === undefined)) this.#runner.now(open.place);
      return steps.map(({ name, error }) => (error ? { name, error: error.toReport() } : { name }));
    });
  }

  async #prove(folder: string, accept: readonly AcceptedRisk[]): Promise<{ place: string }> {
    const known = readUploadReceipts(folder).map((receipt) => ({
      receipt,
      destination: this.#runner.destinationOf(receipt),
    }));
    const found = known.find(
      (one): one is { receipt: Receipt; destination: NamedDestination } => one.destination !== null,
    );
    if (!found) throw noReceipt(known[0]?.receipt.place);
    const { receipt, destination } = found;
    const settings = settingsOfReceipt(receipt, this.#journal);
    return this.#with(destination, settings, async (open, signal) => {
      await proveCopy(open, folder, receipt, {
        sameDisk: accept.includes('same-disk'),
        trustCache: accept.includes('cache'),
        onProgress: () => signal.throwIfAborted(),
      });
      signal.throwIfAborted();
      return { place: open.place };
    });
  }

  /** Opens a destination for a manual request that a person is waiting for. */
  async #with<T>(
    destination: NamedDestination,
    settings: DestinationSettings,
    work: (open: Destination, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (this.#runner.recording) throw whileRecording();
    const keys = this.#runner.keysOf(destination.id);
    if (needsKeys(destination) && Object.keys(keys).length === 0)
      throw fieldroomError('upload.no-keys:destination', { name: destination.name });
    const controller = new AbortController();
    this.#byHand.add(controller);
    const signal = AbortSignal.any([this.#stop.signal, controller.signal]);
    const retrier = new Retrier({ deadlineMs: this.#deadlineMs, signal, onWait: () => undefined });
    const parts = { limiter: new Limiter(), retrier, signal, stallMs: STALL_MS };
    const open = openDestination(settings, keys, parts);
    try {
      return await work(open, signal);
    } finally {
      this.#byHand.delete(controller);
      open.close();
    }
  }
}

const whileRecording = (): FieldroomError => fieldroomError('upload.recording');

const noReceipt = (place: string | undefined): FieldroomError =>
  place === undefined
    ? fieldroomError('upload.no-receipt:session')
    : fieldroomError('upload.no-destination:former', { place });
