/**
 * The pictures of one camera. Asked for a moment, it shows the picture that was captured last before it: the group from
 * its key picture on is fetched and decoded. While playing it decodes a little ahead, in the same decoder.
 */
import { type ErrorReport, reportOf } from '../../../electron/common/errors.ts';
import { GroupBytes } from './groupBytes.ts';
import type { MediaPacket, PacketTimeline } from './packetTimeline.ts';
import { PictureDecoder } from './pictureDecoder.ts';
import type { ReviewDoor } from './reviewDoor.ts';

export interface Picture {
  seq: number;
  /** Session nanoseconds of its capture. */
  ns: number;
}

export interface PictureSink {
  /** Draws at once: the frame is closed afterwards. */
  draw(frame: VideoFrame, picture: Picture): void;
  /** Since when nothing came, where that is long; null: what is shown holds. Infinity: there never was a picture. */
  stale(forNs: number | null): void;
  trouble(error: ErrorReport | null): void;
}

interface Wish {
  ns: number;
  /** Speed; 0: standing still, only the exact picture counts. */
  speed: number;
  /** false: it is only made ready, and may be wanted next. */
  show: boolean;
}

/** A camera that gave nothing for so long shows no picture of that moment. */
const STALE_NS = 500e6;
/** While playing, so much is decoded before it is due, times the speed. */
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
  /** Times of what was fed, for what is due while playing. */
  readonly #nsOf = new Map<number, number>();

  constructor(door: ReviewDoor, book: PacketTimeline, sink: PictureSink) {
    this.#book = book;
    this.#bytes = new GroupBytes(door);
    this.#sink = sink;
  }

  /** The picture of this moment is wanted. */
  want(ns: number, speed: number): void {
    // What was made ready lies elsewhere: it is no picture on the way.
    if (speed > 0 && this.#wish?.show === false) this.#decoder.drop();
    this.#wish = { ns, speed, show: true };
    if (speed > 0) this.#drawNewestUpTo(ns);
    if (!this.#working) void this.#work();
  }

  /**
   * This moment may be wanted next: its picture is decoded, and waits. While playing, and while another is still to be
   * shown, only what it is made of is fetched.
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
      // Told when it is wanted.
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
      // What is only made ready is told when it is wanted.
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
    // Meanwhile another moment was asked for: what is there is a picture on the way to it.
    else if (wish.show) this.#drawNewestUpTo((this.#wish ?? wish).ns);
  }

  /** @returns false: something else is wanted by now, and the rest was left out */
  async #decodeTo(due: MediaPacket, last: MediaPacket, wish: Wish): Promise<boolean> {
    const { kitStore } = this.#decoder;
    if (kitStore.has(due.seq) && (wish.speed === 0 || last.seq <= this.#decoder.fedSeq)) return true;
    const group = await this.#book.group(last);
    const before = group[0] && due.seq < group[0].seq ? await this.#book.group(due) : [];
    const way = [...before, ...group].filter((packet) => packet.seq <= last.seq);
    const fedSeq = this.#decoder.fedSeq;
    // The decoder stands on the way, and what is due comes out of it yet: it goes on. Else it starts at the key picture.
    // Standing still, what was fed on the way to a later picture was thrown away as it came out.
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

  /** Standing still, a wish for another moment counts at once; while playing only a leap does. */
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
