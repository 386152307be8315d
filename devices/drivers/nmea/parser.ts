/**
 * NMEA 0183 sentences: `$` body `*hh` CRLF, hh = XOR of the characters between `$` and `*` as two hex digits.
 * Source: /shared/sensor-protocols.md section 4. At most 82 characters by the standard; receivers exceed it, so 160 pass.
 */
import type { Parser, Resync } from '../../parser.ts';
import { LineSplitter } from '../lines/lineSplitter.ts';

const MAX_LINE_BYTES = 160;
const DOLLAR = 36;
const BANG = 33;
const STAR = 42;
const decoder = new TextDecoder();

export interface NmeaSentence {
  type: 'sentence';
  /** `GP`, `GN`, `GL`, `GA`, ...: which system, or a mix of them. */
  talker: string;
  /** `RMC`, `GGA`, ... */
  kind: string;
  /** What stands between the commas after the name. */
  fields: string[];
}

export class NmeaParser implements Parser<NmeaSentence> {
  readonly #splitter = new LineSplitter(MAX_LINE_BYTES);

  push(bytes: Uint8Array): (NmeaSentence | Resync)[] {
    const out: (NmeaSentence | Resync)[] = [];
    this.#splitter.push(bytes, {
      line: (data, start, end, first) => line(data.subarray(start, end), first, out),
      tooLong: (size) => out.push({ type: 'resync', discardedBytes: size, reason: 'too-long' }),
    });
    return out;
  }

  reset(): void {
    this.#splitter.reset();
  }
}

function line(bytes: Uint8Array, first: boolean, out: (NmeaSentence | Resync)[]): void {
  if (bytes.length === 0) return;
  const discard = (discardedBytes: number, reason: string): void => {
    out.push({ type: 'resync', discardedBytes, reason: first ? 'partial-first-line' : reason });
  };
  // A sentence begins at `$`, or at `!` where it encapsulates (AIS): what stands before it was cut off.
  const start = Math.max(bytes.lastIndexOf(DOLLAR), bytes.lastIndexOf(BANG));
  if (start < 0) {
    discard(bytes.length, 'garbage');
    return;
  }
  if (start > 0) discard(start, 'garbage');
  const star = bytes.indexOf(STAR, start);
  const sum = star < 0 ? '' : decoder.decode(bytes.subarray(star + 1)).trim();
  if (!/^[0-9A-Fa-f]{2}$/.test(sum) || Number.parseInt(sum, 16) !== xorOf(bytes, start + 1, star)) {
    discard(bytes.length - start, 'checksum');
    return;
  }
  const [name = '', ...fields] = decoder.decode(bytes.subarray(start + 1, star)).split(',');
  // Proprietary names begin with P and have no talker of two letters: they are carried as they are.
  const known = /^([A-Z]{2})([A-Z]{3})$/.exec(name);
  out.push({ type: 'sentence', talker: known?.[1] ?? '', kind: known?.[2] ?? name, fields });
}

function xorOf(bytes: Uint8Array, start: number, end: number): number {
  let xor = 0;
  for (let i = start; i < end; i += 1) xor ^= bytes[i] as number;
  return xor;
}

/** A whole sentence for the wire. */
export function encodeNmea(body: string): string {
  const bytes = new TextEncoder().encode(body);
  return `$${body}*${xorOf(bytes, 0, bytes.length).toString(16).toUpperCase().padStart(2, '0')}\r\n`;
}
