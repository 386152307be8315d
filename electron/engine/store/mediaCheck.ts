/** One media file against the index, both ways: every indexed packet is in the file, and every block of the file is indexed. */
import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import type { Finding } from './finding.ts';
import { type Scan, scanMkv } from './mkvScan.ts';

export interface SegmentInfo {
  id: number;
  stream: number;
  file: string;
}

interface Row {
  seq: number;
  offset: number;
  length: number;
  crc32: number;
  key: number;
  durationNs: number;
}

export interface MediaCheck {
  scan: Scan;
  packets: number;
  /** End of the last indexed packet, and its end in the file's time in ticks. */
  indexedEnd: number;
  endTick: number;
  findings: Finding[];
}

/** Findings of one kind in one file that are told one by one; the rest is counted. */
const TOLD = 20;

/** @param onBytes is called now and then with how far the reading has come. @throws when the file cannot be read. */
export function checkMedia(
  db: Database,
  segment: SegmentInfo,
  path: string,
  tickNs: number,
  onBytes: (bytes: number) => void,
): MediaCheck {
  const findings: Finding[] = [];
  let told = 0;
  const say = (code: string, message: string): void => {
    told += 1;
    if (told <= TOLD) findings.push({ code, where: segment.file, message });
  };
  const rows = db
    .prepare(
      'SELECT seq, offset, length, crc32, key, duration_ns AS durationNs FROM packet WHERE stream = ? AND segment = ? ORDER BY seq',
    )
    .iterate(segment.stream, segment.id) as IterableIterator<Row>;
  let row = rows.next();
  let packets = 0;
  let indexedEnd = 0;
  let endTick = 0;
  const missing = (r: Row): void =>
    say('media.packet-missing', `packet ${r.seq} is not in the file where the index says (byte ${r.offset})`);
  try {
    const scan = scanMkv(path, (block) => {
      onBytes(block.offset);
      while (!row.done && row.value.offset < block.offset) {
        missing(row.value);
        row = rows.next();
      }
      if (row.done || row.value.offset !== block.offset) {
        // Behind the last indexed packet: written, but never acknowledged.
        if (!row.done) say('media.block-unknown', `the block at byte ${block.offset} is not in the index`);
        return;
      }
      const r = row.value;
      if (r.length !== block.data.byteLength)
        say('media.packet-length', `packet ${r.seq} has ${block.data.byteLength} bytes, the index says ${r.length}`);
      else if (crc32(block.data) !== r.crc32)
        say('media.packet-damaged', `packet ${r.seq} is damaged: its checksum does not hold`);
      if ((r.key === 1) !== block.key)
        say('media.key-flag', `packet ${r.seq} has another key flag than the index says`);
      packets += 1;
      indexedEnd = r.offset + r.length;
      endTick = block.tick + Math.round(r.durationNs / tickNs);
      row = rows.next();
    });
    for (; !row.done; row = rows.next()) missing(row.value);
    if (told > TOLD)
      findings.push({
        code: 'media.more',
        where: segment.file,
        message: `and ${told - TOLD} more findings in this file`,
      });
    return { scan, packets, indexedEnd, endTick, findings };
  } finally {
    rows.return?.();
  }
}
