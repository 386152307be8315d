/**
 * A parser turns the bytes of a link into frames. It is pure: no I/O and no clock. Whatever the chunking, the same bytes
 * give the same frames in the same order; any bytes are survived; its memory is bounded.
 */
export interface Parser<Frame> {
  /** Feeds the bytes of one read; returns what they complete. Never throws, keeps no reference to `bytes`. */
  push(bytes: Uint8Array): (Frame | Resync)[];
  /** Forgets a partial frame: the link was opened anew. */
  reset(): void;
}

/** Bytes that were no part of a good frame: counted, recorded as a gap, never silent. */
export interface Resync {
  type: 'resync';
  discardedBytes: number;
  /** `checksum`, `garbage`, `too-long`, `partial-first-line`, ... */
  reason: string;
}
