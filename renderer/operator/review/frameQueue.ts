/**
 * Decoded pictures waiting to be shown, by sequence number. Each uses video memory, so it is closed as soon as it is no
 * longer needed.
 */

export interface QueuedFrame {
  readonly timestamp: number;
  close(): void;
}

/** Maximum number of pictures by which a decoder may be ahead. */
const MOST = 40;

export class FrameQueue<F extends QueuedFrame> {
  readonly #frames = new Map<number, F>();
  #floorSeq = 0;

  /** Earlier pictures were not kept. */
  get floorSeq(): number {
    return this.#floorSeq;
  }

  has(seq: number): boolean {
    return this.#frames.has(seq);
  }

  /** Its timestamp is its sequence number. */
  put(frame: F): void {
    this.#frames.get(frame.timestamp)?.close();
    this.#frames.delete(frame.timestamp);
    if (frame.timestamp < this.#floorSeq || this.#frames.size >= MOST) frame.close();
    else this.#frames.set(frame.timestamp, frame);
  }

  /** The newest of those up to `seq`, without removing it; -1: none. */
  newestUpTo(seq: number): number {
    let best = -1;
    for (const at of this.#frames.keys()) if (at <= seq && at > best) best = at;
    return best;
  }

  /** Removes and returns it; the caller closes it. */
  take(seq: number): F | undefined {
    const frame = this.#frames.get(seq);
    this.#frames.delete(seq);
    return frame;
  }

  /** Discards earlier pictures, including those still to come out of the decoder. */
  setFloor(seq: number): void {
    this.#floorSeq = seq;
    for (const [at, frame] of this.#frames)
      if (at < seq) {
        frame.close();
        this.#frames.delete(at);
      }
  }

  clear(): void {
    for (const frame of this.#frames.values()) frame.close();
    this.#frames.clear();
  }
}
