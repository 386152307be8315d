/** Ways in which a disk damages a file: truncated, zeroed, stale, swapped, flipped. */
import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scanMkv } from '../../../electron/session/matroska/mkvScan.ts';
import type { Random } from '../random.ts';
import type { Torn } from './session.ts';

export const FILES = [
  'session.sqlite',
  'session.sqlite-wal',
  'media/cam-1/0001.mkv',
  'media/mic-1/0001.mkv',
  'manifest.json',
] as const;
type TornFile = (typeof FILES)[number];

export const KINDS = [
  'cut',
  'cut-at-boundary',
  'zeroed-tail',
  'stale-tail',
  'swapped-blocks',
  'flipped-bit',
  'gone',
] as const;
export type Kind = (typeof KINDS)[number];

export interface Damage {
  kind: Kind;
  file: TornFile;
  text: string;
  apply: (folder: string) => void;
}

const TAILS = [1, 16, 512, 4096, 16_384];
const BLOCKS = [512, 4096];
const PAGE = 4096;

/** Record boundaries in each kind of file. */
export function boundaries(torn: Torn): Map<TornFile, number[]> {
  const found = new Map<TornFile, number[]>();
  for (const file of FILES) {
    const path = join(torn.folder, file);
    const size = statSync(path).size;
    const every = (from: number, step: number): number[] =>
      Array.from({ length: Math.floor((size - from) / step) + 1 }, (_, i) => from + i * step);
    if (file === 'session.sqlite') found.set(file, every(0, PAGE));
    // SQLite's file format, section 4: a header of 32 bytes, then frames with headers of 24 bytes.
    else if (file === 'session.sqlite-wal') found.set(file, [0, ...every(32, PAGE + 24), ...every(32 + 24, PAGE + 24)]);
    else if (file === 'manifest.json') found.set(file, [0, 1, size - 2]);
    else found.set(file, mkvBoundaries(torn.folder, file));
  }
  return found;
}

function mkvBoundaries(folder: string, file: string): number[] {
  const at = new Set<number>();
  const { heads, clusters, segmentDataAt, end } = scanMkv(folder, file, (block) => {
    at.add(block.at)
      .add(block.offset)
      .add(block.offset + block.data.byteLength);
  });
  for (const head of heads) at.add(head.at).add(head.dataAt).add(head.end);
  for (const cluster of clusters) at.add(cluster.at).add(cluster.dataAt);
  return [0, segmentDataAt, ...at, end].sort((a, b) => a - b);
}

export function randomDamage(torn: Torn, places: Map<TornFile, number[]>, kind: Kind, random: Random): Damage {
  // Larger files are hit more often, and each is hit at least once.
  const file = random.pick([...FILES, 'session.sqlite', 'session.sqlite-wal', 'media/cam-1/0001.mkv'] as const);
  const size = statSync(join(torn.folder, file)).size;
  const edit = (text: string, change: (bytes: Buffer) => Buffer): Damage => ({
    kind,
    file,
    text,
    apply: (folder) => writeFileSync(join(folder, file), change(readFileSync(join(folder, file)))),
  });
  const tail = Math.min(size, random.pick(TAILS));
  switch (kind) {
    case 'cut':
    case 'cut-at-boundary': {
      const place =
        kind === 'cut' ? random.whole(0, size - 1) : random.pick(places.get(file) ?? [0]) + random.whole(-1, 1);
      const at = Math.max(0, Math.min(size, place));
      return { kind, file, text: `cut at ${at} of ${size}`, apply: (folder) => truncateSync(join(folder, file), at) };
    }
    case 'zeroed-tail':
      return edit(`last ${tail} bytes zero`, (bytes) => bytes.fill(0, size - tail));
    case 'stale-tail': {
      const old = statSync(join(torn.earlier, file)).size;
      return edit(`last ${tail} bytes as they were before (${old} bytes then)`, (bytes) => {
        const before = Buffer.alloc(size);
        readFileSync(join(torn.earlier, file)).copy(before);
        before.copy(bytes, size - tail, size - tail);
        return bytes;
      });
    }
    case 'swapped-blocks': {
      const block = random.pick(
        BLOCKS.filter((bytes) => size >= 2 * bytes).concat(size < 1024 ? [Math.floor(size / 2)] : []),
      );
      return edit(`last two blocks of ${block} swapped`, (bytes) => {
        const [a, b] = [size - 2 * block, size - block];
        return Buffer.concat([bytes.subarray(0, a), bytes.subarray(b, b + block), bytes.subarray(a, b)]);
      });
    }
    case 'flipped-bit': {
      const bit = random.whole(0, size * 8 - 1);
      return edit(`bit ${bit & 7} of byte ${bit >> 3} flipped`, (bytes) => {
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        return bytes;
      });
    }
    case 'gone':
      return { kind, file, text: 'gone', apply: (folder) => rmSync(join(folder, file)) };
  }
}
