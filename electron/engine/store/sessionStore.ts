/**
 * The store of one session: takes commands in order, writes media at once, and makes all of it safe in one step:
 *
 *   media bytes ─▶ fdatasync of each touched file ─▶ one commit of the index ─▶ ack
 *
 * at most 250 ms after the first thing that is not yet safe, or when 4 MB wait. When the disk refuses, everything stays
 * in memory and the step is tried again; what was acknowledged is never at stake.
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { FieldroomError, reportOf } from '../../common/errors.ts';
import type { MediaStreamInfo, Stream } from '../../common/stream.ts';
import { decodePacket, decodeSamples } from '../../common/wire.ts';
import { diskError } from './diskErrors.ts';
import { GapBook } from './gapBook.ts';
import { IndexWriter, PACKET_COLUMNS } from './indexWriter.ts';
import { type LogCommand, logRows } from './logRows.ts';
import { INDEX, writeManifest } from './manifest.ts';
import type { MediaFile } from './mediaFile.ts';
import { MediaWriter, type SegmentRow } from './mediaWriter.ts';
import { mkvHeader } from './mkvHeader.ts';
import { createSampleTables, samplesTable } from './sampleTable.ts';
import { SampleWriter } from './sampleWriter.ts';
import { openForWriting, removeUnindexedMedia } from './sessionFolder.ts';
import type { Declared, FitRow, LifecycleState, SessionMeta, StoreCommand, StoreEvent } from './storeApi.ts';
import { countersOf, loadGaps, loadLastSegment, loadStateRow, type StreamState } from './streamState.ts';

export interface StoreOptions {
  flushMs?: number;
  flushBytes?: number;
  /** Bytes kept in memory at most while the disk refuses; what comes then is refused, and its loss recorded. */
  memoryLimitBytes?: number;
}

type Of<T extends StoreCommand['type']> = Extract<StoreCommand, { type: T }>;

const RETRY_MS = 500;
/** Small packets weigh more in memory than their bytes. */
const MANY_PACKETS = 4096;

export class SessionStore {
  readonly #emit: (event: StoreEvent) => void;
  readonly #flushMs: number;
  readonly #flushBytes: number;
  readonly #memoryLimit: number;
  #db: Database | null = null;
  #index: IndexWriter | null = null;
  #folder = '';
  #meta: SessionMeta | null = null;
  #state: LifecycleState = 'created';
  #engineRun = 0;
  #gaps = new GapBook(1);
  readonly #streams = new Map<string, StreamState>();
  readonly #clocks = new Map<string, number>();
  readonly #fits = new Map<number, FitRow>();
  #nextSegment = 1;
  // What waits for the next commit.
  #newClocks: { id: number; name: string }[] = [];
  #segments: SegmentRow[] = [];
  #packets: number[] = [];
  #rows: ((index: IndexWriter) => void)[] = [];
  #leftFiles: MediaFile[] = [];
  #pendingBytes = 0;
  #handledBytes = 0;
  #unsafeSince: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #troubleSince: number | null = null;

  constructor(emit: (event: StoreEvent) => void, options: StoreOptions = {}) {
    this.#emit = emit;
    this.#flushMs = options.flushMs ?? 250;
    this.#flushBytes = options.flushBytes ?? 4 * 1024 * 1024;
    this.#memoryLimit = options.memoryLimitBytes ?? 256 * 1024 * 1024;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Handles one command and emits its answer. Commands must be handed over one after the other: await the last one first. */
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
        return this.#open(command);
      case 'packet':
        return this.#packet(command);
      case 'samples':
        return this.#samples(command);
      case 'declare':
        return this.#declare(command);
      case 'lifecycle':
        return this.#lifecycle(command);
      case 'gap':
        return this.#gap(command);
      case 'flush':
        return this.#mustFlush();
      case 'close':
        return this.#close();
      default:
        return this.#log(command);
    }
  }

  /** Makes all that came safe. False when the disk refused: it is tried again by itself. */
  flush(): boolean {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#unsafeSince === null) return true;
    const started = performance.now();
    try {
      this.#syncMedia();
      this.#commit();
    } catch (cause) {
      this.#trouble(cause);
      return false;
    }
    this.#afterCommit(performance.now() - started);
    return true;
  }

  // ---------------------------------------------------------------- commands

  #open({ folder, meta }: Of<'open'>): void {
    if (this.#db) throw new FieldroomError('store.already-open', `This store already holds ${this.#folder}.`);
    const db = openForWriting(folder);
    const index = new IndexWriter(db);
    try {
      const known = db.prepare('SELECT id FROM session').get() as { id: string } | undefined;
      if (known && known.id !== meta.id) {
        throw new FieldroomError('store.other-session', `${folder} holds the session ${known.id}, not ${meta.id}.`, {
          nextStep: 'Choose another folder.',
        });
      }
      const last = db.prepare('SELECT state FROM lifecycle ORDER BY id DESC LIMIT 1').get() as
        | { state: LifecycleState }
        | undefined;
      if (last?.state === 'sealing' || last?.state === 'sealed') {
        throw new FieldroomError('store.sealing', `The session in ${folder} was being sealed: it takes no more data.`, {
          nextStep: 'Seal it again to finish it.',
        });
      }
      this.#state = last?.state ?? 'created';
      const software = JSON.stringify(meta.software);
      db.transaction(() => {
        if (!known) {
          index.session(meta);
          index.insert('lifecycle', { state: 'created', at_ns: 0, wall_ns: nowWallNs(), detail: '' });
        }
        index.insert('engine_run', {
          clock_epoch: meta.clockEpoch,
          zero_engine_ns: meta.zeroEngineNs,
          zero_wall_ns: meta.zeroWallNs,
          software,
        });
      })();
    } catch (error) {
      db.close();
      throw diskError(error, join(folder, INDEX));
    }
    this.#db = db;
    this.#index = index;
    this.#folder = folder;
    this.#meta = meta;
    this.#load(db, folder);
    this.#writeManifest();
  }

  #load(db: Database, folder: string): void {
    const one = (sql: string): number => (db.prepare(sql).pluck().get() as number | null) ?? 0;
    this.#engineRun = one('SELECT max(id) FROM engine_run');
    this.#nextSegment = one('SELECT max(id) FROM segment') + 1;
    this.#gaps = new GapBook(one('SELECT max(id) FROM gap') + 1);
    for (const { id, name } of db.prepare('SELECT id, name FROM clock').all() as { id: number; name: string }[])
      this.#clocks.set(name, id);
    const indexed = new Set(db.prepare('SELECT file FROM segment').pluck().all() as string[]);
    for (const { file, bytes } of removeUnindexedMedia(folder, indexed)) {
      this.#note(
        'warn',
        'store.unindexed-file',
        `${file} (${bytes} bytes) was begun but never acknowledged when the recorder stopped; it was removed.`,
      );
    }
  }

  async #declare({ stream, clock }: Of<'declare'>): Promise<Declared> {
    const db = this.#mustDb();
    const declaration = JSON.stringify(stream);
    const header = stream.kind === 'samples' ? null : await mkvHeader(stream);
    const clockNumber = this.#clockNumber(clock);
    const state = this.#streams.get(stream.id) ?? this.#newState(db, stream, declaration);
    checkSame(state.stream, stream);
    const fromSeq = state.row.lastSeq + 1;
    this.#later((index) =>
      index.insert('declaration', { stream: state.number, clock: clockNumber, from_seq: fromSeq, declaration }),
    );
    if (state.declaration !== declaration) {
      const { label, place, source } = stream;
      this.#later(() => {
        db.prepare(
          'UPDATE stream SET declaration = ?, label = ?, place = ?, source = ?, participant = ? WHERE id = ?',
        ).run(declaration, label, place, source, stream.participant ?? null, state.number);
      });
    }
    if (header) {
      if (state.media) state.media.redeclare(stream as MediaStreamInfo, header);
      else state.media = this.#mediaWriter(db, state, stream as MediaStreamInfo, header);
    } else if (stream.kind === 'samples' && !state.samples) {
      createSampleTables(db, state.number, stream);
      state.samples = new SampleWriter(db, state.number, stream, state.row.lastSeq + 1);
    }
    state.stream = stream;
    state.declaration = declaration;
    this.#streams.set(stream.id, state);
    return { stream: state.number, nextSeq: state.row.lastSeq + 1 };
  }

  #newState(db: Database, stream: Stream, declaration: string): StreamState {
    type Known = { id: number; declaration: string };
    const find = db.prepare('SELECT id, declaration FROM stream WHERE name = ?');
    let known = find.get(stream.id) as Known | undefined;
    if (!known) {
      this.#mustIndex().insert('stream', {
        name: stream.id,
        kind: stream.kind,
        source: stream.source,
        label: stream.label,
        place: stream.place,
        participant: stream.participant ?? null,
        nominal_rate_hz: stream.nominalRateHz ?? null,
        simulated: stream.simulated ? 1 : 0,
        table_name: stream.kind === 'samples' ? samplesTable(stream.id) : null,
        declaration,
      });
      known = find.get(stream.id) as Known;
    }
    const before = JSON.parse(known.declaration) as Stream;
    checkSame(before, stream);
    loadGaps(db, known.id, this.#gaps);
    return {
      number: known.id,
      stream: before,
      declaration: known.declaration,
      media: null,
      samples: null,
      row: loadStateRow(db, known.id),
      refused: '',
      moved: false,
    };
  }

  #mediaWriter(db: Database, state: StreamState, stream: MediaStreamInfo, header: Uint8Array): MediaWriter {
    const last = loadLastSegment(db, state.number);
    const newId = (): number => this.#nextSegment++;
    try {
      return new MediaWriter(this.#folder, state.number, stream, header, newId, last);
    } catch (cause) {
      throw diskError(cause, last ? join(this.#folder, last.segment.file) : this.#folder, 'opened');
    }
  }

  #packet({ stream, clock, bytes }: Of<'packet'>): void {
    const state = this.#known(stream, 'media');
    const packet = decodePacket(bytes);
    if (this.#isDuplicate(state, packet.seq, 1)) return;
    if (crc32(packet.data) !== packet.crc32) {
      throw this.#refuse(
        state,
        'checksum',
        new FieldroomError('ingest.checksum', `A packet of ${stream} came damaged.`, { data: { seq: packet.seq } }),
      );
    }
    this.#refuseWhenFull(state, bytes.byteLength);
    const clockNumber = this.#clockNumber(clock);
    const writer = state.media as MediaWriter;
    let placed: ReturnType<MediaWriter['accept']>;
    try {
      placed = writer.accept(packet, clockNumber, this.#sessionNs(clockNumber, packet.publisherNs), (left) =>
        this.#leftFiles.push(left),
      );
    } catch (cause) {
      throw this.#refuse(state, 'disk', diskError(cause, `the next file of ${stream}`, 'begun'));
    }
    this.#advance(state, clockNumber, packet.seq, packet.publisherNs);
    if (placed.fresh) this.#segments.push(placed.segment);
    const { seq, publisherNs, deviceNs, durationNs, key, data, crc32: checksum } = packet;
    // In the order of PACKET_COLUMNS.
    this.#packets.push(state.number, seq, clockNumber, publisherNs, deviceNs, durationNs, key ? 1 : 0);
    this.#packets.push(placed.segment.id, placed.offset, data.byteLength, checksum);
    this.#took(
      state,
      clockNumber,
      packet.seq,
      1,
      packet.data.byteLength,
      packet.publisherNs,
      packet.publisherNs + packet.durationNs,
    );
    this.#unsafe(bytes.byteLength);
  }

  #samples({ stream, clock, bytes }: Of<'samples'>): void {
    const state = this.#known(stream, 'samples');
    if (state.stream.kind !== 'samples' || !state.samples) return;
    const batch = decodeSamples(bytes, state.stream.channels);
    const count = batch.publisherNs.length;
    if (this.#isDuplicate(state, batch.firstSeq, count)) return;
    this.#refuseWhenFull(state, bytes.byteLength);
    const clockNumber = this.#clockNumber(clock);
    const from = Math.max(0, state.row.lastSeq + 1 - batch.firstSeq);
    state.row.duplicates += from;
    this.#advance(state, clockNumber, batch.firstSeq + from, batch.publisherNs[from] as number);
    state.samples.add(batch, from, clockNumber, bytes.byteLength);
    const lastNs = batch.publisherNs[count - 1] as number;
    this.#took(
      state,
      clockNumber,
      batch.firstSeq + count - 1,
      count - from,
      (count - from) * state.samples.rowBytes,
      lastNs,
      lastNs,
    );
    this.#unsafe(bytes.byteLength);
  }

  #gap(message: Of<'gap'>): void {
    const state = this.#known(message.stream, null);
    this.#gaps.declared(state.number, this.#clockNumber(message.clock), message);
    state.moved = true;
    this.#unsafe(0);
  }

  #lifecycle({ state, atEngineNs, detail }: Of<'lifecycle'>): void {
    const meta = this.#mustMeta();
    const at = atEngineNs - meta.zeroEngineNs;
    this.#later((index) => index.insert('lifecycle', { state, at_ns: at, wall_ns: nowWallNs(), detail }));
    this.#mustFlush();
    this.#state = state;
    this.#writeManifest();
  }

  #log(command: LogCommand): void {
    this.#mustDb();
    if (command.type === 'fit' && command.fit.kind === 'live') {
      this.#fits.set(this.#clockNumber(command.fit.clock), command.fit);
    }
    this.#later(logRows(command, this.#engineRun, (name) => this.#clockNumber(name)));
    if (command.type === 'marker') this.#mustFlush();
  }

  #close(): void {
    if (!this.#db) return;
    // The second one takes what the first one had to say.
    const safe = this.flush() && this.flush();
    const lost = this.#pendingBytes;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (const file of this.#leftFiles) file.close();
    for (const state of this.#streams.values()) state.media?.close();
    this.#streams.clear();
    this.#db.close();
    this.#db = null;
    if (!safe) {
      throw new FieldroomError('store.closed-unsafe', `The disk did not take the last ${lost} bytes of this session.`, {
        nextStep: 'Free some space on this disk and seal the session.',
        data: { lostBytes: lost },
      });
    }
  }

  // ---------------------------------------------------------------- taking data

  #known(id: string, kind: 'media' | 'samples' | null): StreamState {
    this.#mustDb();
    const state = this.#streams.get(id);
    const fits = state && (kind === null || (kind === 'media' ? state.media : state.samples));
    if (!state || !fits)
      throw new FieldroomError(
        'store.stream-unknown',
        `The stream ${id} was not declared${state ? ` as ${kind}` : ''}.`,
        { nextStep: 'Declare the stream first.' },
      );
    return state;
  }

  #isDuplicate(state: StreamState, firstSeq: number, count: number): boolean {
    if (firstSeq + count - 1 > state.row.lastSeq) return false;
    state.row.duplicates += count;
    state.moved = true;
    this.#unsafe(0);
    return true;
  }

  #refuseWhenFull(state: StreamState, bytes: number): void {
    if (this.#troubleSince === null || this.#pendingBytes + bytes <= this.#memoryLimit) return;
    throw this.#refuse(
      state,
      'disk-full',
      new FieldroomError(
        'store.memory-full',
        'The disk takes nothing, and what is kept in memory has reached its limit.',
        { nextStep: 'Free some space on the disk of the data folder.' },
      ),
    );
  }

  #refuse(state: StreamState, cause: string, error: FieldroomError): FieldroomError {
    state.refused = cause;
    return error;
  }

  /** Records what lies between the last thing taken and `seq`: nothing, a hole, or a change of the publisher. */
  #advance(state: StreamState, clock: number, seq: number, publisherNs: number): void {
    const { row, number, refused } = state;
    const missing = seq - row.lastSeq - 1;
    if (row.lastClock !== null && row.lastClock !== clock) {
      this.#gaps.handover(
        number,
        { clock: row.lastClock, ns: row.lastEndNs as number },
        { clock, ns: publisherNs },
        missing,
      );
    } else if (missing > 0) {
      this.#gaps.hole(
        number,
        clock,
        Math.min(row.lastEndNs ?? publisherNs, publisherNs),
        publisherNs,
        missing,
        refused || undefined,
      );
    }
    state.refused = '';
  }

  #took(
    state: StreamState,
    clock: number,
    lastSeq: number,
    count: number,
    bytes: number,
    lastNs: number,
    endNs: number,
  ): void {
    const { row } = state;
    row.count += count;
    row.bytes += bytes;
    row.lastSeq = lastSeq;
    row.lastClock = clock;
    row.lastPublisherNs = lastNs;
    row.lastEndNs = endNs;
    state.moved = true;
  }

  #sessionNs(clock: number, publisherNs: number): number | null {
    const fit = this.#fits.get(clock);
    return fit ? Number(fit.offsetNs) + publisherNs + fit.drift * (publisherNs - fit.referenceNs) : null;
  }

  #clockNumber(name: string): number {
    const known = this.#clocks.get(name);
    if (known !== undefined) return known;
    const id = this.#clocks.size + 1;
    this.#clocks.set(name, id);
    this.#newClocks.push({ id, name });
    this.#unsafe(0);
    return id;
  }

  #later(write: (index: IndexWriter) => void): void {
    this.#rows.push(write);
    this.#unsafe(200);
  }

  /** Words of the store itself, on the session's time. */
  #note(level: 'info' | 'warn' | 'error', code: string, message: string): void {
    const at = process.hrtime.bigint() - this.#mustMeta().zeroEngineNs;
    this.#later((index) => index.insert('event', { at_ns: at, level, part: 'store', code, message }));
  }

  #unsafe(bytes: number): void {
    this.#pendingBytes += bytes;
    const now = performance.now();
    if (this.#unsafeSince === null) this.#unsafeSince = now;
    if (this.#troubleSince !== null) return;
    // The timer may come late while commands pour in, so the clock is looked at here too.
    const many = this.#pendingBytes >= this.#flushBytes || this.#packets.length >= MANY_PACKETS * PACKET_COLUMNS.length;
    if (many || now - this.#unsafeSince >= this.#flushMs) this.flush();
    else if (!this.#timer) this.#schedule(this.#flushMs);
  }

  #schedule(ms: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), ms);
  }

  // ---------------------------------------------------------------- making it safe

  #syncMedia(): void {
    while (this.#leftFiles.length > 0) {
      const file = this.#leftFiles[0] as MediaFile;
      file.sync();
      file.close();
      this.#leftFiles.shift();
    }
    for (const state of this.#streams.values()) state.media?.file?.sync();
  }

  #commit(): void {
    const index = this.#mustIndex();
    this.#mustDb().transaction(() => {
      for (const { id, name } of this.#newClocks) index.clock(id, name);
      for (const segment of this.#segments) index.segment(segment);
      index.packets(this.#packets);
      for (const state of this.#streams.values()) {
        if (!state.moved) continue;
        state.samples?.write();
        index.state(state.row);
      }
      for (const gap of this.#gaps.takeDirty()) index.gap(gap);
      for (const write of this.#rows) write(index);
    })();
  }

  #afterCommit(lastSyncMs: number): void {
    const moved = [...this.#streams.values()].filter((state) => state.moved);
    for (const state of moved) {
      state.samples?.committed();
      state.moved = false;
    }
    this.#gaps.committed();
    this.#newClocks = [];
    this.#segments = [];
    this.#packets.length = 0;
    this.#rows = [];
    this.#pendingBytes = 0;
    this.#unsafeSince = null;
    if (moved.length > 0) {
      const acks = moved
        .filter((state) => state.row.lastSeq >= 0)
        .map((state) => ({ stream: state.stream.id, seq: state.row.lastSeq }));
      this.#emit({ type: 'ack', acks, counters: moved.map((state) => countersOf(state, this.#gaps)) });
    }
    this.#emit({ type: 'pressure', queuedBytes: 0, lastSyncMs, handledBytes: this.#handledBytes });
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
    if (this.flush()) return;
    throw new FieldroomError('store.not-safe', 'The disk does not take what must be written.', {
      nextStep: 'Free some space on the disk of the data folder.',
      data: { waitingBytes: this.#pendingBytes },
    });
  }

  #writeManifest(): void {
    writeManifest(this.#folder, this.#mustMeta(), this.#state, []);
  }

  #mustDb(): Database {
    if (!this.#db) throw new FieldroomError('store.not-open', 'No session is open.');
    return this.#db;
  }

  #mustIndex(): IndexWriter {
    this.#mustDb();
    return this.#index as IndexWriter;
  }

  #mustMeta(): SessionMeta {
    this.#mustDb();
    return this.#meta as SessionMeta;
  }
}

/** A wall clock is only a label; microseconds do. */
const nowWallNs = (): bigint => BigInt(Date.now()) * 1_000_000n;

/** Errors of the file system and of SQLite carry a code. */
const hasCode = (error: unknown): boolean =>
  !(error instanceof FieldroomError) && typeof (error as { code?: unknown } | null)?.code === 'string';

/** A stream keeps its kind and its columns through a session. @throws FieldroomError `store.stream-changed` */
function checkSame(before: Stream, now: Stream): void {
  const shape = (s: Stream): string =>
    s.kind === 'samples'
      ? JSON.stringify([s.kind, s.channels.map((c) => [c.name, c.type]), s.deviceClock !== undefined])
      : s.kind;
  if (shape(before) === shape(now)) return;
  throw new FieldroomError(
    'store.stream-changed',
    `The stream ${now.id} was declared with other ${now.kind === 'samples' ? 'channels' : 'contents'} before.`,
    {
      nextStep: 'Record it under another id.',
      data: { before: shape(before), now: shape(now) },
    },
  );
}
