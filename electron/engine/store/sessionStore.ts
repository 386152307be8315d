/**
 * The store of one session: handles commands in order, writes media immediately, and makes everything safe in one step:
 *
 *   media bytes ─▶ fdatasync of each touched file ─▶ one commit of the index ─▶ ack
 *
 * at most 250 ms after the first thing that is not yet safe, or when 4 MB are pending. If writing fails, everything
 * stays in memory and the step is retried; acknowledged data is never at risk.
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Database } from 'better-sqlite3';
import { FieldroomError, fieldroomError, reportOf } from '../../common/errors.ts';
import type { LogFile } from '../../session/folder/logFile.ts';
import { encodeEntry } from '../../session/format/commitLog.ts';
import { diskError } from '../../session/format/diskErrors.ts';
import { IndexWriter } from '../../session/format/indexWriter.ts';
import { INDEX, writeManifest } from '../../session/format/manifest.ts';
import type { LifecycleState, SessionMeta } from '../../session/format/rows.ts';
import { nowWallNs } from '../../session/format/rows.ts';
import { openForWriting, removeUnindexedMedia } from '../../session/format/sessionFolder.ts';
import { beginRun, type EngineRun } from './engineRun.ts';
import { type Place, placeOf, refuseMoved } from './folderPlace.ts';
import { Intake } from './intake.ts';
import { type LogCommand, logRows } from './logRows.ts';
import { openCommitLog } from './openCommitLog.ts';
import type { StoreCommand, StoreEvent } from './storeApi.ts';

export interface StoreOptions {
  /** Use this interval from the start. */
  flushMs?: number;
  flushBytes?: number;
  /** Maximum bytes kept in memory while writing fails; further data is refused and recorded as lost. */
  memoryLimitBytes?: number;
}

type Of<T extends StoreCommand['type']> = Extract<StoreCommand, { type: T }>;

const RETRY_MS = 500;
/** Commit often in the first 2 s so that the operator soon sees data is safe. */
const BEGIN = { lastsMs: 2000, flushMs: 40 };
const FLUSH_MS = 250;
/** Small packets use more memory than their bytes. */
const MANY_PACKETS = 4096;

/** A commit whose line in the commit log is not written yet. */
interface Unlogged {
  line: Buffer;
  bytes: number;
  ack: Extract<StoreEvent, { type: 'ack' }> | null;
}

interface Open {
  db: Database;
  index: IndexWriter;
  meta: SessionMeta;
  engineRun: number;
  intake: Intake;
  log: LogFile;
  /** Number of the last commit of the index. */
  commits: number;
  unlogged: Unlogged | null;
  place: Place;
}

export class SessionStore {
  readonly #emit: (event: StoreEvent) => void;
  readonly #fixedFlushMs: number | undefined;
  readonly #flushBytes: number;
  readonly #memoryLimit: number;
  #open: Open | null = null;
  #folder = '';
  #state: LifecycleState = 'created';
  #pendingBytes = 0;
  #handledBytes = 0;
  #unsafeSince: number | null = null;
  #openedMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #troubleSince: number | null = null;

  constructor(emit: (event: StoreEvent) => void, options: StoreOptions = {}) {
    this.#emit = emit;
    this.#fixedFlushMs = options.flushMs;
    this.#flushBytes = options.flushBytes ?? 4 * 1024 * 1024;
    this.#memoryLimit = options.memoryLimitBytes ?? 256 * 1024 * 1024;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Handles one command and emits its answer. Commands must be passed one at a time: await the previous one first. */
  async dispatch(command: StoreCommand): Promise<void> {
    try {
      const result = this.handle(command);
      const value = result instanceof Promise ? await result : result;
      if ('request' in command)
        this.#emit({ type: 'done', request: command.request, ...(value === undefined ? {} : { value }) });
    } catch (cause) {
      const error = reportOf(hasCode(cause) ? diskError(cause, this.#folder) : cause);
      if ('request' in command) this.#emit({ type: 'failed', request: command.request, error });
      else this.#emit({ type: 'refused', stream: 'stream' in command ? command.stream : '', error });
    }
  }

  /** As `dispatch`, but returns the value or throws. Only `declare` of a media stream is asynchronous. */
  handle(command: StoreCommand): unknown {
    if ('bytes' in command) this.#handledBytes += command.bytes.byteLength;
    switch (command.type) {
      case 'open':
        return this.#openSession(command);
      case 'packet':
        return this.#must().intake.packet(command);
      case 'samples':
        return this.#must().intake.samples(command);
      case 'declare':
        return this.#must().intake.declare(command);
      case 'lifecycle':
        return this.#lifecycle(command);
      case 'gap':
        return this.#must().intake.gap(command);
      case 'flush':
        return this.#mustFlush();
      case 'close':
        return this.#close();
      default:
        return this.#log(command);
    }
  }

  /** Makes all received data safe. False if writing failed: it is retried automatically. */
  flush(): boolean {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#unsafeSince === null) return true;
    const started = performance.now();
    let committed: Unlogged;
    try {
      committed = this.#commit(this.#must());
    } catch (cause) {
      this.#trouble(cause);
      return false;
    }
    this.#afterCommit(committed, performance.now() - started);
    return true;
  }

  /**
   * Nothing is acknowledged before its line is in the commit log; a line that could not be written is retried
   * separately.
   */
  #commit(open: Open): Unlogged {
    const { index, intake } = open;
    if (!open.unlogged) {
      refuseMoved(open.place, this.#folder);
      intake.sync();
      for (const file of intake.takeRestored()) this.#tellRestored(file);
      const commit = open.commits + 1;
      index.transaction(() => {
        intake.write(index);
        index.commits(commit);
      });
      open.commits = commit;
      const line = encodeEntry({ commit, kind: 'commit', acked: intake.acked(), rows: index.takeWritten() });
      open.unlogged = { line, bytes: this.#pendingBytes, ack: intake.committed() };
    }
    const { unlogged } = open;
    open.log.append(unlogged.line);
    open.unlogged = null;
    return unlogged;
  }

  // ---------------------------------------------------------------- commands

  #openSession({ folder, meta }: Of<'open'>): void {
    if (this.#open) throw fieldroomError('store.already-open', { folder: this.#folder });
    const db = openForWriting(folder);
    const index = new IndexWriter(db);
    let run: EngineRun;
    try {
      run = beginRun(db, index, folder, meta);
    } catch (error) {
      db.close();
      throw diskError(error, join(folder, INDEX));
    }
    const unsafe = (bytes: number): void => this.#unsafe(bytes);
    const full = (bytes: number): boolean =>
      this.#troubleSince !== null && this.#pendingBytes + bytes > this.#memoryLimit;
    const { log, commits } = openCommitLog(folder, db);
    this.#open = {
      ...{ db, index, meta, log, commits, engineRun: run.id, unlogged: null, place: placeOf(folder) },
      intake: new Intake({ db, index, folder, session: meta, unsafe, full }),
    };
    this.#folder = folder;
    this.#openedMs = performance.now();
    this.#state = run.state;
    for (const { file, bytes } of removeUnindexedMedia(folder, run.indexedFiles)) {
      const what = `${file} (${bytes} bytes) was begun but never acknowledged when the recorder stopped`;
      this.#note('warn', 'store.unindexed-file', `${what}; it was removed.`);
    }
    this.#writeManifest();
  }

  #lifecycle({ state, atEngineNs, detail }: Of<'lifecycle'>): void {
    const { meta, intake } = this.#must();
    const at = atEngineNs - meta.zeroEngineNs;
    intake.later((index) => index.insert('lifecycle', { state, at_ns: at, wall_ns: nowWallNs(), detail }));
    this.#mustFlush();
    this.#state = state;
    this.#writeManifest();
  }

  #log(command: LogCommand): void {
    const { intake, engineRun } = this.#must();
    if (command.type === 'fit' && command.fit.kind === 'live') intake.fit(command.fit);
    intake.later(logRows(command, engineRun, (name) => intake.clockNumber(name)));
    if (command.type === 'marker') this.#mustFlush();
  }

  #close(): void {
    if (!this.#open) return;
    // The second one also contains the first one's data.
    const safe = this.flush() && this.flush();
    const lost = this.#pendingBytes;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#open.intake.close();
    this.#open.log.close();
    this.#open.db.close();
    this.#open = null;
    if (safe) return;
    throw fieldroomError('store.closed-unsafe', { lost }, { data: { lostBytes: lost } });
  }

  // ---------------------------------------------------------------- making it safe

  /** The store's own events, in session time. */
  #note(level: 'info' | 'warn' | 'error', code: string, message: string): void {
    const { meta, intake } = this.#must();
    const at = process.hrtime.bigint() - meta.zeroEngineNs;
    intake.later((index) => index.insert('event', { at_ns: at, level, part: 'store', code, message }));
  }

  #tellRestored(file: string): void {
    const error = fieldroomError('store.media-removed', { file, folder: this.#folder });
    this.#note('error', error.code, error.message);
    this.#emit({ type: 'refused', stream: file.split('/').at(-2) ?? '', error: error.toReport() });
  }

  #unsafe(bytes: number): void {
    this.#pendingBytes += bytes;
    const now = performance.now();
    if (this.#unsafeSince === null) this.#unsafeSince = now;
    if (this.#troubleSince !== null) return;
    // The timer may come late while commands pour in, so the time is checked here too.
    const many = this.#pendingBytes >= this.#flushBytes || this.#must().intake.waitingPackets >= MANY_PACKETS;
    const flushMs = this.#flushMsAt(now);
    if (many || now - this.#unsafeSince >= flushMs) this.flush();
    else if (!this.#timer) this.#schedule(flushMs);
  }

  #flushMsAt(now: number): number {
    return this.#fixedFlushMs ?? (now - this.#openedMs < BEGIN.lastsMs ? BEGIN.flushMs : FLUSH_MS);
  }

  #schedule(ms: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), ms);
  }

  #afterCommit({ bytes, ack }: Unlogged, lastSyncMs: number): void {
    // Data that arrived while a line was being written is in the next commit.
    this.#pendingBytes -= bytes;
    this.#unsafeSince = this.#must().intake.waits ? performance.now() : null;
    if (this.#unsafeSince !== null) this.#schedule(FLUSH_MS);
    if (ack) this.#emit(ack);
    this.#emit({ type: 'pressure', queuedBytes: this.#pendingBytes, lastSyncMs, handledBytes: this.#handledBytes });
    if (this.#troubleSince !== null) {
      const lastedMs = performance.now() - this.#troubleSince;
      this.#troubleSince = null;
      this.#emit({ type: 'recovered', lastedMs });
      this.#note(
        'warn',
        'store.recovered',
        `The disk took nothing for ${(lastedMs / 1000).toFixed(1)} s; what came meanwhile was kept in memory.`,
      );
    }
  }

  #trouble(cause: unknown): void {
    this.#troubleSince ??= performance.now();
    this.#emit({ type: 'trouble', error: diskError(cause, this.#folder).toReport() });
    this.#emit({
      type: 'pressure',
      queuedBytes: this.#pendingBytes,
      lastSyncMs: performance.now() - this.#troubleSince,
      handledBytes: this.#handledBytes,
    });
    this.#schedule(RETRY_MS);
  }

  #mustFlush(): void {
    // The second one includes data that arrived while a line of the commit log was being written.
    if (this.flush() && this.flush()) return;
    throw fieldroomError('store.not-safe', {}, { data: { waitingBytes: this.#pendingBytes } });
  }

  #writeManifest(): void {
    writeManifest(this.#folder, this.#must().meta, this.#state, []);
  }

  #must(): Open {
    if (!this.#open) throw fieldroomError('store.not-open');
    return this.#open;
  }
}

/** Errors of the file system and of SQLite carry a code. */
const hasCode = (error: unknown): boolean =>
  !(error instanceof FieldroomError) && typeof (error as { code?: unknown } | null)?.code === 'string';
