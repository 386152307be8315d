/**
 * A parser turns the bytes of a link into frames. It is pure: no I/O and no clock. The same bytes give the same frames
 * in the same order however they are split; it accepts any bytes; its memory is bounded.
 */
export interface Parser<Frame> {
  /** Takes the bytes of one read; returns the frames they complete. Never throws, keeps no reference to `bytes`. */
  push(bytes: Uint8Array): (Frame | Resync)[];
  /** Discards a partial frame: the link was reopened. */
  reset(): void;
}

/** Bytes that were not part of a good frame: counted and recorded as a gap, never dropped silently. */
export interface Resync {
  type: 'resync';
  discardedBytes: number;
  /** `checksum`, `garbage`, `too-long`, `partial-first-line`, ... */
  reason: string;
}
