/**
 * Go Direct over USB HID: reports of 64 bytes, `[n][n frame bytes][rest]`; a frame of up to 255 bytes spans reports.
 * Source: /shared/sensor-protocols.md sections 3.1 and 3.2.
 *
 *   frame: `98` (reply) or `20` (measurement) | total length | device counter | checksum | ...
 *   checksum: the sum of all bytes but the checksum itself, modulo 256
 */
import type { Parser, Resync } from '../../parser.ts';

export const REPORT_BYTES = 64;
/** Frame bytes of one report. */
export const REPORT_ROOM = 63;
export const REPLY = 0x98;
export const MEASUREMENT = 0x20;

export interface GoDirectFrame {
  type: 'reply' | 'measurement';
  /** The whole frame, so that offsets are those of the protocol's tables. */
  bytes: Uint8Array;
}

export class GoDirectParser implements Parser<GoDirectFrame> {
  readonly #report = new Uint8Array(REPORT_BYTES);
  #filled = 0;
  /** Frame bytes of the reports that may still become one frame: at most five. */
  #parts: Uint8Array[] = [];

  push(bytes: Uint8Array): (GoDirectFrame | Resync)[] {
    const out: (GoDirectFrame | Resync)[] = [];
    for (let at = 0; at < bytes.length; ) {
      const take = Math.min(REPORT_BYTES - this.#filled, bytes.length - at);
      this.#report.set(bytes.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
      if (this.#filled < REPORT_BYTES) break;
      this.#filled = 0;
      const n = this.#report[0] as number;
      if (n === 0 || n > REPORT_ROOM) {
        this.#giveUp(out);
        out.push({ type: 'resync', discardedBytes: REPORT_BYTES, reason: 'garbage' });
        continue;
      }
      this.#parts.push(this.#report.slice(1, 1 + n));
      this.#assemble(out);
    }
    return out;
  }

  reset(): void {
    this.#filled = 0;
    this.#parts = [];
  }

  #assemble(out: (GoDirectFrame | Resync)[]): void {
    while (this.#parts.length > 0) {
      const [first] = this.#parts as [Uint8Array];
      const total = first[1] ?? 0;
      const held = this.#parts.reduce((sum, part) => sum + part.length, 0);
      const known = first[0] === REPLY || first[0] === MEASUREMENT;
      if (!known || total < 6) {
        this.#dropFirst(out, 'garbage');
        continue;
      }
      if (held < total) {
        // Only a full report continues in the next one: a shorter one that ends early is damaged.
        if (this.#parts.every((part) => part.length === REPORT_ROOM)) return;
        this.#dropFirst(out, 'garbage');
        continue;
      }
      const bytes = joined(this.#parts, total);
      if (held > total || checksumOf(bytes) !== bytes[3]) {
        // A report may be missing in the middle: the ones after it may begin a new frame.
        this.#dropFirst(out, 'checksum');
        continue;
      }
      this.#parts = [];
      out.push({ type: first[0] === REPLY ? 'reply' : 'measurement', bytes });
    }
  }

  #dropFirst(out: (GoDirectFrame | Resync)[], reason: string): void {
    const dropped = this.#parts.shift();
    out.push({ type: 'resync', discardedBytes: dropped?.length ?? 0, reason });
  }

  #giveUp(out: (GoDirectFrame | Resync)[]): void {
    while (this.#parts.length > 0) this.#dropFirst(out, 'garbage');
  }
}

export function checksumOf(frame: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < frame.length; i += 1) if (i !== 3) sum += frame[i] as number;
  return sum & 0xff;
}

function joined(parts: readonly Uint8Array[], total: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    bytes.set(part.subarray(0, total - at), at);
    at += Math.min(part.length, total - at);
  }
  return bytes;
}

/** A frame in input reports, as the device sends it. */
export function toReports(frame: Uint8Array): Uint8Array[] {
  const reports: Uint8Array[] = [];
  for (let at = 0; at < frame.length; at += REPORT_ROOM) {
    const part = frame.subarray(at, at + REPORT_ROOM);
    const report = new Uint8Array(REPORT_BYTES);
    report[0] = part.length;
    report.set(part, 1);
    reports.push(report);
  }
  return reports;
}
