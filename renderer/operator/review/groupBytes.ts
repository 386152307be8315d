/** The bytes of whole groups of packets. The last few are cached, because stepping and scrubbing stay close. */
import type { MediaPacket } from './packetTimeline.ts';
import type { ReviewDoor } from './reviewDoor.ts';

export type BytesOf = (packet: MediaPacket) => Uint8Array<ArrayBuffer>;

interface Kept {
  first: number;
  end: number;
  bytes: Promise<Uint8Array<ArrayBuffer>>;
}

const KEPT_GROUPS = 6;

export class GroupBytes {
  readonly #door: ReviewDoor;
  readonly #kept = new Map<string, Kept>();

  constructor(door: ReviewDoor) {
    this.#door = door;
  }

  /** One request per group: its packets are consecutive in their file. @param group not empty, from one file */
  async of(group: readonly MediaPacket[]): Promise<BytesOf> {
    const { file, offset: first } = group[0] as MediaPacket;
    const end = Math.max(...group.map((packet) => packet.offset + packet.length));
    const name = `${file.path}:${first}`;
    let kept = this.#kept.get(name);
    // In an ongoing recording, the group grows.
    if (!kept || kept.end < end) {
      kept = { first, end, bytes: this.#door.bytes(file.path, first, end) };
      this.#kept.set(name, kept);
      kept.bytes.catch(() => this.#kept.delete(name));
      if (this.#kept.size > KEPT_GROUPS) this.#kept.delete(this.#kept.keys().next().value as string);
    }
    const bytes = await kept.bytes;
    return ({ offset, length }) => bytes.subarray(offset - first, offset - first + length);
  }
}
