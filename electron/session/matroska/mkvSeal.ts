/**
 * Finishes a media file in place: cues at its end, then the duration, the seek head and the real sizes in the space
 * reserved for them. No packet moves. It is idempotent, so it can be repeated after a crash.
 */
import { openInside, writeAt } from '../folder/files.ts';
import { closeSync, fdatasyncSync, ftruncateSync } from '../folder/open.ts';
import { bigEndian, concat, EbmlId, element, floatElement, idBytes, uintElement, voidElement } from './ebml.ts';
import { DURATION_BYTES, SEEK_HEAD_BYTES } from './mkvHeader.ts';
import type { Scan } from './mkvScan.ts';

const CLUSTER_ID_BYTES = 4;

/**
 * Offset of the space for a seek head before Info: a Void before sealing, a SeekHead and a Void after. Null: not a
 * Fieldroom file.
 */
function roomFor({ heads }: Scan): { at: number; info: Scan['heads'][number]; tracksAt: number } | null {
  const [first] = heads;
  const info = heads.find((h) => h.id === EbmlId.Info);
  const tracks = heads.find((h) => h.id === EbmlId.Tracks);
  if (!first || !info || !tracks || info.at - first.at !== SEEK_HEAD_BYTES) return null;
  return { at: first.at, info, tracksAt: tracks.at };
}

/**
 * @param scan of this file, whose `end` is that of the last packet. @param endTick end of the last packet, in ticks.
 * @returns false, without changes, if the file has no space for a seek head.
 */
export function finishMkv(folder: string, file: string, scan: Scan, endTick: number): boolean {
  const { segmentDataAt, clusters } = scan;
  const room = roomFor(scan);
  if (!room) return false;
  const points = clusters.flatMap((cluster) => {
    if (!cluster.key) return [];
    const positions = element(
      EbmlId.CueTrackPositions,
      uintElement(EbmlId.CueTrack, 1),
      uintElement(EbmlId.CueClusterPosition, cluster.at - segmentDataAt),
      uintElement(EbmlId.CueRelativePosition, cluster.key.at - cluster.dataAt),
    );
    return [element(EbmlId.CuePoint, uintElement(EbmlId.CueTime, cluster.key.tick), positions)];
  });
  const cues = points.length > 0 ? element(EbmlId.Cues, concat(points)) : new Uint8Array(0);
  const seek = [
    [EbmlId.Info, room.info.at],
    [EbmlId.Tracks, room.tracksAt],
    ...(points.length > 0 ? [[EbmlId.Cues, scan.end]] : []),
  ] as [number, number][];
  const seekHead = element(
    EbmlId.SeekHead,
    ...seek.map(([id, at]) =>
      element(
        EbmlId.Seek,
        element(EbmlId.SeekID, idBytes(id)),
        element(EbmlId.SeekPosition, bigEndian(at - segmentDataAt, 8)),
      ),
    ),
  );
  const fd = openInside(folder, file, 'change');
  try {
    ftruncateSync(fd, scan.end);
    writeAt(fd, cues, scan.end);
    // Cues first: references to them must never be on disk without them.
    fdatasyncSync(fd);
    writeAt(fd, floatElement(EbmlId.Duration, endTick), room.info.end - DURATION_BYTES);
    for (const cluster of clusters) writeAt(fd, size8(cluster.end - cluster.dataAt), cluster.at + CLUSTER_ID_BYTES);
    writeAt(fd, size8(scan.end + cues.byteLength - segmentDataAt), segmentDataAt - 8);
    writeAt(fd, concat([seekHead, voidElement(SEEK_HEAD_BYTES - seekHead.byteLength)]), room.at);
    fdatasyncSync(fd);
    return true;
  } finally {
    closeSync(fd);
  }
}

function size8(size: number): Uint8Array {
  const out = bigEndian(size, 8);
  out[0] = 0x01;
  return out;
}
