/**
 * NMEA 0183 sentences: `$` body `*hh`, ended by CR, LF or both in any order, hh = XOR of the characters between `$` and
 * `*` as two hex digits. The standard allows 82 characters; receivers exceed it, so up to 160 are accepted. Data
 * between sentences (u-blox UBX, RTCM) is counted and costs no sentence. A sentence without a checksum, which NMEA 0183
 * allows for most sentences, is returned as such until the first one with a checksum; from then on it counts as damage.
 */
import type { Parser, Resync } from '../../parser.ts';

const MAX_SENTENCE_BYTES = 160;
/** Binary data is reported in portions, without waiting for its end. */
const MAX_JUNK_BYTES = 512;
const DOLLAR = 36;
const BANG = 33;
const STAR = 42;
const LF = 10;
const CR = 13;
const decoder = new TextDecoder();

export interface NmeaSentence {
  type: 'sentence';
  /** `GP`, `GN`, `GL`, `GA`, ...: which system, or a mix of them. */
  talker: string;
  /** `RMC`, `GGA`, ... */
  kind: string;
  /** The fields between the commas after the name. */
  fields: string[];
  /** It has no checksum, and no earlier sentence had one. */
  unchecked?: true;
}

export class NmeaParser implements Parser<NmeaSentence> {
  readonly #sentence = new Uint8Array(MAX_SENTENCE_BYTES);
  #length = 0;
  #junk = 0;
  #isBinary = false;
  #first = true;
  #checksumSeen = false;

  push(bytes: Uint8Array): (NmeaSentence | Resync)[] {
    const out: (NmeaSentence | Resync)[] = [];
    for (let i = 0; i < bytes.length; i += 1) this.#byte(bytes[i] as number, out);
    return out;
  }

  reset(): void {
    this.#length = 0;
    this.#junk = 0;
    this.#isBinary = false;
    this.#first = true;
  }

  #byte(byte: number, out: (NmeaSentence | Resync)[]): void {
    if (byte === CR || byte === LF) {
      if (this.#length > 0) this.#end(out);
      else if (this.#isBinary) this.#waste(1, out);
      else this.#tell(out);
      return;
    }
    const isPrintable = byte >= 32 && byte < 127;
    if (byte === DOLLAR || (byte === BANG && this.#length === 0)) {
      // A sentence begins at `$`, or at `!` if it is encapsulated (AIS): anything before that was cut off.
      this.#waste(this.#length, out);
      this.#sentence[0] = byte;
      this.#length = 1;
    } else if (this.#length > 0 && isPrintable && this.#length < MAX_SENTENCE_BYTES) {
      this.#sentence[this.#length] = byte;
      this.#length += 1;
    } else {
      this.#isBinary ||= !isPrintable;
      const wasted = this.#length + 1;
      this.#length = 0;
      this.#waste(wasted, out);
    }
  }

  #end(out: (NmeaSentence | Resync)[]): void {
    const bytes = this.#sentence.subarray(0, this.#length);
    this.#length = 0;
    const star = bytes.indexOf(STAR);
    const sum = star < 0 ? '' : decoder.decode(bytes.subarray(star + 1)).trim();
    const isGood = /^[0-9A-Fa-f]{2}$/.test(sum) && Number.parseInt(sum, 16) === xorOf(bytes, 1, star);
    const text = decoder.decode(bytes.subarray(1, star < 0 ? bytes.length : star));
    if (!isGood && (star >= 0 || this.#checksumSeen || !FORM.test(text))) {
      this.#tell(out);
      out.push({
        type: 'resync',
        discardedBytes: bytes.length,
        reason: this.#first ? 'partial-first-line' : 'checksum',
      });
      this.#first = false;
      return;
    }
    this.#tell(out);
    this.#first = false;
    this.#checksumSeen ||= isGood;
    const [name = '', ...fields] = text.split(',');
    // Proprietary names begin with P and have no two-letter talker: they are kept unchanged.
    const known = /^([A-Z]{2})([A-Z]{3})$/.exec(name);
    const sentence: NmeaSentence = { type: 'sentence', talker: known?.[1] ?? '', kind: known?.[2] ?? name, fields };
    out.push(isGood ? sentence : { ...sentence, unchecked: true });
  }

  #waste(count: number, out: (NmeaSentence | Resync)[]): void {
    this.#junk += count;
    if (this.#isBinary && this.#junk >= MAX_JUNK_BYTES) this.#tell(out);
  }

  #tell(out: (NmeaSentence | Resync)[]): void {
    const discardedBytes = this.#junk;
    const isLine = !this.#isBinary && discardedBytes > MAX_SENTENCE_BYTES;
    this.#junk = 0;
    this.#isBinary = false;
    if (discardedBytes === 0) return;
    const reason = this.#first ? 'partial-first-line' : isLine ? 'too-long' : 'garbage';
    this.#first = false;
    out.push({ type: 'resync', discardedBytes, reason });
  }
}

/** The minimum form that a sentence without a checksum must have. */
const FORM = /^[A-Z]{5},[0-9A-Za-z.,+-]*$/;

function xorOf(bytes: Uint8Array, start: number, end: number): number {
  let xor = 0;
  for (let i = start; i < end; i += 1) xor ^= bytes[i] as number;
  return xor;
}

/** A complete sentence, ready to send. */
export function encodeNmea(body: string): string {
  const bytes = new TextEncoder().encode(body);
  return `$${body}*${xorOf(bytes, 0, bytes.length).toString(16).toUpperCase().padStart(2, '0')}\r\n`;
}
