/**
 * The pictures of one camera. For a requested moment, it shows the last picture captured before it: the group from its
 * key picture on is fetched and decoded. While playing, it decodes a little ahead in the same decoder.
 */
import { type ErrorReport, reportOf } from '../../../electron/common/errors.ts';
import { GroupBytes } from './groupBytes.ts';
import type { MediaPacket, PacketTimeline } from './packetTimeline.ts';
import { PictureDecoder } from './pictureDecoder.ts';
import type { ReviewDoor } from './reviewDoor.ts';

export interface Picture {
  seq: number;
  /** Capture time in session nanoseconds. */
  ns: number;
}

export interface PictureSink {
  /** Draws immediately: the frame is closed afterwards. */
  draw(frame: VideoFrame, picture: Picture): void;
  /** Start of a long time without pictures; null: the shown picture is valid. Infinity: there was no picture before. */
  stale(forNs: number | null): void;
  trouble(error: ErrorReport | null): void;
}

interface Wish {
  ns: number;
  /** Speed; 0: paused, so only the exact picture counts. */
  speed: number;
  /** false: it is only prepared because it may be requested next. */
  show: boolean;
}

/** A camera without pictures for this long shows none for that moment. */
const STALE_NS = 500e6;
/** While playing, how far to decode ahead, multiplied by the speed. */
const AHEAD_NS = 250e6;

export class PictureTrack {
  readonly #book: PacketTimeline;
  readonly #bytes: GroupBytes;
  readonly #decoder = new PictureDecoder();
  readonly #sink: PictureSink;
  #wish: Wish | null = null;
  #working = false;
  #closed = false;
  #shownSeq = -1;
  /** Times of decoded packets, to find what is due while playing. */
  readonly #nsOf = new Map<number, number>();

  constructor(door: ReviewDoor, book: PacketTimeline, sink: PictureSink) {
    this.#book = book;
    this.#bytes = new GroupBytes(door);
    this.#sink = sink;
  }

  /** Requests the picture of this moment. */
  want(ns: number, speed: number): void {
    // Prepared pictures are elsewhere: they are not on the way to this one.
    if (speed > 0 && this.#wish?.show === false) this.#decoder.drop();
    this.#wish = { ns, speed, show: true };
    if (speed > 0) this.#drawNewestUpTo(ns);
    if (!this.#working) void this.#work();
  }

  /**
   * Prepares a moment that may be requested next: its picture is decoded and waits. While playing, and while another
   * picture is still to be shown, only its packets are fetched.
   * @param mayDecode false: it is only fetched in any case
   */
  prepare(ns: number, mayDecode: boolean): void {
    const wish = this.#wish;
    if (!mayDecode || wish?.speed !== 0 || (this.#working && wish.show)) return void this.#fetch(ns);
    if (wish.ns === ns) return;
    this.#wish = { ns, speed: 0, show: false };
    if (!this.#working) void this.#work();
  }

  async #fetch(ns: number): Promise<void> {
    try {
      const due = await this.#book.at(ns);
      const group = due ? await this.#book.group(due) : [];
      if (group.length > 0 && !this.#closed) await this.#bytes.of(group);
    } catch {
      // Errors are reported when it is requested.
    }
  }

  close(): void {
    this.#closed = true;
    this.#decoder.close();
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      for (let wish = this.#wish; wish && !this.#closed; wish = this.#wish) {
        await this.#serve(wish);
        if (this.#wish === wish) break;
      }
      if (this.#wish?.show) this.#sink.trouble(null);
    } catch (error) {
      this.#decoder.close();
      this.#shownSeq = -1;
      // Errors in preparing are reported when it is requested.
      if (!this.#closed && this.#wish?.show) this.#sink.trouble(reportOf(error));
    } finally {
      this.#working = false;
    }
  }

  async #serve(wish: Wish): Promise<void> {
    const due = await this.#book.at(wish.ns);
    if (wish.show) this.#sink.stale(due ? staleFor(wish.ns, due) : Number.POSITIVE_INFINITY);
    if (!due) return;
    const last = wish.speed > 0 ? ((await this.#book.at(wish.ns + AHEAD_NS * wish.speed)) ?? due) : due;
    if (wish.speed === 0 && due.seq === this.#shownSeq) return;
    const whole = await this.#decodeTo(due, last, wish);
    if (this.#closed) return;
    if (wish.speed === 0 && whole) {
      await this.#decoder.wait(due.seq);
      if (this.#wish === wish && wish.show) this.#show(due.seq);
    }
    // Another moment was requested in the meantime: the available picture is on the way to it.
    else if (wish.show) this.#drawNewestUpTo((this.#wish ?? wish).ns);
  }

  /** @returns false: something else is requested by now, and the rest was skipped */
  async #decodeTo(due: MediaPacket, last: MediaPacket, wish: Wish): Promise<boolean> {
    const { kitStore } = this.#decoder;
    if (kitStore.has(due.seq) && (wish.speed === 0 || last.seq <= this.#decoder.fedSeq)) return true;
    const group = await this.#book.group(last);
    const before = group[0] && due.seq < group[0].seq ? await this.#book.group(due) : [];
    const way = [...before, ...group].filter((packet) => packet.seq <= last.seq);
    const fedSeq = this.#decoder.fedSeq;
    // The decoder is already on the way and will still output what is due, so it continues. Otherwise it starts at the
    // key picture. When paused, pictures on the way to a later one were discarded as they came out.
    const goesOn =
      way.some(({ seq }) => seq === fedSeq) && (due.seq > fedSeq || (wish.speed > 0 && due.seq >= kitStore.floorSeq));
    if (!goesOn) kitStore.clear();
    if (!goesOn || wish.speed === 0) kitStore.setFloor(due.seq);
    const todo = goesOn ? way.filter(({ seq }) => seq > fedSeq) : way;
    const parts = [todo.filter((p) => before.includes(p)), todo.filter((p) => group.includes(p))];
    for (const [i, part] of parts.entries()) {
      if (part.length === 0) continue;
      const bytes = await this.#bytes.of(i === 0 ? before : group);
      for (const packet of part) {
        if (this.#closed || this.#isElsewhere(wish, packet)) return false;
        this.#nsOf.set(packet.seq, packet.ns);
        await this.#decoder.feed(packet, bytes);
      }
    }
    return true;
  }

  /** When paused, a request for another moment takes effect immediately; while playing, only a jump does. */
  #isElsewhere(wish: Wish, { ns }: MediaPacket): boolean {
    const now = this.#wish;
    if (!now || (now.ns === wish.ns && now.speed === wish.speed)) return false;
    return now.speed === 0 || wish.speed === 0 || Math.abs(now.ns - ns) > 3e9;
  }

  #drawNewestUpTo(ns: number): void {
    let due = -1;
    for (const [seq, at] of this.#nsOf) if (at <= ns && seq > due) due = seq;
    const seq = this.#decoder.kitStore.newestUpTo(due);
    if (seq >= 0 && seq !== this.#shownSeq) this.#show(seq);
  }

  #show(seq: number): void {
    const frame = this.#decoder.kitStore.take(seq);
    if (!frame) return;
    this.#sink.draw(frame, { seq, ns: this.#nsOf.get(seq) ?? 0 });
    frame.close();
    this.#shownSeq = seq;
    this.#decoder.kitStore.setFloor(seq);
    for (const old of this.#nsOf.keys()) if (old < seq) this.#nsOf.delete(old);
  }
}

function staleFor(ns: number, { ns: captured, durationNs }: MediaPacket): number | null {
  const ageNs = ns - captured;
  return ageNs > Math.max(STALE_NS, 2 * durationNs) ? ageNs : null;
}
