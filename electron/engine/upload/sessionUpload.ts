/**
 * One session to one destination:
 *
 *   every file: sent ─▶ proven whole there    (several at once; a file that fails its proof starts over)
 *   then the manifest, in the same way: from now on the session is complete at the lab
 *   then the receipt: into the session's folder, and beside the manifest
 */
import { hash } from 'node:crypto';
import { type FieldroomError, fieldroomError, reportOf } from '../../common/errors.ts';
import { MANIFEST } from '../../session/format/manifest.ts';
import { type Content, FileContent, MemoryContent } from './content.ts';
import type { Destination, DestinationKeys } from './destination.ts';
import { JournalProgress } from './fileProgress.ts';
import type { FileRow, FileState, Journal, UploadRow } from './journal.ts';
import type { Limiter } from './limiter.ts';
import { readSealed, type SealedSession } from './manifestReader.ts';
import { openDestination } from './openDestination.ts';
import { ProgressMeter, type UploadProgress } from './progressMeter.ts';
import { makeReceipt, type Receipt, receiptBytes, writeReceipt } from './receipt.ts';
import { Retrier } from './retry.ts';
import { STALL_MS } from './stall.ts';
import { remedyOf } from './uploadErrors.ts';

export const REMOTE_RECEIPT = 'receipt.json';
const FILES_AT_ONCE = 12;
/** A file that the destination loses or damages is sent so often, then a person must look. */
const MOST_ROUNDS = 4;
const KEEP_BOOKS_MS = 1000;

export interface UploadEvents {
  onProgress?: (progress: UploadProgress) => void;
  /** Something went wrong that is tried again after the pause. */
  onWait?: (error: FieldroomError, pauseMs: number) => void;
  onFile?: (path: string, state: FileState) => void;
}

export interface UploadOptions {
  journal: Journal;
  limiter: Limiter;
  keys: DestinationKeys;
  signal: AbortSignal;
  /** How long to go on without anything getting through. */
  deadlineMs: number;
  /** Time without a byte after which a request counts as stalled. */
  stallMs?: number;
  /** The first pause before something is tried again; it doubles. */
  firstPauseMs?: number;
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
 * Goes on where the journal says. The state in the journal follows: `running`, then `done`, `failed`, or `queued` when
 * the signal ended it.
 * @throws FieldroomError `upload.*`: what a person must know; nothing local is ever deleted
 */
export async function uploadSession(upload: UploadRow, options: UploadOptions): Promise<UploadResult> {
  const { journal, signal } = options;
  journal.claim(upload.id);
  try {
    journal.setState(upload.id, 'running');
    const result = await new SessionUpload(upload, options).run();
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

class SessionUpload {
  readonly #upload: UploadRow;
  readonly #options: UploadOptions;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #destination: Destination;
  readonly #meter: ProgressMeter;
  readonly #session: SealedSession;
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
    const files = journal.files(upload.id);
    const there = files.filter(
      ({ path, state }) => path !== REMOTE_RECEIPT && (state === 'sent' || state === 'verified'),
    );
    this.#meter = new ProgressMeter(
      sumOf(this.#session.files) + this.#session.manifest.bytes,
      this.#session.files.length + 1,
      sumOf(there) + journal.confirmedBytes(upload.id),
      there.filter(({ state }) => state === 'verified').length,
    );
  }

  async run(): Promise<UploadResult> {
    const { journal, limiter, events = {} } = this.#options;
    limiter.onBytes = (bytes) => {
      this.#meter.wire(bytes);
      this.#unbookedBytes += bytes;
      this.#wireBytes += bytes;
    };
    const books = setInterval(() => {
      this.#recordProgress();
      events.onProgress?.(this.#meter.get());
    }, KEEP_BOOKS_MS);
    try {
      await this.#refuseAnother();
      const listed = new Set(this.#session.files.map(({ path }) => path));
      await this.#all(journal.files(this.#upload.id).filter(({ path }) => listed.has(path)));
      await this.#file(journal.putFile(this.#upload.id, this.#session.manifest));
      return await this.#receipt(listed);
    } finally {
      clearInterval(books);
      this.#recordProgress();
      events.onProgress?.(this.#meter.get());
      this.#destination.close();
    }
  }

  #recordProgress(): void {
    this.#options.journal.addWireBytes(this.#upload.id, this.#unbookedBytes);
    this.#unbookedBytes = 0;
  }

  /** Session ids do not collide; should a manifest of another session lie there all the same, it stays. */
  async #refuseAnother(): Promise<void> {
    const location = this.#destination.locationOf(this.#key(MANIFEST));
    if (location === null) return;
    const bytes = await this.#destination.size(location);
    if (bytes === null || bytes === this.#session.manifest.bytes) return;
    throw fieldroomError(
      'upload.occupied',
      { place: this.#destination.place, detail: this.#key('') },
      { data: { bytes } },
    );
  }

  async #all(files: readonly FileRow[]): Promise<void> {
    const open = files.filter(({ state }) => state !== 'verified');
    let next = 0;
    const work = async (): Promise<void> => {
      for (let file = open[next++]; file; file = open[next++]) await this.#file(file);
    };
    const workers = Array.from({ length: Math.min(FILES_AT_ONCE, open.length) }, () =>
      work().catch((error: unknown) => {
        // The first that fails ends the others; they would only repeat it.
        this.#stop.abort(error);
        throw error;
      }),
    );
    const results = await Promise.allSettled(workers);
    if (this.#options.signal.aborted) throw this.#options.signal.reason;
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #file(row: FileRow, memory?: Buffer): Promise<string> {
    const { journal, events = {} } = this.#options;
    const object = { key: this.#key(row.path), bytes: row.bytes, sha256: row.sha256 };
    for (let round = 1, file: FileRow = row; ; round += 1) {
      try {
        const location = await this.#send(file, object, memory);
        const proof = await this.#destination.check(object, location, journal.parts(file.id), null);
        journal.verified(file.id, proof);
        if (!memory) this.#meter.fileDone();
        events.onFile?.(file.path, 'verified');
        return location;
      } catch (error) {
        if (remedyOf(error) !== 'over' || round >= MOST_ROUNDS) throw error;
        events.onWait?.(error as FieldroomError, 0);
        file = await this.#again(file, (error as FieldroomError).code);
      }
    }
  }

  async #send(file: FileRow, object: { key: string; bytes: number; sha256: string }, memory?: Buffer): Promise<string> {
    if ((file.state === 'sent' || file.state === 'verified') && file.location !== null) return file.location;
    const { journal, events = {} } = this.#options;
    const content: Content = memory
      ? new MemoryContent(memory)
      : new FileContent(this.#upload.folder, file.path, file.bytes, file.sha256);
    let counted = 0;
    const progress = new JournalProgress(journal, file, (bytes) => {
      counted += bytes;
      if (!memory) this.#meter.confirmed(bytes);
    });
    const before = progress.parts().reduce((sum, { bytes }) => sum + bytes, 0);
    try {
      events.onFile?.(file.path, 'sending');
      const location = await this.#destination.send({ object, content, progress, signal: this.#signal });
      journal.sent(file.id, location);
      if (!memory) this.#meter.confirmed(file.bytes - before - counted);
      events.onFile?.(file.path, 'sent');
      return location;
    } finally {
      await content.close();
    }
  }

  /** What is known of the file at the server is void, except that parts which differ can be told apart there. */
  async #again(file: FileRow, code: string): Promise<FileRow> {
    const { journal } = this.#options;
    const now = journal.file(this.#upload.id, file.path) as FileRow;
    if (code === 'upload.parts-differ') return now;
    // What is not whole must not lie there under its name. That it goes matters less than that a whole one comes.
    if (code === 'upload.not-whole' && now.location !== null)
      await this.#destination.remove(now.location).catch(() => undefined);
    const counted = now.state === 'sent' ? now.bytes : sumOf(journal.parts(file.id));
    if (file.path !== REMOTE_RECEIPT) this.#meter.confirmed(-counted);
    journal.forget(file.id);
    return journal.file(this.#upload.id, file.path) as FileRow;
  }

  async #receipt(listed: ReadonlySet<string>): Promise<UploadResult> {
    const { journal } = this.#options;
    const files = journal.files(this.#upload.id).filter(({ path }) => listed.has(path) || path === MANIFEST);
    const receipt = makeReceipt(this.#upload, MANIFEST, files);
    const receiptFile = writeReceipt(this.#upload.folder, receipt);
    const bytes = receiptBytes(receipt);
    const sha256 = hash('sha256', bytes, 'hex');
    const row = journal.putFile(this.#upload.id, { path: REMOTE_RECEIPT, bytes: bytes.length, sha256 });
    const receiptLocation = await this.#file(row, bytes);
    return { receipt, receiptFile, receiptLocation, wireBytes: this.#wireBytes };
  }

  #key(path: string): string {
    return `${this.#upload.study}/${this.#upload.session}/${path}`;
  }
}

const sumOf = (files: readonly { bytes: number }[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);
