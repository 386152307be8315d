/**
 * Parses the device's bytes into frames. TODO: describe the frame, byte by byte, and name the source.
 *
 *   5A | counter u16 | value i16 | XOR of the five bytes before        (little-endian)
 */
import type { Parser, Resync } from '../../parser.ts';

export interface SkeletonFrame {
  type: 'frame';
  counter: number;
  value: number;
}

const START = 0x5a;
const LENGTH = 6;

export class SkeletonParser implements Parser<SkeletonFrame> {
  readonly #bytes = new Uint8Array(LENGTH);
  #length = 0;
  #discarded = 0;
  #reason = 'garbage';

  push(bytes: Uint8Array): (SkeletonFrame | Resync)[] {
    const frames: (SkeletonFrame | Resync)[] = [];
    for (const byte of bytes) {
      this.#bytes[this.#length] = byte;
      this.#length += 1;
      this.#work(frames);
    }
    return frames;
  }

  reset(): void {
    this.#length = 0;
    this.#discarded = 0;
  }

  #work(frames: (SkeletonFrame | Resync)[]): void {
    while (this.#length > 0) {
      if (this.#bytes[0] === START && this.#length < LENGTH) return;
      if (this.#bytes[0] === START && checksum(this.#bytes) === this.#bytes[LENGTH - 1]) {
        if (this.#discarded > 0) frames.push({ type: 'resync', discardedBytes: this.#discarded, reason: this.#reason });
        const view = new DataView(this.#bytes.buffer);
        frames.push({ type: 'frame', counter: view.getUint16(1, true), value: view.getInt16(3, true) });
        this.reset();
        this.#reason = 'garbage';
        return;
      }
      // Not a frame: drop one byte, since the rest may contain the start of the next one.
      if (this.#bytes[0] === START) this.#reason = 'checksum';
      this.#bytes.copyWithin(0, 1, this.#length);
      this.#length -= 1;
      this.#discarded += 1;
    }
  }
}

export function encodeSkeleton(counter: number, value: number): Uint8Array {
  const bytes = new Uint8Array(LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, START);
  view.setUint16(1, counter & 0xffff, true);
  view.setInt16(3, value, true);
  view.setUint8(LENGTH - 1, checksum(bytes));
  return bytes;
}

const checksum = (bytes: Uint8Array): number => bytes.subarray(0, LENGTH - 1).reduce((xor, byte) => xor ^ byte, 0);
