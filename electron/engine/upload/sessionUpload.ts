/**
 * One session to one destination:
 *
 *   every file: sent ─▶ verified there in this run    (several at once; a file that fails verification starts over)
 *   check that nothing was replaced or lost meanwhile
 *   then the manifest, in the same way: from then on the session is complete at the lab
 *   then the annotations, then the receipt: into the session's folder, and beside the manifest
 */
import { hash } from 'node:crypto';
import { type FieldroomError, fieldroomError, reportOf } from '../../common/errors.ts';
import { annotationsPath, copyAnnotations } from '../../session/annotationsCopy.ts';
import { MANIFEST, parseManifest } from '../../session/format/manifest.ts';
import { type Destination, type DestinationKeys, type DestinationSettings, REMOTE_RECEIPT } from './destination.ts';
import { FileUploads } from './fileUploads.ts';
import type { FileRow, FileState, Journal, UploadRow } from './journal.ts';
import type { Limiter } from './limiter.ts';
import { readSealed, type SealedSession } from './manifestReader.ts';
import { openDestination } from './openDestination.ts';
import { ProgressMeter, type UploadProgress } from './progressMeter.ts';
import { setUpDestination } from './queueSession.ts';
import { readAll } from './readBack.ts';
import { makeReceipt, type Receipt, receiptBytes, removeReceipt, writeReceipt } from './receipt.ts';
import { Retrier } from './retry.ts';
import { STALL_MS } from './stall.ts';
import { remedyOf, trouble } from './uploadErrors.ts';

const FILES_AT_ONCE = 12;
/** Rounds after which an upload fails if the destination keeps changing files. */
const MOST_ROUNDS = 4;
const RECORD_PROGRESS_MS = 1000;

export interface UploadEvents {
  onProgress?: (progress: UploadProgress) => void;
  /** A temporary error, retried after the delay. */
  onWait?: (error: FieldroomError, pauseMs: number) => void;
  onFile?: (path: string, state: FileState) => void;
}

export interface UploadOptions {
  journal: Journal;
  limiter: Limiter;
  keys: DestinationKeys;
  signal: AbortSignal;
  /** How long to continue without anything getting through. */
  deadlineMs: number;
  /** Time without a byte after which a request counts as stalled. */
  stallMs?: number;
  /** The first retry delay; it doubles. */
  firstPauseMs?: number;
  /**
   * Keep the proofs of an earlier run that ended complete, where the destination still has the same objects: for a run that
   * only adds annotations. Default: everything is verified again.
   */
  keepProofs?: boolean;
  events?: UploadEvents;
}

export interface UploadResult {
  receipt: Receipt;
  /** Of the receipt in the session's folder. */
  receiptFile: string;
  /** Of the receipt at the destination. */
  receiptLocation: string;
  wireBytes: number;
}

/**
 * Resumes from the journal and updates its state there: `running`, then `done`, `failed`, or `queued` when the signal
 * ended it.
 * @throws FieldroomError `upload.*`; nothing local is ever deleted
 */
export async function uploadSession(upload: UploadRow, options: UploadOptions): Promise<UploadResult> {
  const { journal, signal } = options;
  journal.claim(upload.id);
  try {
    journal.setState(upload.id, 'running');
    const settings = await setUp(upload, options);
    const result = await new SessionUpload({ ...upload, settings }, options).run();
    journal.setState(upload.id, 'done');
    return result;
  } catch (error) {
    if (signal.aborted) journal.setState(upload.id, 'queued');
    else journal.setState(upload.id, remedyOf(error) === 'again' ? 'waiting' : 'failed', reportOf(error));
    throw error;
  } finally {
    journal.release(upload.id);
  }
}

/** A folder gets its marker file at the first upload, and is recognised by it from then on. */
async function setUp(
  upload: UploadRow,
  { journal, deadlineMs, signal, events }: UploadOptions,
): Promise<DestinationSettings> {
  const onWait = (error: FieldroomError, pauseMs: number): void => events?.onWait?.(error, pauseMs);
  const settings = await new Retrier({ deadlineMs, signal, onWait }).retry(() =>
    setUpDestination(journal, upload.settings),
  );
  journal.setSettings(upload.id, settings);
  return settings;
}

class SessionUpload {
  readonly #upload: UploadRow;
  readonly #options: UploadOptions;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #destination: Destination;
  readonly #meter: ProgressMeter;
  readonly #session: SealedSession;
  readonly #files: FileUploads;
  #unbookedBytes = 0;
  #wireBytes = 0;

  constructor(upload: UploadRow, options: UploadOptions) {
    const { journal, keys, limiter, signal, deadlineMs, firstPauseMs, stallMs = STALL_MS, events = {} } = options;
    this.#upload = upload;
    this.#options = options;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
    this.#session = readSealed(upload.folder);
    if (this.#session.manifest.sha256 !== upload.manifestSha256)
      throw fieldroomError('upload.file-changed:manifest', { folder: upload.folder });
    const retrier = new Retrier({
      deadlineMs,
      ...(firstPauseMs === undefined ? {} : { firstPauseMs }),
      signal: this.#signal,
      onBusy: () => limiter.calm(),
      onWait: (error, pauseMs) => events.onWait?.(error, pauseMs),
    });
    this.#destination = openDestination(upload.settings, keys, { limiter, retrier, signal: this.#signal, stallMs });
    const sent = this.#listed().filter(({ state }) => state === 'sent' || state === 'verified');
    this.#meter = new ProgressMeter(
      sumOf(this.#session.files) + this.#session.manifest.bytes,
      this.#session.files.length + 1,
      sumOf(sent) + journal.confirmedBytes(upload.id),
      0,
    );
    this.#files = new FileUploads({
      ...{ journal, upload: upload.id, folder: upload.folder, destination: this.#destination, meter: this.#meter },
      signal: this.#signal,
      keyOf: (path) => this.#key(path),
      onFile: (path, state) => events.onFile?.(path, state),
      onAgain: (error) => events.onWait?.(error, 0),
      onLost: () => this.#withdraw(),
    });
  }

  async run(): Promise<UploadResult> {
    const { journal, limiter, events = {} } = this.#options;
    limiter.onBytes = (bytes) => {
      this.#meter.wire(bytes);
      this.#unbookedBytes += bytes;
      this.#wireBytes += bytes;
    };
    const progress = setInterval(() => {
      this.#recordProgress();
      events.onProgress?.(this.#meter.get());
    }, RECORD_PROGRESS_MS);
    try {
      await this.#refuseAnother();
      const open = await this.#unproven();
      await this.#completeAll(open);
      await this.#file(journal.putFile(this.#upload.id, this.#session.manifest));
      const annotations = await this.#annotations();
      return await this.#receipt(annotations);
    } finally {
      clearInterval(progress);
      this.#recordProgress();
      events.onProgress?.(this.#meter.get());
      this.#destination.close();
    }
  }

  /** The manifest and its files, from the journal. */
  #listed(): FileRow[] {
    const listed = new Set([MANIFEST, ...this.#session.files.map(({ path }) => path)]);
    return this.#options.journal.files(this.#upload.id).filter(({ path }) => listed.has(path));
  }

  /** The files to send or verify, without the manifest; unsent ones first. */
  async #unproven(): Promise<FileRow[]> {
    const { journal, keepProofs = false } = this.#options;
    const open: FileRow[] = [];
    if (!keepProofs) journal.unprove(this.#upload.id);
    for (const file of this.#listed())
      if (file.path !== MANIFEST && !(keepProofs && (await this.#files.keepProof(file)))) open.push(file);
    const isSent = ({ state }: FileRow): boolean => state === 'sent' || state === 'verified';
    return [...open.filter((file) => !isSent(file)), ...open.filter(isSent)];
  }

  /** Completes the files, and checks once more that all are unchanged since verification. */
  async #completeAll(open: readonly FileRow[]): Promise<void> {
    const listed = this.#listed().filter(({ path }) => path !== MANIFEST);
    for (let round = 1, todo = open; ; round += 1) {
      await this.#all(todo);
      todo = await this.#files.changedSince(listed);
      if (todo.length === 0) return;
      if (round >= MOST_ROUNDS)
        throw trouble('not-whole', this.#destination.place, `${todo[0]?.path} changes again and again`);
    }
  }

  #recordProgress(): void {
    this.#options.journal.addWireBytes(this.#upload.id, this.#unbookedBytes);
    this.#unbookedBytes = 0;
  }

  /**
   * A manifest at the destination must be this one, or an earlier revision of the same session, which is withdrawn.
   * @throws FieldroomError `upload.occupied`
   */
  async #refuseAnother(): Promise<void> {
    const location = this.#destination.locationOf(this.#key(MANIFEST));
    if (location === null || (await this.#destination.size(location)) === null) return;
    const text = (await readAll(this.#destination, location)).toString('utf8');
    if (hash('sha256', text, 'hex') === this.#upload.manifestSha256) return this.#files.mayReplace(REMOTE_RECEIPT);
    if (!isEarlier(text, this.#session)) {
      const { place } = this.#destination;
      throw fieldroomError('upload.occupied', { place, detail: this.#key('') });
    }
    await this.#destination.remove(location);
    for (const { path } of [...this.#listed(), { path: MANIFEST }, { path: REMOTE_RECEIPT }])
      this.#files.mayReplace(path);
  }

  async #all(files: readonly FileRow[]): Promise<void> {
    let next = 0;
    const work = async (): Promise<void> => {
      for (let file = files[next++]; file; file = files[next++]) await this.#file(file);
    };
    const workers = Array.from({ length: Math.min(FILES_AT_ONCE, files.length) }, () =>
      work().catch((error: unknown) => {
        // The first failure ends the others, which would fail the same way.
        this.#stop.abort(error);
        throw error;
      }),
    );
    const results = await Promise.allSettled(workers);
    if (this.#options.signal.aborted) throw this.#options.signal.reason;
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  #file(row: FileRow, memory?: Buffer): Promise<string> {
    return this.#files.complete(row, memory);
  }

  /** The session is not complete at the destination: removes the manifest and invalidates the receipt. */
  async #withdraw(): Promise<void> {
    const { journal } = this.#options;
    removeReceipt(this.#upload.folder, this.#upload.place);
    for (const path of [MANIFEST, REMOTE_RECEIPT]) {
      const row = journal.file(this.#upload.id, path);
      if (!row) continue;
      this.#files.mayReplace(path);
      // Some servers do not allow removal; the manifest is sent again in any case.
      if (row.location !== null) await this.#destination.remove(row.location).catch(() => undefined);
      journal.forget(row.id);
    }
  }

  /** Annotations added since: each state is a separate object, which is never overwritten. */
  async #annotations(): Promise<(FileRow & { revision: number }) | null> {
    const { journal } = this.#options;
    const copy = copyAnnotations(this.#upload.folder);
    if (copy === null) return null;
    const path = annotationsPath(copy);
    const row = journal.putFile(this.#upload.id, { path, bytes: copy.bytes.length, sha256: copy.sha256 });
    await this.#file(row, copy.bytes);
    return { ...(journal.file(this.#upload.id, path) as FileRow), revision: copy.revision };
  }

  async #receipt(annotations: (FileRow & { revision: number }) | null): Promise<UploadResult> {
    const { journal } = this.#options;
    const receipt = makeReceipt(this.#upload, MANIFEST, this.#listed(), annotations);
    const bytes = receiptBytes(receipt);
    const sha256 = hash('sha256', bytes, 'hex');
    const row = journal.putFile(this.#upload.id, { path: REMOTE_RECEIPT, bytes: bytes.length, sha256 });
    this.#files.mayReplace(REMOTE_RECEIPT);
    const receiptLocation = await this.#file(row, bytes);
    const receiptFile = writeReceipt(this.#upload.folder, receipt);
    return { receipt, receiptFile, receiptLocation, wireBytes: this.#wireBytes };
  }

  #key(path: string): string {
    return `${this.#upload.study}/${this.#upload.session}/${path}`;
  }
}

/** Whether a manifest at the destination is an earlier revision of this session. */
function isEarlier(text: string, { manifest, folder, session, revision }: SealedSession): boolean {
  try {
    const other = parseManifest(text, `${folder}/${manifest.path}`);
    return other.meta.id === session && other.revision < revision;
  } catch {
    return false;
  }
}

const sumOf = (files: readonly { bytes: number }[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);
