/**
 * One stream of a connection: its declaration, its recorded form, and limits on its numbers. A wrong number from a
 * publisher must neither make true data look like duplicates nor invent a loss of billions.
 */
import { type ErrorKey, type FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { GapMessage } from '../../common/ingest.ts';
import type { Stream } from '../../common/stream.ts';
import { MAX_BATCH, PACKET, PACKET_HEADER_BYTES } from '../../common/wire.ts';

/** A sequence step up to this size is accepted without elapsed time to explain it. */
const FREE_STEP = 1_000_000;
/** No stream delivers more packets or samples a second. */
const MAX_RATE_HZ = 100_000;
/** A time this far from the engine's clock is wrong, even with buffering or sleep. */
const MAX_AWAY_NS = 86_400n * 1_000_000_000n;
const SAMPLES_HEADER_BYTES = 24;
const MAX_WAITING = 10_000;

/** `pending`: the recorder has not answered yet; `refused`: what comes for it is dropped. */
export type DeclaredState = 'pending' | 'open' | 'refused';

/** Publisher time to engine time; null while the clock is unknown. */
type ToEngine = (publisherNs: number) => bigint | null;

function isPossible(publisherNs: number, nowNs: bigint, toEngine: ToEngine): boolean {
  if (!Number.isSafeInteger(publisherNs)) return false;
  const engineNs = toEngine(publisherNs);
  if (engineNs === null) return true;
  return engineNs - nowNs <= MAX_AWAY_NS && nowNs - engineNs <= MAX_AWAY_NS;
}

export class DeclaredStream {
  readonly handle: number;
  /** As its publisher declared it, or as the engine assigned it. */
  stream: Stream;
  state: DeclaredState = 'pending';
  /** Messages in a row that were out of bounds. */
  outOfBounds = 0;
  /** Newest publisher time accepted over this connection; null: none. */
  lastNs: number | null = null;
  /** Gaps received before the recorder's answer. */
  readonly waiting: GapMessage[] = [];
  #nextSeq = 0;
  #seenMs = 0;

  constructor(handle: number, stream: Stream) {
    this.handle = handle;
    this.stream = stream;
  }

  /** It is recorded as `stream`, from `nextSeq` on. */
  opened(stream: Stream, nextSeq: number, nowMs: number): void {
    this.stream = stream;
    this.state = 'open';
    this.outOfBounds = 0;
    this.#nextSeq = nextSeq;
    this.#seenMs = nowMs;
  }

  /** Keeps a gap until the recorder has answered the declaration. */
  wait(gap: GapMessage): void {
    if (this.waiting.length < MAX_WAITING) this.waiting.push(gap);
  }

  /**
   * Checks a message for this stream before anything is recorded of it.
   * @throws FieldroomError `ingest.malformed`, `ingest.sequence-step`, `ingest.time-out-of-bounds`
   */
  check(bytes: Uint8Array, nowMs: number, nowNs: bigint, toEngine: ToEngine): void {
    const { first, last, timesNs } = this.#read(bytes);
    const most = FREE_STEP + (MAX_RATE_HZ * (nowMs - this.#seenMs)) / 1000;
    if (!Number.isSafeInteger(first) || first < 0 || first - this.#nextSeq > most)
      throw this.#error('ingest.sequence-step');
    if (!timesNs.every((ns) => isPossible(ns, nowNs, toEngine))) throw this.#error('ingest.time-out-of-bounds');
    this.outOfBounds = 0;
    this.lastNs = Math.max(this.lastNs ?? -Infinity, ...timesNs);
    this.#nextSeq = Math.max(this.#nextSeq, last + 1);
    this.#seenMs = nowMs;
  }

  /**
   * A gap with bounded numbers: an impossibly large loss is recorded as uncountable.
   * @throws FieldroomError `ingest.time-out-of-bounds`
   */
  checkGap(gap: GapMessage, nowNs: bigint, toEngine: ToEngine): GapMessage {
    const toNs = gap.toNs ?? gap.fromNs;
    if (toNs < gap.fromNs || !isPossible(gap.fromNs, nowNs, toEngine) || !isPossible(toNs, nowNs, toEngine))
      throw this.#error('ingest.time-out-of-bounds');
    const most = FREE_STEP + MAX_RATE_HZ * (Number(MAX_AWAY_NS) / 1e9);
    return gap.lost !== null && gap.lost > most ? { ...gap, lost: null } : gap;
  }

  /** Sequence numbers and the times at both ends. */
  #read(bytes: Uint8Array): { first: number; last: number; timesNs: number[] } {
    const isPacket = bytes[0] === PACKET;
    const least = isPacket ? PACKET_HEADER_BYTES : SAMPLES_HEADER_BYTES;
    if (isPacket === (this.stream.kind === 'samples') || bytes.byteLength < least)
      throw this.#error('ingest.malformed:stream');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const first = view.getFloat64(8, true);
    if (isPacket) return { first, last: first, timesNs: [view.getFloat64(16, true)] };
    const count = view.getUint32(4, true);
    if (count < 1 || count > MAX_BATCH || bytes.byteLength < 16 + count * 8)
      throw this.#error('ingest.malformed:batch');
    let [earliest, latest] = [Infinity, -Infinity];
    for (let i = 0; i < count; i += 1) {
      const ns = view.getFloat64(16 + i * 8, true);
      if (!Number.isSafeInteger(ns)) throw this.#error('ingest.time-out-of-bounds');
      earliest = Math.min(earliest, ns);
      latest = Math.max(latest, ns);
    }
    return { first, last: first + count - 1, timesNs: [earliest, latest] };
  }

  #error(key: ErrorKey): FieldroomError {
    return fieldroomError(key, { id: this.stream.id });
  }
}
