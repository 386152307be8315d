/** Scans one of our media files from start to end: every cluster and block, trusting only the size of blocks. */
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
  /** Where its data begins. */
  dataAt: number;
  end: number;
  tick: number;
  /** Time and offset of the first key block; null if there is none. */
  key: { tick: number; at: number } | null;
}

export interface Scan {
  sizeBytes: number;
  segmentDataAt: number;
  /** Offsets by id of the elements before the clusters: Void or SeekHead, Info, Tracks. */
  heads: { id: number; at: number; dataAt: number; end: number }[];
  clusters: Cluster[];
  blocks: number;
  /** After the last complete block, or after the header if there is none. */
  end: number;
  /** The data that follows: none, our Cues, or bytes that are not a complete element. */
  tail: 'none' | 'cues' | 'torn';
  /** Unreadable ranges before `end`, after which reading continued. */
  broken: { from: number; to: number }[];
}

const WINDOW = 1024 * 1024;

/**
 * @param file from the session's folder, with `/`
 * @param onBlock gets every complete block in order.
 * @param resume returns where to continue after unreadable bytes at an offset: the next block known from the index; null: none.
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
  /** The offset of the next known block, or null: the file ends here. */
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
    // The header of its cluster or of the file is damaged; the index shows that a block begins here.
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
      // Its cluster may be in the damaged range; use the last known one.
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
      // An empty cluster does not count as the end: its first block was never complete.
      if (!cluster || header.id === EbmlId.SimpleBlock) result.end = end;
      if (cluster) cluster.end = end;
    }
  }
  const torn = result.end < file.end;
  result.clusters = result.clusters.filter((c) => c.at < result.end);
  return { ...result, tail: torn ? 'torn' : 'none' };
}

/** A substitute for an unreadable cluster. */
function begin(result: Scan, at: number): Cluster {
  const cluster: Cluster = { at, dataAt: at, end: at, tick: 0, key: null };
  result.clusters.push(cluster);
  return cluster;
}

/** A block shorter than its header, or a timestamp too long for a number: damaged. */
const isTiny = ({ id, size }: { id: number; size: number | null }): boolean =>
  (id === EbmlId.SimpleBlock && (size ?? 0) < 4) || (id === EbmlId.Timestamp && (size ?? 0) > 8);

/** The elements of our files before the clusters, and in a cluster. */
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

/** Reads a file sequentially through a buffer that grows with the largest block. */
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
