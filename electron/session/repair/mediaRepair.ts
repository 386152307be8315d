/**
 * Repairs a media file after a crash or disk error: anything that is not a packet of the index becomes a Void, which
 * players skip, and data after the last packet is removed. No packet moves. Larger leftovers than a crash explains are
 * kept in `rescued/`.
 */
import { basename, dirname } from 'node:path';
import {
  existsInside,
  makeFolderInside,
  openInside,
  readPart,
  renameInside,
  sizeInside,
  truncateInside,
  writeAt,
  writeInside,
} from '../folder/files.ts';
import { closeSync, fdatasyncSync } from '../folder/open.ts';
import { RESCUED } from '../format/names.ts';
import { EbmlId, idBytes, sizeBytes } from '../matroska/ebml.ts';
import { TICK_NS } from '../matroska/mkvHeader.ts';
import { type Scan, scanMkv } from '../matroska/mkvScan.ts';

/** A range of a file without complete packets. */
export interface Region {
  from: number;
  to: number;
}

/** A crash leaves unacknowledged data: the last quarter of a second, slightly more on a slow disk. */
/** More data than this after an offset is kept without checking. */
const LARGEST_LOOK_BYTES = 16 * 1024 * 1024;
const CRASH_TICKS = 2e9 / TICK_NS;

/** Overwrites each region with one empty element of its length (RFC 8794 section 11.3.2), at least 2 bytes. */
export function voidRegions(folder: string, file: string, regions: readonly Region[]): void {
  if (regions.length === 0) return;
  const fd = openInside(folder, file, 'change');
  try {
    for (const { from, to } of regions) {
      // The smallest size field that makes the element end where the region does.
      for (let width = 1; width <= 8; width += 1) {
        const data = to - from - 1 - width;
        if (data < 0 || data >= 2 ** (7 * width) - 1) continue;
        const head = Uint8Array.of(...idBytes(EbmlId.Void), ...sizeBytes(data, width));
        writeAt(fd, head, from);
        break;
      }
    }
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Cuts a file after its last packet. @param keep the cut data may have been acknowledged. @returns its description, and
 * where a long tail was kept
 */
export function cutTail(folder: string, file: string, scan: Scan, end: number, keep: boolean): string {
  const bytes = scan.sizeBytes - end;
  const kept =
    keep || lengthTicks(scan, end) > CRASH_TICKS || !isClean(scan, folder, file) ? keepTail(folder, file, end) : null;
  truncateInside(folder, file, end);
  return `${bytes} bytes behind the last acknowledged packet were dropped${kept ? `; they are kept in ${kept}` : ''}`;
}

/**
 * A file without packets in the index: moved to `rescued/` if it contains more than a crash leaves. @returns its new
 * path, or null
 */
export function setAside(folder: string, file: string, known: boolean): string | null {
  const scan = scanMkv(folder, file, () => {});
  return known || lengthTicks(scan, 0) > CRASH_TICKS || !isClean(scan, folder, file) ? moveAside(folder, file) : null;
}

/** An unused name in `rescued/`. */
function freeName(folder: string, file: string, end = ''): string {
  makeFolderInside(folder, RESCUED);
  const name = `${basename(dirname(file))}-${basename(file)}${end}`;
  for (let n = 1; ; n += 1) {
    const free = `${RESCUED}/${n === 1 ? name : name.replace(/(\.mkv)?$/, `-${n}$1`)}`;
    if (!existsInside(folder, free)) return free;
  }
}

function moveAside(folder: string, file: string): string {
  const to = freeName(folder, file);
  renameInside(folder, file, to);
  return to;
}

/** Copies the data after an offset to a separate file. */
function keepTail(folder: string, file: string, from: number): string {
  const to = freeName(folder, file, `.from-${from}`);
  writeInside(folder, to, readPart(folder, file, from, sizeInside(folder, file) - from));
  return to;
}

/** Bytes after the last readable block may be a partial packet, or zeros that were never written. */
function isClean(scan: Scan, folder: string, file: string): boolean {
  const rest = scan.sizeBytes - scan.end;
  if (rest === 0 || scan.tail === 'cues') return true;
  if (rest > LARGEST_LOOK_BYTES) return false;
  return readPart(folder, file, scan.end, rest).every((byte) => byte === 0);
}

/** Duration of the media after an offset, according to the clusters. */
function lengthTicks({ clusters }: Scan, from: number): number {
  const behind = clusters.filter((cluster) => cluster.end > from);
  const first = behind[0];
  const last = behind.at(-1);
  return first && last ? last.tick - first.tick : 0;
}
