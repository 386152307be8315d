/**
 * The engine's commands to a session's store, and the store's events. The store lives in a worker thread: it alone
 * writes `session.sqlite` and the media files, so the door and the clock never wait for a disk.
 *
 *   engine ── StoreCommand ──▶ store worker ── writes, syncs, commits at most every 500 ms ──▶ disk
 *          ◀── StoreEvent ───
 *
 * Commands are handled in the order they were posted. Those with a `request` number are answered by `done` or `failed`.
 */
import type { ErrorReport } from '../../common/errors.ts';
import type { Stream } from '../../common/stream.ts';
import type { EngineNs, FitRow, LifecycleState, ProbeRow, SessionMeta } from '../../session/format/rows.ts';

export type StoreCommand =
  /** Creates the folder, the index and the manifest, or opens existing ones to continue. */
  | { type: 'open'; request: number; folder: string; meta: SessionMeta }
  /** On disk (synced) before `done` is sent. */
  | { type: 'lifecycle'; request: number; state: LifecycleState; atEngineNs: EngineNs; detail: string }
  /** `clock` is `publisher/epoch`. `stream` numbers are the session's own, small and stable; answers `done` with `nextSeq`. */
  | { type: 'declare'; request: number; stream: Stream; clock: string }
  /** A message of `wire.ts` as received (its handle is ignored in favour of `stream`). Transferred. */
  | { type: 'packet'; stream: string; clock: string; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'samples'; stream: string; clock: string; bytes: Uint8Array<ArrayBuffer> }
  | {
      type: 'gap';
      stream: string;
      clock: string;
      fromNs: number;
      toNs: number | null;
      cause: string;
      lost: number | null;
      detail: string;
    }
  /** An event of the recorder itself, in session time. */
  | { type: 'event'; atNs: bigint; level: 'info' | 'warn' | 'error'; part: string; code: string; message: string }
  | { type: 'marker'; request: number; atNs: bigint; code: string; note: string; author: string }
  /** Wall clock against engine clock, every few seconds. */
  | { type: 'anchor'; atNs: bigint; wallNs: bigint }
  | { type: 'probes'; probes: ProbeRow[] }
  | { type: 'fit'; fit: FitRow }
  /** The participant who wears or uses a source from now on (children swap seats); null: nobody. */
  | { type: 'assignment'; atNs: bigint; source: string; participant: string | null; place: string }
  /** A process of the appliance started or ended. */
  | { type: 'process'; atNs: bigint; name: string; pid: number; event: 'start' | 'exit'; detail: string }
  /** Writes and syncs everything posted before. */
  | { type: 'flush'; request: number }
  /** Flushes and closes all files; another worker can then seal the folder. */
  | { type: 'close'; request: number };

/** All commands that are answered. */
export type StoreRequest = Extract<StoreCommand, { request: number }>;

/** The answer to `declare`. */
export interface Declared {
  /** The stream's number in the index. */
  stream: number;
  /** Sequence number of the next new packet or sample, after those still pending. */
  nextSeq: number;
}

export interface StreamCounters {
  stream: string;
  /** Packets or samples safe on disk, and their bytes. */
  count: number;
  bytes: number;
  /** Sequence number of the last safe one; -1: none. */
  lastSeq: number;
  duplicates: number;
  /**
   * Sequence numbers that never arrived, counted from holes and from `lost` of gap messages; each was recorded as a
   * gap.
   */
  missing: number;
  gaps: number;
  /** Publisher time of the last safe one, nanoseconds; null: none. */
  lastPublisherNs: number | null;
}

export type StoreEvent =
  | { type: 'done'; request: number; value?: unknown }
  | { type: 'failed'; request: number; error: ErrorReport }
  /** Safe on disk up to and including `seq`, for each stream with new data. */
  | { type: 'ack'; acks: { stream: string; seq: number }[]; counters: StreamCounters[] }
  /**
   * Bytes waiting for the disk (StoreClient adds those in transit to the worker), how long the last sync took, and the
   * bytes of all packets and samples handled so far.
   */
  | { type: 'pressure'; queuedBytes: number; lastSyncMs: number; handledBytes: number }
  /** A message that was refused (damaged, unknown stream): none of it was written. */
  | { type: 'refused'; stream: string; error: ErrorReport }
  /** The disk accepts data again after `trouble`. */
  | { type: 'recovered'; lastedMs: number }
  /** Writing fails (disk full, gone or read-only). Data is kept in memory and retried until `close`. */
  | { type: 'trouble'; error: ErrorReport };
