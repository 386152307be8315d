/**
 * Works through the queue, one session at a time in order, as long as the plan allows:
 *
 *   due? ─▶ upload ─▶ done ─▶ due? ...
 *             ├─ unreachable: others continue, this destination is retried after a growing delay
 *             ├─ a person must act: failed, with the next step
 *             └─ a recording begins: all traffic pauses immediately; if it lasts, the run ends and resumes after it
 */
import { type FieldroomError, fieldroomError, reportOf } from '../../common/errors.ts';
import { type NamedDestination, needsKeys, type UploadHold, type UploadPlan } from '../../common/uploads.ts';
import type { Log } from '../log/engineLog.ts';
import { BackOff } from './backOff.ts';
import type { DestinationKeys } from './destination.ts';
import { REMOTE_RECEIPT } from './destination.ts';
import { placeOf } from './destinationNames.ts';
import type { Journal, UploadRow } from './journal.ts';
import { Limiter } from './limiter.ts';
import type { UploadProgress } from './progressMeter.ts';
import { placeIdOf, type Receipt } from './receipt.ts';
import { uploadSession } from './sessionUpload.ts';
import { remedyOf } from './uploadErrors.ts';
import type { UploaderPace } from './uploaderMessages.ts';

/** Errors after which the next upload runs, and this destination is retried later. */
const PATIENCE_MS = 30_000;
/** A test recording before class is shorter, so requests in progress then need not be resent. */
const HOLD_MS = 10_000;
/** Another process (the command line) is uploading this session. */
const IN_WORK_MS = 15_000;
/** Errors that new keys may fix. */
const OF_KEYS = ['upload.credentials', 'upload.no-keys', 'upload.permission'];

export interface RunnerOptions {
  journal: Journal;
  log: Log;
  pace: UploaderPace;
  /** The state of an upload may have changed. */
  onChange: () => void;
}

/** The upload in progress. */
interface Run {
  row: UploadRow;
  abort: AbortController;
  /** The state it gets when ended deliberately; null: it stays in the queue. */
  outcome: 'paused' | 'forgotten' | null;
  progress: UploadProgress | null;
  wait: { error: FieldroomError; untilMs: number; doneBytes: number } | null;
}

export class UploadRunner {
  readonly limiter = new Limiter();
  readonly #options: RunnerOptions;
  readonly #backOff: BackOff;
  readonly #keys = new Map<string, DestinationKeys>();
  readonly #inWork = new Map<number, number>();
  #plan: UploadPlan | null = null;
  #places = new Map<string, NamedDestination>();
  #recording = false;
  #run: Run | null = null;
  #ended: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #holding: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { backOffMs } = options.pace;
    this.#backOff = new BackOff(backOffMs === undefined ? {} : { firstMs: backOffMs });
  }

  get recording(): boolean {
    return this.#recording;
  }

  /** The upload in progress; null: none. */
  get run(): Pick<Run, 'row' | 'progress' | 'wait'> | null {
    return this.#run;
  }

  setPlan(plan: UploadPlan): void {
    this.#plan = plan;
    this.#places = new Map(plan.destinations.map((one) => [placeOf(one.settings), one]));
    this.limiter.limit(plan.bytesPerSecond);
    for (const id of this.#keys.keys()) if (!plan.destinations.some((one) => one.id === id)) this.#keys.delete(id);
    if (this.#run && this.holdOf(this.#run.row) !== null) this.#end(null);
    this.turn();
  }

  setKeys(destination: string, keys: DestinationKeys | null): void {
    if (keys) this.#keys.set(destination, keys);
    else this.#keys.delete(destination);
    const { journal } = this.#options;
    for (const row of journal.uploads()) {
      const one = this.#places.get(row.place);
      if (keys && one?.id === destination && row.state === 'failed' && OF_KEYS.includes(row.error?.code ?? ''))
        journal.setState(row.id, 'queued');
    }
    this.turn();
  }

  /** Capture comes first: pauses all sending and reading; a run paused for too long is ended. */
  setRecording(recording: boolean): void {
    if (recording === this.#recording) return;
    this.#recording = recording;
    clearTimeout(this.#holding);
    if (recording) {
      this.limiter.hold();
      this.#holding = setTimeout(() => this.#end(null), this.#options.pace.holdMs ?? HOLD_MS);
    } else this.limiter.let();
    this.turn();
  }

  /** Retries everything now: the network changed, or a person asked. */
  now(place?: string): void {
    this.#backOff.now(place);
    this.turn();
  }

  pause(id: number): void {
    if (this.#run?.row.id === id) this.#end('paused');
    else if (!isOver(this.#options.journal.upload(id))) this.#options.journal.setState(id, 'paused');
    this.#options.onChange();
  }

  resume(id: number): void {
    const { journal } = this.#options;
    const row = journal.upload(id);
    if (row.state === 'paused' || row.state === 'failed' || row.state === 'waiting') journal.setState(id, 'queued');
    // The other uploads that failed there for the same reason can be retried too.
    for (const other of row.state === 'failed' ? journal.uploads() : [])
      if (other.state === 'failed' && other.place === row.place && other.error?.code === row.error?.code)
        journal.setState(other.id, 'queued');
    this.now(row.place);
  }

  /** Moves these to the front, in this order; the running upload yields to one that is now before it. */
  order(ids: readonly number[]): void {
    this.#options.journal.order(ids);
    const first = this.#ready().find((row) => this.waitMs(row) === 0);
    if (this.#run && first && first.id !== this.#run.row.id) this.#end(null);
  }

  forget(id: number): void {
    if (this.#run?.row.id === id) this.#end('forgotten');
    else this.#options.journal.remove(id);
    this.#options.onChange();
  }

  destination(id: string): NamedDestination | null {
    return this.#plan?.destinations.find((one) => one.id === id) ?? null;
  }

  destinationAt(place: string): NamedDestination | null {
    return this.#places.get(place) ?? null;
  }

  /** The destination that issued a receipt. */
  destinationOf({ place, placeId = placeIdOf(place) }: Receipt): NamedDestination | null {
    const found = [...this.#places].find(([known]) => placeIdOf(known) === placeId);
    return found?.[1] ?? null;
  }

  keysOf(id: string): DestinationKeys {
    return this.#keys.get(id) ?? {};
  }

  /** Milliseconds until its destination is retried; 0: now. */
  waitMs({ id, place }: UploadRow): number {
    return Math.max(this.#backOff.waitMs(place), (this.#inWork.get(id) ?? 0) - performance.now());
  }

  /** Why it must not run now, apart from the order; null: it may. */
  holdOf({ place, study }: UploadRow): Exclude<UploadHold, 'turn'> | null {
    const destination = this.#places.get(place);
    const wanted = this.#plan?.studies.find((one) => one.study === study);
    if (!destination || !wanted?.on || !wanted.destinations.includes(destination.id)) return 'off';
    if (this.#plan?.paused) return 'paused';
    if (needsKeys(destination) && !this.#keys.has(destination.id)) return 'keys';
    return this.#recording ? 'recording' : null;
  }

  /** Starts the next due upload, or sets a timer for it. */
  turn(): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#options.onChange();
    if (this.#stopped || this.#run) return;
    const ready = this.#ready();
    const row = ready.find((one) => this.waitMs(one) === 0);
    if (row) this.#ended = this.#upload(row);
    else if (ready.length > 0)
      this.#timer = setTimeout(() => this.turn(), Math.min(...ready.map((one) => this.waitMs(one))) + 10);
  }

  #ready(): UploadRow[] {
    return this.#options.journal.uploads().filter((row) => !isOver(row) && this.holdOf(row) === null);
  }

  /** Ends the running upload; it resumes at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#holding);
    this.#end(null);
    await this.#ended;
  }

  #end(outcome: Run['outcome']): void {
    if (!this.#run) return;
    this.#run.outcome = outcome;
    this.#run.abort.abort(fieldroomError('upload.ended'));
    // Notify those waiting for the end of the recording that it no longer blocks.
    this.limiter.let();
  }

  async #upload(row: UploadRow): Promise<void> {
    const { journal, log, pace } = this.#options;
    const run: Run = { row, abort: new AbortController(), outcome: null, progress: null, wait: null };
    this.#run = run;
    const what = `${row.session} of ${row.study} to ${row.place}`;
    log('info', 'upload.begins', `Uploading ${what}.`);
    try {
      await uploadSession(row, {
        ...{ journal, limiter: this.limiter, signal: run.abort.signal, deadlineMs: pace.deadlineMs ?? PATIENCE_MS },
        ...(pace.firstPauseMs === undefined ? {} : { firstPauseMs: pace.firstPauseMs }),
        // It was complete and runs again for new annotations.
        keepProofs: journal.file(row.id, REMOTE_RECEIPT)?.state === 'verified',
        keys: this.keysOf(this.#places.get(row.place)?.id ?? ''),
        events: {
          onProgress: (progress) => this.#moved(run, progress),
          onWait: (error, pauseMs) => {
            run.wait = { error, untilMs: Date.now() + pauseMs, doneBytes: run.progress?.doneBytes ?? 0 };
          },
        },
      });
      this.#backOff.succeeded(row.place);
      log('info', 'upload.done', `Uploaded and verified: ${what}.`);
    } catch (error) {
      if (!run.abort.signal.aborted) this.#failed(row, error, what);
    } finally {
      this.#run = null;
      if (run.outcome === 'paused' && !isOver(journal.upload(row.id))) journal.setState(row.id, 'paused');
      if (run.outcome === 'forgotten') journal.remove(row.id);
      this.turn();
    }
  }

  #moved(run: Run, progress: UploadProgress): void {
    run.progress = progress;
    if (run.wait && progress.doneBytes > run.wait.doneBytes) {
      run.wait = null;
      this.#backOff.succeeded(run.row.place);
    }
  }

  #failed(row: UploadRow, error: unknown, what: string): void {
    const { log } = this.#options;
    const { code, message, data } = reportOf(error);
    if (code === 'upload.in-work') {
      this.#inWork.set(row.id, performance.now() + IN_WORK_MS);
      return;
    }
    if (remedyOf(error) !== 'again') {
      log('error', code, `Not uploaded, needs attention: ${what}. ${message}`);
      return;
    }
    const pauseMs = this.#backOff.failed(row.place, Number(data?.retryAfterMs ?? 0));
    log('warn', code, `${message} Retrying in ${Math.round(pauseMs / 1000)} s: ${what}.`);
  }
}

/** It needs a person. */
const isOver = ({ state }: UploadRow): boolean =>
  state === 'done' || state === 'freed' || state === 'failed' || state === 'paused';
