/**
 * Checks one media file and the index against each other: every indexed packet is in the file, and every block of the
 * file is indexed.
 */
import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { CHECKED_COLUMNS, packetRowChecksum } from '../format/packetRow.ts';
import { sizeBytes } from '../matroska/ebml.ts';
import { type Block, type Scan, scanMkv } from '../matroska/mkvScan.ts';
import type { Region } from '../repair/mediaRepair.ts';
import type { Finding } from './finding.ts';

export interface SegmentInfo {
  id: number;
  stream: number;
  file: string;
}

export interface MediaCheck {
  scan: Scan;
  /** Packets that match the index. */
  packets: number;
  /** End of the last complete packet, as an offset and in ticks of the file's time. */
  indexedEnd: number;
  endTick: number;
  findings: Finding[];
  /** Sequence numbers in the index whose packets are not readable. */
  damaged: number[];
  /** Ranges before `indexedEnd` without a packet of the index. */
  strange: Region[];
}

/** Maximum findings of one kind in one file that are listed; the rest is counted. */
const TOLD = 20;
/** Bytes in front of a packet's own: the SimpleBlock's id, its size, track, time and flags. */
const HEAD_BYTES = 5;

type Row = Record<(typeof CHECKED_COLUMNS)[number] | 'row_crc32', number> & { device_ns: number | null };

/** Columns missing in older indexes, with the version that added them. */
const LATER: Readonly<Record<string, number>> = { row_crc32: 21, early_us: 30, late_us: 30 };

/** @param onBytes called regularly with the reading position. @throws if the file cannot be read. */
export function checkMedia(
  db: Database,
  folder: string,
  segment: SegmentInfo,
  tickNs: number,
  onBytes: (bytes: number) => void,
): MediaCheck {
  const check = new Check(segment.file, tickNs, rowsOf(db, segment));
  const scan = scanMkv(
    folder,
    segment.file,
    (block) => {
      onBytes(block.offset);
      check.block(block);
    },
    (at) => check.nextBlockAfter(at),
  );
  return check.end(scan);
}

/** In order of offset; rows of an index without row checksums are not checked against one. */
function rowsOf(db: Database, { stream, id }: SegmentInfo): Row[] {
  const version = db.pragma('user_version', { simple: true }) as number;
  const names = [...CHECKED_COLUMNS, 'row_crc32']
    .map((name) => ((LATER[name] ?? 0) > version ? `NULL AS ${name}` : name))
    .join(', ');
  return db
    .prepare(`SELECT ${names} FROM packet WHERE stream = ? AND segment = ? ORDER BY offset, seq`)
    .all(stream, id) as Row[];
}

class Check {
  readonly #file: string;
  readonly #tickNs: number;
  readonly #rows: Row[];
  readonly #findings: Finding[] = [];
  readonly #damaged: number[] = [];
  readonly #strange: Region[] = [];
  #told = 0;
  #next = 0;
  #packets = 0;
  #indexedEnd = 0;
  #endTick = 0;

  constructor(file: string, tickNs: number, rows: Row[]) {
    this.#file = file;
    this.#tickNs = tickNs;
    this.#rows = rows.filter((row) => this.#rowHolds(row));
  }

  block(block: Block): void {
    while (this.#row && this.#row.offset < block.offset) this.#missing();
    const row = this.#row;
    const region = { from: block.at, to: block.offset + block.data.byteLength };
    if (!row || row.offset !== block.offset) {
      // After the last indexed packet: written, but never acknowledged.
      if (row) this.#say('media.block-unknown', `the block at byte ${block.offset} is not in the index`);
      this.#strange.push(region);
      return;
    }
    this.#next += 1;
    const fault = faultOf(row, block);
    if (fault) {
      this.#say(fault[0], `packet ${row.seq} ${fault[1]}`);
      this.#damaged.push(row.seq);
      this.#strange.push(region);
      return;
    }
    this.#packets += 1;
    this.#indexedEnd = row.offset + row.length;
    this.#endTick = block.tick + Math.round(row.duration_ns / this.#tickNs);
  }

  /** Where the next indexed packet's block after an offset begins. */
  nextBlockAfter(at: number): number | null {
    const startOf = (row: Row): number => row.offset - HEAD_BYTES - sizeBytes(row.length + 4).byteLength;
    const row = this.#rows.slice(this.#next).find((candidate) => startOf(candidate) > at);
    return row ? startOf(row) : null;
  }

  end(scan: Scan): MediaCheck {
    while (this.#row) this.#missing();
    const end = this.#indexedEnd;
    for (const { from, to } of scan.broken) {
      if (from >= end) continue;
      this.#say('media.structure', `nothing can be read from byte ${from} to ${to}`);
      this.#strange.push({ from, to });
    }
    if (this.#told > TOLD)
      this.#findings.push({
        code: 'media.more',
        where: this.#file,
        message: `and ${this.#told - TOLD} more findings in this file`,
      });
    return {
      scan,
      packets: this.#packets,
      indexedEnd: end,
      endTick: this.#endTick,
      findings: this.#findings,
      damaged: this.#damaged,
      strange: this.#strange.filter(({ from }) => from < end),
    };
  }

  get #row(): Row | undefined {
    return this.#rows[this.#next];
  }

  #missing(): void {
    const row = this.#row as Row;
    this.#next += 1;
    this.#damaged.push(row.seq);
    this.#say('media.packet-missing', `packet ${row.seq} is not in the file where the index says (byte ${row.offset})`);
  }

  #rowHolds(row: Row): boolean {
    if (row.row_crc32 === null || packetRowChecksum(CHECKED_COLUMNS.map((name) => row[name])) === row.row_crc32)
      return true;
    this.#damaged.push(row.seq);
    this.#say(
      'index.packet-damaged',
      `what the index says of packet ${row.seq} is damaged: its checksum does not hold`,
    );
    return false;
  }

  #say(code: string, message: string): void {
    this.#told += 1;
    if (this.#told <= TOLD) this.#findings.push({ code, where: this.#file, message });
  }
}

function faultOf(row: Row, { data, key }: Block): [code: string, message: string] | null {
  if (row.length !== data.byteLength)
    return ['media.packet-length', `has ${data.byteLength} bytes, the index says ${row.length}`];
  if (crc32(data) !== row.crc32) return ['media.packet-damaged', 'is damaged: its checksum does not hold'];
  if ((row.key === 1) !== key) return ['media.key-flag', 'has another key flag than the index says'];
  return null;
}
