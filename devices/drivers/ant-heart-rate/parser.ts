/**
 * ANT serial frames: `A4 | length | message id | payload[length] | XOR of all bytes before it`.
 * Source: /shared/sensor-protocols.md section 2a (openant, GoldenCheetah src/ANT; verified against captured frames).
 */
import type { Parser, Resync } from '../../parser.ts';

export const ANT_SYNC = 0xa4;
/** Longest plausible payload; anything that claims more is not a frame (section 2a, limit inferred). */
export const ANT_MAX_PAYLOAD = 40;
const OVERHEAD = 4;
/** Bytes of garbage after which it is reported even without a good frame. */
const REPORT_GARBAGE = 4096;

export interface AntFrame {
  type: 'frame';
  id: number;
  payload: Uint8Array;
}

export class AntParser implements Parser<AntFrame> {
  /** Bytes that may still become a frame: always shorter than one frame. */
  #rest = new Uint8Array(0);
  #discarded = 0;
  #badChecksum = false;

  /** True while bytes are waiting for the rest of their frame. */
  get isWaiting(): boolean {
    return this.#rest.length > 0;
  }

  /** The wire has been quiet for too long for the rest of the frame to arrive: reads the held bytes without it. */
  giveUp(): (AntFrame | Resync)[] {
    const out: (AntFrame | Resync)[] = [];
    while (this.#rest.length > 0) {
      const rest = this.#rest.slice(1);
      this.#rest = new Uint8Array(0);
      this.#discard(out);
      out.push(...this.push(rest));
    }
    return out;
  }

  push(bytes: Uint8Array): (AntFrame | Resync)[] {
    const data = this.#rest.length === 0 ? bytes : joined(this.#rest, bytes);
    const out: (AntFrame | Resync)[] = [];
    let at = 0;
    while (at < data.length) {
      if (data[at] !== ANT_SYNC) {
        // GoldenCheetah's serial code pads with 00 between messages, so zeros there are not damage.
        if (data[at] !== 0 || this.#discarded > 0) this.#discard(out);
        at += 1;
        continue;
      }
      const length = data[at + 1];
      if (length === undefined) break;
      if (length === 0 || length > ANT_MAX_PAYLOAD) {
        this.#discard(out);
        at += 1;
        continue;
      }
      const end = at + OVERHEAD + length;
      if (end > data.length) break;
      if (xorOf(data, at, end - 1) === data[end - 1]) {
        this.#report(out);
        out.push({ type: 'frame', id: data[at + 2] as number, payload: data.slice(at + 3, end - 1) });
        at = end;
      } else {
        // Either a byte was corrupted or this A4 was not a start. Drop only this byte: a frame may begin inside.
        this.#badChecksum = true;
        this.#discard(out);
        at += 1;
      }
    }
    this.#rest = data.slice(at);
    return out;
  }

  reset(): void {
    this.#rest = new Uint8Array(0);
    this.#discarded = 0;
    this.#badChecksum = false;
  }

  #discard(out: (AntFrame | Resync)[]): void {
    this.#discarded += 1;
    if (this.#discarded >= REPORT_GARBAGE) this.#report(out);
  }

  /** Reported with the next good frame, so that the result does not depend on how the bytes were split into reads. */
  #report(out: (AntFrame | Resync)[]): void {
    if (this.#discarded > 0)
      out.push({ type: 'resync', discardedBytes: this.#discarded, reason: this.#badChecksum ? 'checksum' : 'garbage' });
    this.#discarded = 0;
    this.#badChecksum = false;
  }
}

/** A complete frame, ready to send. */
export function encodeAnt(id: number, payload: ArrayLike<number>): Uint8Array {
  const frame = new Uint8Array(payload.length + OVERHEAD);
  frame[0] = ANT_SYNC;
  frame[1] = payload.length;
  frame[2] = id;
  frame.set(payload, 3);
  frame[frame.length - 1] = xorOf(frame, 0, frame.length - 1);
  return frame;
}

function xorOf(data: Uint8Array, from: number, to: number): number {
  let xor = 0;
  for (let i = from; i < to; i++) xor ^= data[i] as number;
  return xor;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
