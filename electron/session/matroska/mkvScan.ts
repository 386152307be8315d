/** Reads one of our media files from front to back: every cluster and block, without trusting any size but a block's own. */
import { openInside } from '../folder/files.ts';
import { closeSync, fstatSync, readSync } from '../folder/open.ts';
import { EbmlId, readHeader, readUint } from './ebml.ts';

export interface Block {
  /** Where the SimpleBlock element begins. */
  at: number;
  /** Where the packet's bytes begin. */
  offset: number;
  /** The packet's bytes; valid until the callback returns. */
  data: Uint8Array;
  key: boolean;
  /** The file's time in ticks. */
  tick: number;
}

export interface Cluster {
  at: number;
  /** Where its data begin. */
  dataAt: number;
  end: number;
  tick: number;
  /** First key block: its time and place; null where it has none. */
  key: { tick: number; at: number } | null;
}

export interface Scan {
  sizeBytes: number;
  segmentDataAt: number;
  /** Where the element begins, by id, of what stands once in front: Void or SeekHead, Info, Tracks. */
  heads: { id: number; at: number; dataAt: number; end: number }[];
  clusters: Cluster[];
  blocks: number;
  /** Behind the last whole block, or the head where there is none. */
  end: number;
  /** What follows there: nothing, our Cues, or bytes that are no whole element. */
  tail: 'none' | 'cues' | 'torn';
  /** Where nothing could be read before `end`, and the reading went on behind. */
  broken: { from: number; to: number }[];
}

const WINDOW = 1024 * 1024;

/**
 * @param file from the session's folder, with `/`
 * @param onBlock gets every whole block in order.
 * @param resume where the reading goes on when nothing can be made of the bytes at a place: the next block that is known
 * from elsewhere, behind it; null: nowhere.
 */
export function scanMkv(
  folder: string,
  file: string,
  onBlock: (block: Block) => void,
  resume: (at: number) => number | null = () => null,
): Scan {
  const fd = openInside(folder, file);
  try {
    const sizeBytes = fstatSync(fd).size;
    return scan(new Window(fd, sizeBytes), sizeBytes, onBlock, resume);
  } finally {
    closeSync(fd);
  }
}

function scan(
  file: Window,
  sizeBytes: number,
  onBlock: (block: Block) => void,
  resume: (at: number) => number | null,
): Scan {
  const result: Scan = {
    sizeBytes,
    segmentDataAt: 0,
    heads: [],
    clusters: [],
    blocks: 0,
    end: 0,
    tail: 'none',
    broken: [],
  };
  /** The place of the next block that is known, or null: then the file ends here. */
  const skip = (from: number): number | null => {
    const to = resume(from);
    if (to === null || to <= from || to >= file.end) return null;
    result.broken.push({ from, to });
    return to;
  };
  let at = 0;
  let cluster: Cluster | null = null;
  while (at < file.end) {
    const header = file.header(at);
    if (!header) {
      const next = skip(at);
      if (next === null) break;
      at = next;
      continue;
    }
    // Its cluster's head, or the file's, is no longer there: it is known from elsewhere that a block begins here.
    if (!cluster && header.id === EbmlId.SimpleBlock && resume(at - 1) === at) cluster = begin(result, at);
    const dataAt = at + header.dataAt;
    const end = header.size === null ? null : dataAt + header.size;
    if (header.id === EbmlId.Segment) {
      result.segmentDataAt = dataAt;
      at = dataAt;
    } else if (header.id === EbmlId.Cluster) {
      cluster = { at, dataAt, end: dataAt, tick: 0, key: null };
      result.clusters.push(cluster);
      at = dataAt;
    } else if (header.id === EbmlId.Cues) {
      return { ...result, tail: 'cues' };
    } else if (end === null || end > file.end || !isOurs(header.id, cluster) || (isTiny(header) && cluster !== null)) {
      const next = skip(at);
      if (next === null) break;
      // Its cluster may have been in what is broken: then the last one stands for it.
      cluster ??= begin(result, next);
      at = next;
    } else {
      if (header.id === EbmlId.SimpleBlock) {
        const block = readBlock(file, at, dataAt, end, cluster as Cluster);
        result.blocks += 1;
        onBlock(block);
      } else if (header.id === EbmlId.Timestamp) {
        const bytes = file.take(dataAt, end - dataAt);
        (cluster as Cluster).tick = readUint(bytes, 0, bytes.byteLength);
      } else if (!cluster && result.segmentDataAt > 0) {
        result.heads.push({ id: header.id, at, dataAt, end });
      }
      at = end;
      // A cluster that holds nothing yet is no end: its first block was never whole.
      if (!cluster || header.id === EbmlId.SimpleBlock) result.end = end;
      if (cluster) cluster.end = end;
    }
  }
  const torn = result.end < file.end;
  result.clusters = result.clusters.filter((c) => c.at < result.end);
  return { ...result, tail: torn ? 'torn' : 'none' };
}

/** A cluster for blocks whose own one cannot be read. */
function begin(result: Scan, at: number): Cluster {
  const cluster: Cluster = { at, dataAt: at, end: at, tick: 0, key: null };
  result.clusters.push(cluster);
  return cluster;
}

/** A block too short for its own head, or a timestamp longer than a number: damaged. */
const isTiny = ({ id, size }: { id: number; size: number | null }): boolean =>
  (id === EbmlId.SimpleBlock && (size ?? 0) < 4) || (id === EbmlId.Timestamp && (size ?? 0) > 8);

/** What our files hold in front of the clusters, and in one. */
function isOurs(id: number, cluster: Cluster | null): boolean {
  if (cluster) return id === EbmlId.SimpleBlock || id === EbmlId.Timestamp || id === EbmlId.Void;
  return (
    id === EbmlId.EBML || id === EbmlId.Void || id === EbmlId.SeekHead || id === EbmlId.Info || id === EbmlId.Tracks
  );
}

function readBlock(file: Window, at: number, dataAt: number, end: number, cluster: Cluster): Block {
  const bytes = file.take(dataAt, end - dataAt);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tick = cluster.tick + view.getInt16(1);
  const key = (view.getUint8(3) & 0x80) !== 0;
  if (key && !cluster.key) cluster.key = { tick, at };
  return { at, offset: dataAt + 4, data: bytes.subarray(4), key, tick };
}

/** A file read forwards through a buffer that grows with the largest block. */
class Window {
  readonly end: number;
  readonly #fd: number;
  #buffer = new Uint8Array(WINDOW);
  #at = 0;
  #length = 0;

  constructor(fd: number, end: number) {
    this.#fd = fd;
    this.end = end;
  }

  header(at: number): ReturnType<typeof readHeader> {
    return readHeader(this.take(at, Math.min(12, this.end - at)), 0);
  }

  take(at: number, length: number): Uint8Array {
    if (at < this.#at || at + length > this.#at + this.#length) this.#fill(at, length);
    return this.#buffer.subarray(at - this.#at, at - this.#at + length);
  }

  #fill(at: number, length: number): void {
    if (length > this.#buffer.byteLength) this.#buffer = new Uint8Array(length * 2);
    this.#at = at;
    const wanted = Math.min(this.#buffer.byteLength, this.end - at);
    for (this.#length = 0; this.#length < wanted; ) {
      const read = readSync(this.#fd, this.#buffer, this.#length, wanted - this.#length, at + this.#length);
      if (read === 0) throw new Error('the file became shorter while it was read');
      this.#length += read;
    }
  }
}
