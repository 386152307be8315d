/**
 * Incoming data from publishers: decides what is new, what is missing before it, and where it is written. Keeps
 * everything pending for the store's next commit.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { type FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { MediaStreamInfo, Stream } from '../../common/stream.ts';
import { decodePacket, decodeSamples, UNKNOWN_US } from '../../common/wire.ts';
import type { Acked } from '../../session/format/commitLog.ts';
import { diskError } from '../../session/format/diskErrors.ts';
import { type IndexWriter, PACKET_COLUMNS } from '../../session/format/indexWriter.ts';
import { packetRowChecksum } from '../../session/format/packetRow.ts';
import type { FitRow, SegmentRow } from '../../session/format/rows.ts';
import { createSampleTables } from '../../session/format/sampleTable.ts';
import type { MediaFile } from '../../session/matroska/mediaFile.ts';
import { type FileSession, mkvHeader } from '../../session/matroska/mkvHeader.ts';
import { ackedPackets } from './ackedPackets.ts';
import { GapTracker } from './gapTracker.ts';
import { MediaWriter } from './mediaWriter.ts';
import { SampleWriter } from './sampleWriter.ts';
import type { Declared, StoreCommand, StoreEvent } from './storeApi.ts';
import { checkSame, countersOf, loadLastSegment, openStream, type StreamState } from './streamState.ts';

type Of<T extends StoreCommand['type']> = Extract<StoreCommand, { type: T }>;

export interface IntakeOptions {
  db: Database;
  index: IndexWriter;
  folder: string;
  /** Session facts written in every media file. */
  session: FileSession;
  /** Data is pending: its bytes. */
  unsafe: (bytes: number) => void;
  /** Memory is full while the disk accepts nothing: this many more bytes cannot be kept. */
  full: (bytes: number) => boolean;
}

export class Intake {
  readonly #db: Database;
  readonly #index: IndexWriter;
  readonly #folder: string;
  readonly #session: FileSession;
  readonly #unsafe: (bytes: number) => void;
  readonly #full: (bytes: number) => boolean;
  readonly #gaps: GapTracker;
  readonly #streams = new Map<string, StreamState>();
  readonly #clocks = new Map<string, number>();
  readonly #fits = new Map<number, FitRow>();
  #nextSegment: number;
  #newClocks: { id: number; name: string }[] = [];
  #segments: SegmentRow[] = [];
  readonly #packets: number[] = [];
  #rows: ((index: IndexWriter) => void)[] = [];
  #leftFiles: MediaFile[] = [];
  readonly #restored: string[] = [];

  constructor({ db, index, folder, session, unsafe, full }: IntakeOptions) {
    this.#db = db;
    this.#index = index;
    this.#folder = folder;
    this.#session = session;
    this.#unsafe = unsafe;
    this.#full = full;
    const one = (sql: string): number => (db.prepare(sql).pluck().get() as number | null) ?? 0;
    this.#nextSegment = one('SELECT max(id) FROM segment') + 1;
    this.#gaps = new GapTracker(one('SELECT max(id) FROM gap') + 1);
    for (const { id, name } of db.prepare('SELECT id, name FROM clock').all() as { id: number; name: string }[])
      this.#clocks.set(name, id);
  }

  get waitingPackets(): number {
    return this.#packets.length / PACKET_COLUMNS.length;
  }

  /** Data arrived since the last commit. */
  get waits(): boolean {
    const rows = this.#packets.length + this.#rows.length + this.#newClocks.length;
    return rows > 0 || [...this.#streams.values()].some(({ moved }) => moved);
  }

  /** The live fit that determines the start time of files. */
  fit(fit: FitRow): void {
    this.#fits.set(this.clockNumber(fit.clock), fit);
  }

  clockNumber(name: string): number {
    const known = this.#clocks.get(name);
    if (known !== undefined) return known;
    const id = this.#clocks.size + 1;
    this.#clocks.set(name, id);
    this.#newClocks.push({ id, name });
    this.#unsafe(0);
    return id;
  }

  /** A row for the next commit. */
  later(write: (index: IndexWriter) => void): void {
    this.#rows.push(write);
    this.#unsafe(200);
  }

  async declare({ stream, clock }: Of<'declare'>): Promise<Declared> {
    const db = this.#db;
    const declaration = JSON.stringify(stream);
    const header = stream.kind === 'samples' ? null : await mkvHeader(stream, this.#session);
    const clockNumber = this.clockNumber(clock);
    const state = this.#streams.get(stream.id) ?? this.#register(stream);
    checkSame(state.stream, stream);
    const fromSeq = state.row.lastSeq + 1;
    this.later((index) =>
      index.insert('declaration', { stream: state.number, clock: clockNumber, from_seq: fromSeq, declaration }),
    );
    if (state.declaration !== declaration) {
      const { label, place, source } = stream;
      this.later(() => {
        db.prepare(
          'UPDATE stream SET declaration = ?, label = ?, place = ?, source = ?, participant = ? WHERE id = ?',
        ).run(declaration, label, place, source, stream.participant ?? null, state.number);
        this.#index.changed('stream', state.number);
      });
    }
    if (header) {
      if (state.media) state.media.redeclare(stream as MediaStreamInfo, header);
      else state.media = this.#mediaWriter(db, state, stream as MediaStreamInfo, header);
    } else if (stream.kind === 'samples' && !state.samples) {
      state.samples = new SampleWriter(db, state.number, stream, state.row.lastSeq + 1);
    }
    state.stream = stream;
    state.declaration = declaration;
    this.#streams.set(stream.id, state);
    return { stream: state.number, nextSeq: state.row.lastSeq + 1 };
  }

  /** Its row and tables are not synced separately: the commit of its first data makes them safe as well. */
  #register(stream: Stream): StreamState {
    const db = this.#db;
    db.pragma('synchronous = NORMAL');
    try {
      return this.#index.transaction(() => {
        const state = openStream(db, this.#index, stream, this.#gaps);
        if (stream.kind === 'samples') createSampleTables(db, state.number, stream);
        return state;
      });
    } finally {
      db.pragma('synchronous = FULL');
    }
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

  packet({ stream, clock, bytes }: Of<'packet'>): void {
    const state = this.#known(stream, 'media');
    const packet = decodePacket(bytes);
    if (this.#isDuplicate(state, packet.seq, 1)) return;
    if (crc32(packet.data) !== packet.crc32) {
      throw this.#refuse(
        state,
        'checksum',
        fieldroomError('ingest.checksum', { stream }, { data: { seq: packet.seq } }),
      );
    }
    this.#refuseWhenFull(state, bytes.byteLength);
    const clockNumber = this.clockNumber(clock);
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
    const { seq, publisherNs, deviceNs, durationNs, bounds, key, data, crc32: checksum } = packet;
    const { offset } = placed;
    // In the order of CHECKED_COLUMNS, then of PACKET_COLUMNS.
    const row = [seq, clockNumber, publisherNs, deviceNs, durationNs, key ? 1 : 0, placed.segment.id, offset];
    row.push(data.byteLength, checksum);
    row.push(known(bounds?.earlyUs), known(bounds?.lateUs));
    this.#packets.push(state.number, ...row, packetRowChecksum(row));
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

  samples({ stream, clock, bytes }: Of<'samples'>): void {
    const state = this.#known(stream, 'samples');
    if (state.stream.kind !== 'samples' || !state.samples) return;
    const batch = decodeSamples(bytes, state.stream.channels);
    const count = batch.publisherNs.length;
    if (this.#isDuplicate(state, batch.firstSeq, count)) return;
    this.#refuseWhenFull(state, bytes.byteLength);
    const clockNumber = this.clockNumber(clock);
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

  gap(message: Of<'gap'>): void {
    const state = this.#known(message.stream, null);
    this.#gaps.declared(state.number, this.clockNumber(message.clock), message);
    state.moved = true;
    this.#unsafe(0);
  }

  #known(id: string, kind: 'media' | 'samples' | null): StreamState {
    const state = this.#streams.get(id);
    const fits = state && (kind === null || (kind === 'media' ? state.media : state.samples));
    if (!state || !fits)
      throw fieldroomError('store.stream-unknown:undeclared', { id, detail: state ? ` as ${kind}` : '' });
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
    if (!this.#full(bytes)) return;
    throw this.#refuse(state, 'disk-full', fieldroomError('store.memory-full'));
  }

  #refuse(state: StreamState, cause: string, error: FieldroomError): FieldroomError {
    state.refused = cause;
    return error;
  }

  /** Records what is between the last accepted number and `seq`: nothing, a hole, or a change of publisher. */
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

  // ---------------------------------------------------------------- making it safe

  /** Syncs all received media bytes to the device. @throws the disk's error */
  sync(): void {
    while (this.#leftFiles.length > 0) {
      const file = this.#leftFiles[0] as MediaFile;
      if (!file.sync()) this.#restored.push(file.path);
      file.close();
      this.#leftFiles.shift();
    }
    for (const { media } of this.#streams.values())
      if (media?.file?.sync() === false) this.#restored.push(media.file.path);
  }

  /** Media files that were removed or replaced from outside, and were restored. */
  takeRestored(): string[] {
    return this.#restored.splice(0);
  }

  /** Writes all pending data within the caller's transaction; `committed` clears it. */
  write(index: IndexWriter): void {
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
  }

  /** The written rows, in the form of the commit log. */
  acked(): Acked[] {
    const samples = [...this.#streams.values()].flatMap((state) => state.samples?.acked() ?? []);
    return [...ackedPackets(this.#packets), ...samples];
  }

  /** @returns what became safe; null if nothing changed. */
  committed(): Extract<StoreEvent, { type: 'ack' }> | null {
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
    if (moved.length === 0) return null;
    const acks = moved
      .filter((state) => state.row.lastSeq >= 0)
      .map((state) => ({ stream: state.stream.id, seq: state.row.lastSeq }));
    return { type: 'ack', acks, counters: moved.map((state) => countersOf(state, this.#gaps)) };
  }

  close(): void {
    for (const file of this.#leftFiles) file.close();
    for (const state of this.#streams.values()) state.media?.close();
  }
}

/** A bound that is not known is stored as "no value": NaN becomes NULL. */
const known = (us: number | undefined): number => (us === undefined || us === UNKNOWN_US ? Number.NaN : us);
