/**
 * When each packet of a media stream was captured and where its bytes are. Fetched from the recorder in pages of
 * session time as needed, so that a lesson of two hours opens as fast as one of a minute.
 */
import type { PacketIndex } from '../../../electron/common/review.ts';

export interface MediaPacket {
  seq: number;
  /** Capture time in session nanoseconds. */
  ns: number;
  durationNs: number;
  key: boolean;
  file: PacketIndex['files'][number];
  offset: number;
  length: number;
}

export interface PageSource {
  /** Packets with session time in [fromNs, toNs]. */
  packets(fromNs: number, toNs: number): Promise<PacketIndex>;
  /** The stream is known to be complete up to here; the rest may still grow. */
  settledNs(): number;
}

const PAGE_NS = 20e9;
/** A page that may still grow is fetched again after this time. */
const STALE_MS = 400;
/** Number of pages searched back for a packet: a camera that was away for longer shows no picture. */
const PAGES_BACK = 6;
const MAX_PAGES = 60;

interface Page {
  packets: Promise<MediaPacket[]>;
  readMs: number;
  settled: boolean;
}

export class PacketTimeline {
  readonly #source: PageSource;
  readonly #pages = new Map<number, Page>();

  constructor(source: PageSource) {
    this.#source = source;
  }

  /** The newest packet at or before a moment; null: none within two minutes before it. */
  async at(ns: number): Promise<MediaPacket | null> {
    const page = Math.floor(ns / PAGE_NS);
    for (let i = page; i >= Math.max(FIRST_PAGE, page - PAGES_BACK); i -= 1) {
      const found = lastAt(await this.#page(i), ns);
      if (found) return found;
    }
    return null;
  }

  /** The first packet after a moment; null: none within a page's length. */
  async after(ns: number): Promise<MediaPacket | null> {
    const page = Math.floor(ns / PAGE_NS);
    for (const i of [page, page + 1]) {
      const found = (await this.#page(i)).find((packet) => packet.ns > ns);
      if (found) return found;
    }
    return null;
  }

  /** Packets with time in [fromNs, toNs). */
  async between(fromNs: number, toNs: number): Promise<MediaPacket[]> {
    const found: MediaPacket[] = [];
    for (let i = Math.floor(fromNs / PAGE_NS); i <= Math.floor(toNs / PAGE_NS); i += 1)
      for (const packet of await this.#page(i)) if (packet.ns >= fromNs && packet.ns < toNs) found.push(packet);
    return found;
  }

  /** The key packet that a packet is decoded from, and all packets from there up to the next key packet, in one file. */
  async group(packet: MediaPacket): Promise<MediaPacket[]> {
    const page = Math.floor(packet.ns / PAGE_NS);
    let packets = await this.#page(page);
    for (let i = page - 1; i >= FIRST_PAGE && !keyAtOrBefore(packets, packet.seq); i -= 1) {
      if (page - i > PAGES_BACK) break;
      packets = [...(await this.#page(i)), ...packets];
    }
    const key = keyAtOrBefore(packets, packet.seq);
    if (!key) return [];
    const isLater = (p: MediaPacket): boolean => p.seq > packet.seq && p.key;
    if (!packets.some(isLater)) packets = [...packets, ...(await this.#page(page + 1))];
    const next = packets.find(isLater)?.seq ?? Number.POSITIVE_INFINITY;
    return packets.filter((p) => p.seq >= key.seq && p.seq < next && p.file.path === key.file.path);
  }

  #page(i: number): Promise<MediaPacket[]> {
    const known = this.#pages.get(i);
    if (known && (known.settled || performance.now() - known.readMs < STALE_MS)) return known.packets;
    const settled = (i + 1) * PAGE_NS <= this.#source.settledNs();
    const packets = this.#source.packets(i * PAGE_NS, (i + 1) * PAGE_NS - 1).then(toPackets);
    this.#pages.set(i, { packets, readMs: performance.now(), settled });
    packets.catch(() => this.#pages.delete(i));
    if (this.#pages.size > MAX_PAGES) this.#pages.delete(this.#pages.keys().next().value as number);
    return packets;
  }
}

/** Packets captured just before Record may have a time below 0. */
const FIRST_PAGE = -1;

function toPackets({ files, seq, ns, durationNs, key, file, offset, length }: PacketIndex): MediaPacket[] {
  return seq.map((number, i) => ({
    seq: number,
    ns: ns[i] as number,
    durationNs: durationNs[i] as number,
    key: key[i] as boolean,
    file: files[file[i] as number] as PacketIndex['files'][number],
    offset: offset[i] as number,
    length: length[i] as number,
  }));
}

/** Searches by time: pictures of a stream are almost always in time order, but this is not guaranteed. */
function lastAt(packets: readonly MediaPacket[], ns: number): MediaPacket | null {
  let best: MediaPacket | null = null;
  for (const packet of packets) if (packet.ns <= ns && (!best || packet.ns >= best.ns)) best = packet;
  return best;
}

const keyAtOrBefore = (packets: readonly MediaPacket[], seq: number): MediaPacket | undefined =>
  packets.findLast((packet) => packet.key && packet.seq <= seq);
