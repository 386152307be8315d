/** The packets of a media stream in order, verified against their checksums, with session time; damaged ones are left out and reported. */
import { crc32 } from 'node:zlib';
import { openInside } from '../../session/folder/files.ts';
import { closeSync, fstatSync, readSync } from '../../session/folder/open.ts';
import { CHECKED_COLUMNS, packetRowChecksum } from '../../session/format/packetRow.ts';
import { type ExportSource, isWithheld, type SourceStream } from './exportSource.ts';
import { damageOf } from './samples.ts';

export interface TimedPacket {
  seq: number;
  clock: number;
  sessionNs: number;
  /** NaN: unknown. */
  uncertaintyNs: number;
  /** The media's own timestamp; NaN: none. */
  deviceNs: number;
  durationNs: number;
  key: boolean;
  segment: number;
  file: string;
  /** Its index in that file as a reader counts, from 0. */
  frame: number;
  /** Decoder configuration of the stream in that file, as JSON. */
  config: string;
  /** Empty without `bytes`. */
  data: Uint8Array<ArrayBuffer>;
}

const ROWS_AT_ONCE = 4000;

type PacketRow = Record<Exclude<(typeof CHECKED_COLUMNS)[number], Nullable>, number> &
  Record<Nullable | 'row_crc32', number | null>;
type Nullable = 'device_ns' | 'early_us' | 'late_us';

/** @param bytes false: only the times, without reading any media. */
export function* packetsOf(source: ExportSource, stream: SourceStream, bytes = true): Generator<TimedPacket> {
  const { db, clock, folder } = source.reader;
  const there = new Set(db.prepare("SELECT name FROM pragma_table_info('packet')").pluck().all() as string[]);
  // Older versions lack some columns.
  const names = [...CHECKED_COLUMNS, 'row_crc32'].map((name) => (there.has(name) ? name : `NULL AS ${name}`));
  const rows = db.prepare(
    `SELECT ${names.join(', ')} FROM packet WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ${ROWS_AT_ONCE}`,
  );
  const segments = new Map(
    (
      db.prepare('SELECT id, file, config FROM segment WHERE stream = ?').all(stream.number) as {
        id: number;
        file: string;
        config: string;
      }[]
    ).map((segment) => [segment.id, segment]),
  );
  const damage = damageOf(source, stream.id, 'packets');
  const mappers = new Map<number, ReturnType<typeof clock.mapper>>();
  const file = new OpenFile(folder);
  try {
    const counted = { segment: -1, frame: 0 };
    for (let last = -1; ; ) {
      const page = rows.all(stream.number, last) as PacketRow[];
      if (page.length === 0) break;
      for (const row of page) {
        last = row.seq;
        counted.frame = row.segment === counted.segment ? counted.frame + 1 : 0;
        counted.segment = row.segment;
        const segment = segments.get(row.segment);
        const sound =
          row.row_crc32 === null || packetRowChecksum(CHECKED_COLUMNS.map((name) => row[name])) === row.row_crc32;
        if (!segment || !sound) {
          damage.add(1);
          continue;
        }
        let at = mappers.get(row.clock);
        if (!at) {
          at = clock.mapper(row.clock);
          mappers.set(row.clock, at);
        }
        const { sessionNs, uncertaintyNs } = at(row.publisher_ns);
        if (Number.isNaN(sessionNs)) {
          damage.untimed += 1;
          continue;
        }
        if (isWithheld(stream.withheld, sessionNs)) continue;
        const data = bytes ? file.read(segment.file, row.offset, row.length) : new Uint8Array(0);
        if (!data || (bytes && crc32(data) !== row.crc32)) {
          damage.add(1);
          continue;
        }
        yield {
          seq: row.seq,
          clock: row.clock,
          sessionNs,
          uncertaintyNs: uncertaintyNs + 1000 * Math.max(row.early_us ?? Number.NaN, row.late_us ?? Number.NaN),
          deviceNs: row.device_ns ?? Number.NaN,
          durationNs: row.duration_ns,
          key: row.key === 1,
          segment: row.segment,
          file: segment.file,
          frame: counted.frame,
          config: segment.config,
          data,
        };
      }
    }
  } finally {
    file.close();
  }
  damage.tell();
}

/** Reads from a sequence of files, with one open at a time. */
class OpenFile {
  readonly #folder: string;
  #open: { file: string; fd: number; size: number } | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Null: the file is missing or too short. @throws FieldroomError `store.unsafe-folder` */
  read(file: string, offset: number, length: number): Uint8Array<ArrayBuffer> | null {
    if (this.#open?.file !== file) {
      this.close();
      this.#open = opened(this.#folder, file);
    }
    const open = this.#open;
    if (!open || length < 0 || offset < 0 || offset + length > open.size) return null;
    const data = new Uint8Array(length);
    return readSync(open.fd, data, 0, length, offset) === length ? data : null;
  }

  close(): void {
    if (this.#open) closeSync(this.#open.fd);
    this.#open = null;
  }
}

function opened(folder: string, file: string): { file: string; fd: number; size: number } | null {
  try {
    const fd = openInside(folder, file);
    return { file, fd, size: fstatSync(fd).size };
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return null;
    throw error;
  }
}
