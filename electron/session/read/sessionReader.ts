/** Reads a live, crashed or sealed session; never writes. */
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { fieldroomError } from '../../common/errors.ts';
import type { Channel } from '../../common/stream.ts';
import { readPart } from '../folder/files.ts';
import { diskError } from '../format/diskErrors.ts';
import { INDEX } from '../format/manifest.ts';
import { namesSession, openIndex } from '../format/openIndex.ts';
import { hasBounds, type SampleColumn, samplesTable } from '../format/sampleTable.ts';
import { type SeqRange, seqRange } from '../format/seqRange.ts';
import { type StreamEntry, safeColumn, streamsOf } from '../format/streamsOf.ts';
import { SessionClock } from './sessionClock.ts';

export interface Samples {
  seq: number[];
  sessionNs: bigint[];
  /** NaN if not stated. */
  uncertaintyNs: number[];
  publisherNs: number[];
  /** By channel, in the order of the stream's channels: one value per sample. */
  values: Value[][];
}

export type Value = number | string | null;

export type { StreamEntry } from '../format/streamsOf.ts';

export interface PacketInfo {
  seq: number;
  sessionNs: bigint | null;
  publisherNs: number;
  durationNs: number;
  key: boolean;
  /** From the session's folder, with `/`. */
  file: string;
  offset: number;
  length: number;
  crc32: number;
}

export class SessionReader {
  readonly folder: string;
  readonly db: Database;
  readonly #streams = new Map<string, StreamEntry>();
  #clock: { fits: number; clock: SessionClock } | null = null;

  /** @throws FieldroomError `store.no-session`, `store.newer`, `store.damaged` */
  constructor(folder: string) {
    this.folder = folder;
    const path = join(folder, INDEX);
    try {
      this.db = openIndex(folder, { mode: 'read', timeoutMs: 2000 });
    } catch (cause) {
      if (
        (cause as { code?: unknown }).code === 'SQLITE_CANTOPEN' ||
        (cause instanceof TypeError && /directory/.test(cause.message))
      ) {
        throw fieldroomError('store.no-session:folder', { folder }, { cause });
      }
      throw diskError(cause, path, 'opened');
    }
    if (namesSession(this.db)) return;
    this.db.close();
    throw fieldroomError('store.damaged:empty', { path });
  }

  close(): void {
    this.db.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The current fits; a live session gets more. */
  get clock(): SessionClock {
    const fits = this.db.prepare('SELECT count(*) + coalesce(max(id), 0) FROM fit').pluck().get() as number;
    if (this.#clock?.fits !== fits) this.#clock = { fits, clock: new SessionClock(this.db) };
    return this.#clock.clock;
  }

  streams(): StreamEntry[] {
    return streamsOf(this.db);
  }

  /** @throws FieldroomError `store.stream-unknown` */
  stream(id: string): StreamEntry {
    const known = this.#streams.get(id);
    if (known) return known;
    const found = this.streams().find((entry) => entry.stream.id === id);
    if (!found) throw fieldroomError('store.stream-unknown', { id }, { data: { id } });
    this.#streams.set(id, found);
    return found;
  }

  columns(id: string): SampleColumn[] {
    const { number, stream } = this.stream(id);
    if (stream.kind !== 'samples') throw fieldroomError('store.stream-kind', { id });
    const names = this.db
      .prepare('SELECT column_name FROM channel WHERE stream = ? ORDER BY position')
      .pluck()
      .all(number) as string[];
    return stream.channels.map((channel: Channel, i) => ({ channel, column: safeColumn(names[i] as string) }));
  }

  /** The samples with session time in [fromNs, toNs], oldest first, at most `limit`. */
  samples(id: string, fromNs: bigint, toNs: bigint, limit = 10_000): Samples {
    const columns = this.columns(id);
    const result: Samples = {
      seq: [],
      sessionNs: [],
      uncertaintyNs: [],
      publisherNs: [],
      values: columns.map(() => []),
    };
    const early = hasBounds(this.db, id) ? 'early_us' : '0';
    const names = ['seq', 'publisher_ns', early, ...columns.map((c) => `"${c.column}"`)].join(', ');
    const select = `SELECT ${names} FROM "${samplesTable(id)}" WHERE seq BETWEEN ? AND ? AND clock = ? ORDER BY seq LIMIT ?`;
    const [from, to] = [Number(fromNs), Number(toNs)];
    for (const range of this.ranges(id, fromNs, toNs)) {
      const at = this.clock.mapper(range.clock);
      let next = range.firstSeq;
      // With rows out of time order, few rows of a range may be in the window: continue reading until there are enough.
      while (next <= range.lastSeq && result.seq.length < limit) {
        const room = limit - result.seq.length;
        const rows = this.db.prepare(select).raw().all(next, range.lastSeq, range.clock, room) as Value[][];
        for (const row of rows) {
          const { sessionNs, uncertaintyNs } = at(row[1] as number);
          if (!(sessionNs >= from && sessionNs <= to)) continue;
          result.seq.push(row[0] as number);
          result.sessionNs.push(BigInt(sessionNs));
          const earlyUs = row[2] as number | null;
          result.uncertaintyNs.push(earlyUs === null ? Number.NaN : uncertaintyNs + earlyUs * 1000);
          result.publisherNs.push(row[1] as number);
          for (let c = 0; c < columns.length; c += 1) (result.values[c] as Value[]).push(row[c + 3] as Value);
        }
        if (rows.length < room) break;
        next = (rows.at(-1)?.[0] as number) + 1;
      }
    }
    return result;
  }

  /** The packets with session time in [fromNs, toNs] in order, at most `limit`. */
  packets(id: string, fromNs: bigint, toNs: bigint, limit = 100_000): PacketInfo[] {
    const { number } = this.stream(id);
    const clock = this.clock;
    const rows =
      this.db.prepare(`SELECT p.seq, p.publisher_ns AS publisherNs, p.duration_ns AS durationNs, p.key, s.file, p.offset, p.length, p.crc32
      FROM packet p JOIN segment s ON s.id = p.segment WHERE p.stream = ? AND p.clock = ? AND p.publisher_ns BETWEEN ? AND ? ORDER BY p.publisher_ns LIMIT ?`);
    const found: PacketInfo[] = [];
    for (const number_ of this.#clocksOf(number, 'packet')) {
      const range = clock.publisherRange(number_, fromNs, toNs);
      if (!range) continue;
      type Row = Omit<PacketInfo, 'sessionNs' | 'key'> & { key: number };
      for (const row of rows.all(number, number_, range.fromNs, finite(range.toNs), limit) as Row[]) {
        const sessionNs = clock.toSession(number_, row.publisherNs);
        if (sessionNs !== null && sessionNs >= fromNs && sessionNs <= toNs)
          found.push({ ...row, sessionNs, key: row.key === 1 });
      }
    }
    return found.sort((a, b) => a.seq - b.seq).slice(0, limit);
  }

  /** A packet's bytes. @throws FieldroomError `store.gone` if the file ends before it. */
  packetBytes(packet: Pick<PacketInfo, 'file' | 'offset' | 'length'>): Uint8Array {
    const path = join(this.folder, ...packet.file.split('/'));
    try {
      const bytes = readPart(this.folder, packet.file, packet.offset, packet.length);
      if (bytes.byteLength === packet.length) return bytes;
    } catch (cause) {
      throw diskError(cause, path, 'read');
    }
    throw fieldroomError('store.damaged:short', { path, detail: packet.offset + packet.length });
  }

  /** Sequence numbers that may be in a window of session time, from the sparse time index; one entry per clock. */
  ranges(id: string, fromNs: bigint, toNs: bigint): SeqRange[] {
    const { number } = this.stream(id);
    return this.#clocksOf(number, 'batch').flatMap((clock) => {
      const range = this.clock.publisherRange(clock, fromNs, toNs);
      return range ? seqRange(this.db, id, number, clock, range.fromNs, finite(range.toNs)) : [];
    });
  }

  #clocksOf(stream: number, table: 'batch' | 'packet'): number[] {
    const first = this.db.prepare(`SELECT min(clock) FROM ${table} WHERE stream = ? AND clock > ?`).pluck();
    const clocks: number[] = [];
    for (let c = first.get(stream, 0) as number | null; c !== null; c = first.get(stream, c) as number | null)
      clocks.push(c);
    return clocks;
  }
}

/** SQLite can compare integers with infinity, but integer bounds are better for integer columns. */
const finite = (ns: number): number => (Number.isFinite(ns) ? ns : Number.MAX_SAFE_INTEGER);

/** Opens a session to read it; `using` closes it. @throws FieldroomError `store.no-session`, `store.newer`, `store.damaged` */
export const openSession = (folder: string): SessionReader => new SessionReader(folder);
