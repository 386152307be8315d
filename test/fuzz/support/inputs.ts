/** Inputs for the fuzz targets, all derived from one seed. */

/** Mulberry32: small, fast and identical on every system. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * limit);
  }
}

export const MAX_INPUT_BYTES = 4096;
/** Characters common in lines and JSON, so that random text comes close to valid input. */
const TEXT = Buffer.from('0123456789abcdefxABCDEFPOST,,,:;.-+ \t"\'[]{}()*$#\r\n\n\n');
const NASTY = [0x00, 0x0a, 0x0d, 0x2c, 0x7f, 0x80, 0xa4, 0xd2, 0xfe, 0xff];

/**
 * Generates inputs one after another in a reused buffer: random bytes, random text, and the target's frames damaged, cut,
 * doubled or joined.
 */
export class Inputs {
  readonly #random: Random;
  readonly #frames: readonly Uint8Array[];
  readonly #buffer = new Uint8Array(MAX_INPUT_BYTES);
  #length = 0;

  /** @param frames valid frames; may be empty */
  constructor(seed: number, frames: readonly Uint8Array[]) {
    this.#random = new Random(seed);
    this.#frames = frames;
  }

  /** Valid until the next call. */
  next(): Uint8Array {
    const kind = this.#random.below(8);
    this.#length = 0;
    if (kind === 0 || (kind > 2 && this.#frames.length === 0)) this.#fill(this.#size(), () => this.#random.below(256));
    else if (kind <= 2) this.#fill(this.#size(), () => TEXT[this.#random.below(TEXT.length)] ?? 0);
    else this.#damagedFrames();
    return this.#buffer.subarray(0, this.#length);
  }

  /** Positions at which to split an input: usually none or one, sometimes every byte. */
  cuts(length: number): number[] {
    const how = this.#random.below(16);
    if (how < 10 || length < 2) return [length];
    if (how === 15 && length <= 32) return Array.from({ length }, (_, i) => i + 1);
    const cuts = how < 14 ? [this.#random.below(length)] : [this.#random.below(length), this.#random.below(length)];
    return [...cuts.sort((a, b) => a - b), length];
  }

  /** Most are short; one in 500 is long. */
  #size(): number {
    return this.#random.below(500) === 0 ? this.#random.below(MAX_INPUT_BYTES) : this.#random.below(40);
  }

  #fill(length: number, byte: () => number): void {
    for (let i = 0; i < length; i += 1) this.#buffer[i] = byte();
    this.#length = length;
  }

  #damagedFrames(): void {
    const count = 1 + (this.#random.below(4) === 0 ? this.#random.below(3) : 0);
    for (let i = 0; i < count; i += 1) {
      const frame = this.#frames[this.#random.below(this.#frames.length)] ?? new Uint8Array();
      const from = this.#random.below(8) === 0 ? this.#random.below(frame.length) : 0;
      const to = this.#random.below(8) === 0 ? from + this.#random.below(frame.length - from + 1) : frame.length;
      const part = frame.subarray(from, Math.min(to, from + MAX_INPUT_BYTES - this.#length));
      this.#buffer.set(part, this.#length);
      this.#length += part.length;
    }
    for (let damage = this.#random.below(4); damage > 0; damage -= 1) this.#damage();
  }

  #damage(): void {
    if (this.#length === 0) return;
    const at = this.#random.below(this.#length);
    const how = this.#random.below(5);
    const byte = this.#buffer[at] ?? 0;
    if (how === 0) this.#buffer[at] = byte ^ (1 << this.#random.below(8));
    else if (how === 1) this.#buffer[at] = this.#random.below(256);
    else if (how === 2) this.#buffer[at] = NASTY[this.#random.below(NASTY.length)] ?? 0;
    else if (how === 3) {
      this.#buffer.copyWithin(at, at + 1, this.#length);
      this.#length -= 1;
    } else if (this.#length < MAX_INPUT_BYTES) {
      this.#buffer.copyWithin(at + 1, at, this.#length);
      this.#length += 1;
    }
  }
}
