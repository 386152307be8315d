/** The rows of a session's index and the facts of a session, shared by writer, readers and repair. */

/** The engine's monotonic clock in whole nanoseconds (`process.hrtime.bigint()` as a number is exact to 104 days of uptime; it is kept as bigint in the files). */
export type EngineNs = bigint;

export type LifecycleState = 'created' | 'recording' | 'paused' | 'sealing' | 'sealed';

export interface SessionMeta {
  /** Unique across laptops: `20261122-141503-7f3a9c`. */
  id: string;
  study: string;
  name: string;
  /** Engine monotonic time of session time 0. */
  zeroEngineNs: EngineNs;
  /** Wall time of session time 0, Unix nanoseconds: a label only. */
  zeroWallNs: bigint;
  /** Identifies the engine's monotonic clock: boot id if available, and this process. */
  clockEpoch: string;
  /** The kit as it was recorded with. */
  kit: unknown;
  software: { fieldroom: string; node: string; platform: string };
  simulated: boolean;
}

/** One probe of a publisher's clock: t0/t3 on the engine's clock, t1/t2 on the publisher's; nanoseconds. */
export interface ProbeRow {
  publisher: string;
  epoch: string;
  wave: number;
  t0: EngineNs;
  t1: number;
  t2: number;
  t3: EngineNs;
}

/**
 * A line from one clock to another: `to = offset + from + drift * (from - reference)`, valid for `from` in
 * [fromNs, toNs) (null: without end). `live` fits are used while recording; sealing adds one `sealed` fit per range,
 * which has priority.
 */
export interface FitRow {
  /** `publisher/epoch` of the clock that is mapped. */
  clock: string;
  kind: 'live' | 'sealed';
  fromNs: number;
  toNs: number | null;
  referenceNs: number;
  /** Session nanoseconds minus clock nanoseconds at the reference. */
  offsetNs: bigint;
  /** Nanoseconds per nanosecond (1e-6 is 1 ppm). */
  drift: number;
  /** Half-width of the interval that contains the true session time, nanoseconds. */
  uncertaintyNs: number;
}

export interface Gap {
  id: number;
  stream: number;
  clock: number;
  fromNs: number;
  toClock: number | null;
  /** Null while it is open. */
  toNs: number | null;
  cause: string;
  /** Counted by the publisher; null if it cannot. */
  lost: number | null;
  /** Sequence numbers that never arrived. */
  missingSeqs: number;
  detail: string;
}

/** Cause of a gap that is known only as a hole in the sequence numbers. */
export const HOLE = 'lost';

/** A media file. */
export interface SegmentRow {
  id: number;
  stream: number;
  number: number;
  /** From the session's folder, with `/`. */
  file: string;
  clock: number;
  firstSeq: number;
  /** The file's time of its first packet: its session time by the live fit of that moment. Negative where it
   * began before the session's zero: its block is then at 0, and the next ones are at their own times. */
  fileStartNs: number;
  /** `first`, `reopened`, `publisher`, `config`, `pause`, `size`. */
  reason: string;
  config: string;
}

/** A wall clock is only a label; milliseconds are enough. */
export const nowWallNs = (): bigint => BigInt(Date.now()) * 1_000_000n;
