/**
 * Mends a media file that a crash or a bad disk left: what is no packet of the index becomes a Void, which players skip,
 * and what lies behind the last packet goes. No packet moves. What may be more than a crash leaves is kept in `rescued/`.
 */
import {
  closeSync,
  copyFileSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EbmlId, idBytes, sizeBytes } from '../matroska/ebml.ts';
import { syncFolder } from '../matroska/mediaFile.ts';
import { TICK_NS } from '../matroska/mkvHeader.ts';
import { type Scan, scanMkv } from '../matroska/mkvScan.ts';

/** A range of a file that holds nothing whole. */
export interface Region {
  from: number;
  to: number;
}

/** A crash leaves what was not acknowledged: the last quarter of a second, on a slow disk somewhat more. */
const CRASH_TICKS = 2e9 / TICK_NS;
const RESCUED = 'rescued';

/** Overwrites each region with one empty element of its length (RFC 8794 section 11.3.2), at least 2 bytes. */
export function voidRegions(path: string, regions: readonly Region[]): void {
  if (regions.length === 0) return;
  const fd = openSync(path, 'r+');
  try {
    for (const { from, to } of regions) {
      // The smallest size field that makes the element end where the region does.
      for (let width = 1; width <= 8; width += 1) {
        const data = to - from - 1 - width;
        if (data < 0 || data >= 2 ** (7 * width) - 1) continue;
        const head = Uint8Array.of(...idBytes(EbmlId.Void), ...sizeBytes(data, width));
        writeSync(fd, head, 0, head.byteLength, from);
        break;
      }
    }
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Cuts a file behind its last packet. @returns the words for it, and where a long tail was kept */
export function cutTail(folder: string, file: string, scan: Scan, end: number): string {
  const path = join(folder, ...file.split('/'));
  const bytes = scan.sizeBytes - end;
  const kept = lengthTicks(scan, end) > CRASH_TICKS ? rescue(folder, file, 'copy') : null;
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, end);
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return `${bytes} bytes behind the last acknowledged packet were dropped${kept ? `; the file as it was is kept in ${kept}` : ''}`;
}

/** A file that no packet of the index is in: moved away where it holds more than a crash leaves. @returns its new place, or null */
export function setAside(folder: string, file: string): string | null {
  const scan = scanMkv(join(folder, ...file.split('/')), () => {});
  return lengthTicks(scan, 0) > CRASH_TICKS ? rescue(folder, file, 'move') : null;
}

function rescue(folder: string, file: string, how: 'copy' | 'move'): string {
  const from = join(folder, ...file.split('/'));
  const name = `${basename(dirname(from))}-${basename(from)}`;
  mkdirSync(join(folder, RESCUED), { recursive: true });
  let to = join(folder, RESCUED, name);
  for (let n = 2; statSync(to, { throwIfNoEntry: false }); n += 1)
    to = join(folder, RESCUED, name.replace(/(\.mkv)?$/, `-${n}$1`));
  if (how === 'copy') copyFileSync(from, to);
  else renameSync(from, to);
  syncFolder(join(folder, RESCUED));
  return `${RESCUED}/${basename(to)}`;
}

/** Media time behind a place, as far as the clusters tell. */
function lengthTicks({ clusters }: Scan, from: number): number {
  const behind = clusters.filter((cluster) => cluster.end > from);
  const first = behind[0];
  const last = behind.at(-1);
  return first && last ? last.tick - first.tick : 0;
}
