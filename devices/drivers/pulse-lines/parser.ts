/** Bytes of a pulse board to samples and beats. A beat's values repeat in every line until the next one: reported once. */
import type { Value } from '../../driver.ts';
import type { Parser, Resync } from '../../parser.ts';
import { LineSplitter } from '../lines/lineSplitter.ts';
import { FORMS, guessForm, type Reading } from './forms.ts';
import type { PulseFormat } from './settings.ts';

const MAX_LINE_BYTES = 512;
const decoder = new TextDecoder();

export interface PulseSample {
  type: 'sample';
  format: PulseFormat;
  /** `signal`: of each line; `derived`: a beat, or new computed values. */
  of: 'signal' | 'derived';
  sensor: number;
  values: Value[];
  /** The board's milliseconds; NaN if it prints none. */
  timeMs: number;
  /** The board's line counter; NaN if it prints none. */
  sequence: number;
}
/** A line of `!`: the sensor does not answer the board. */
export interface PulseFailure {
  type: 'sensor-failed';
}
/** Two numbers a line: a person must say what they are. */
export interface PulseAmbiguous {
  type: 'ambiguous';
}
export type PulseFrame = PulseSample | PulseFailure | PulseAmbiguous;

export class PulseLinesParser implements Parser<PulseFrame> {
  readonly #splitter = new LineSplitter(MAX_LINE_BYTES);
  readonly #sensors: number;
  readonly #wanted: PulseFormat | null;
  #format: PulseFormat | null;
  /** Last beat values of each sensor; no more entries than sensors. */
  #seen = new Map<number, { values: Value[]; flag: boolean; half: Value[] | null }>();

  constructor(format: PulseFormat | 'auto', sensors: number) {
    this.#wanted = format === 'auto' ? null : format;
    this.#format = this.#wanted;
    this.#sensors = sensors;
  }

  push(bytes: Uint8Array): (PulseFrame | Resync)[] {
    const out: (PulseFrame | Resync)[] = [];
    this.#splitter.push(bytes, {
      line: (data, start, end, first) => this.#line(decoder.decode(data.subarray(start, end)), end - start, first, out),
      tooLong: (size) => out.push({ type: 'resync', discardedBytes: size, reason: 'too-long' }),
    });
    return out;
  }

  reset(): void {
    this.#splitter.reset();
    this.#format = this.#wanted;
    this.#seen = new Map();
  }

  #line(raw: string, size: number, first: boolean, out: (PulseFrame | Resync)[]): void {
    const line = raw.trim();
    if (line === '') return;
    // The start of the first line may be missing: `833,512` could be read as something else.
    if (first) {
      out.push({ type: 'resync', discardedBytes: size, reason: 'partial-first-line' });
      return;
    }
    if (/^!+$/.test(line)) {
      out.push({ type: 'sensor-failed' });
      return;
    }
    const format = this.#format ?? guessForm(line, this.#sensors);
    const readings = format === null ? null : FORMS[format](line, this.#sensors);
    if (format !== null && readings) {
      this.#format = format;
      for (const reading of readings) this.#reading(format, reading, out);
    } else if (this.#format === null && FORMS['two-signals'](line, 2)) out.push({ type: 'ambiguous' });
    // Banners and `♥  A HeartBeat Happened !` are words: complete, readable and without a number.
    else if (!/^[\x20-\x7e♥°]*$/.test(line) || /\d/.test(line)) {
      out.push({
        type: 'resync',
        discardedBytes: size,
        reason: /[^\t\x20-\x7e♥°]/.test(line) ? 'garbage' : 'bad-line',
      });
    }
  }

  #reading(format: PulseFormat, reading: Reading, out: (PulseFrame | Resync)[]): void {
    const { sensor, signal, derived, beat, timeMs = Number.NaN, sequence = Number.NaN } = reading;
    const sample = (of: PulseSample['of'], values: Value[]): void => {
      out.push({ type: 'sample', format, of, sensor, values, timeMs, sequence });
    };
    if (signal) sample('signal', signal);
    if (!derived) return;
    const seen = this.#seen.get(sensor);
    const changed = seen !== undefined && derived.some((value, i) => !Object.is(value, seen.values[i]));
    if (beat === 'half') {
      // The rate comes one line before its interval. A rate without an interval is still a beat.
      if (seen?.half) sample('derived', seen.half);
      this.#seen.set(sensor, { values: derived, flag: false, half: derived });
      return;
    }
    const full =
      seen?.half && beat === 'now'
        ? derived.map((value, i) => (Number.isNaN(value) ? (seen.half?.[i] ?? null) : value))
        : derived;
    // The values of the first line belong to an earlier beat of unknown time: only a change is a beat.
    if (beat === 'now' || (beat === true && seen !== undefined && !seen.flag) || (beat === undefined && changed))
      sample('derived', full);
    this.#seen.set(sensor, { values: derived, flag: beat === true, half: null });
  }
}
