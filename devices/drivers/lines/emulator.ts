/**
 * A board that prints `count,ms,value` lines (value: a slow sine), with a checksum column if the settings ask for one.
 * Parameters: `rate` (lines a second, default 50), `header` (0: none).
 */
import type { Emulator, EmulatorOptions, Value } from '../../driver.ts';
import { type ChecksumKind, checksum8 } from './checksum.ts';
import { type ColumnRef, type LinesColumn, linesSettingsSchema } from './settings.ts';

const KEEP_TRUTH = 100_000;
const STEP_MS = 5;
const NAMES = ['count', 'ms', 'value'] as const;
const encoder = new TextEncoder();

export const linesEmulator = (options: EmulatorOptions): Emulator => new LinesEmulator(options);

class LinesEmulator implements Emulator {
  emit: (bytes: Uint8Array) => void = () => undefined;
  readonly truth: { stream: string; values: readonly Value[]; deviceTime?: number }[] = [];
  readonly #format: string;
  readonly #delimiter: string;
  readonly #checksum: ChecksumKind | 'none';
  readonly #columns: readonly ColumnRef[];
  readonly #time: ColumnRef | null;
  readonly #rateHz: number;
  readonly #header: boolean;
  readonly #phase: number;
  #timer: NodeJS.Timeout | null = null;
  #startMs = 0;
  #count = 0;
  #sent = 0;
  #silentUntilMs = 0;
  #splitNext = 0;
  #corruptNext = 0;
  #wrong = false;

  constructor({ settings, parameters, seed }: EmulatorOptions) {
    const checked = linesSettingsSchema.parse(settings);
    this.#format = checked.format === 'auto' ? 'csv' : checked.format;
    this.#delimiter = checked.delimiter ?? { tsv: '\t', semicolon: ';', whitespace: ' ' }[this.#format] ?? ',';
    this.#checksum = checked.checksum;
    const byPlace = (column: LinesColumn, i: number): ColumnRef =>
      column.key ?? column.column ?? (this.#keyed ? column.name : i + 1);
    // Without configured columns the driver guesses, and each printed column becomes a channel except the checksum.
    this.#columns = checked.columns?.map(byPlace) ?? NAMES;
    const counter = typeof checked.counter === 'object' ? checked.counter.column : checked.counter;
    this.#time = checked.deviceTime?.column ?? counter ?? null;
    this.#rateHz = Math.max(0.01, Number(parameters.rate ?? 50) || 50);
    this.#header = parameters.header !== '0' && checked.header !== false && !this.#keyed;
    this.#phase = seed;
  }

  get #keyed(): boolean {
    return this.#format === 'json' || this.#format === 'key-value';
  }

  receive(): void {
    // A board that only prints ignores input.
  }

  start(): void {
    this.stop();
    this.#startMs = performance.now();
    this.#count = 0;
    this.#sent = 0;
    if (this.#header && !this.#wrong) this.#send(encoder.encode(`${NAMES.join(this.#delimiter)}\r\n`));
    this.#timer = setInterval(() => this.#work(), Math.max(STEP_MS, Math.min(1000 / this.#rateHz, 1000)));
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  fault(name: string, argument = 1): void {
    switch (name) {
      case 'corrupt-checksum':
        this.#corruptNext += argument;
        return;
      case 'garbage':
        this.#send(
          Uint8Array.from({ length: Math.max(1, argument) }, (_, i) => (i % 7 === 3 ? 0xff : (i * 37 + 128) % 256)).map(
            (byte) => (byte === 10 ? 11 : byte),
          ),
        );
        return;
      case 'split':
        this.#splitNext += argument;
        return;
      case 'silent':
        this.#silentUntilMs = performance.now() + argument;
        return;
      case 'skip':
        this.#count += argument;
        return;
      case 'too-long':
        this.#send(new Uint8Array(10_000).fill(65));
        return;
      case 'wrong-device':
        this.#wrong = true;
        return;
      case 'restart':
        this.#send(this.#line().subarray(0, 4));
        this.start();
        return;
      default:
        throw new Error(`the lines emulator has no fault "${name}"`);
    }
  }

  /** All lines that are due, in one write, as a USB chip delivers them. */
  #work(): void {
    const nowMs = performance.now();
    const due = Math.floor(((nowMs - this.#startMs) * this.#rateHz) / 1000) - this.#sent;
    this.#sent += due;
    if (nowMs < this.#silentUntilMs) return;
    const lines: Uint8Array[] = [];
    for (let i = 0; i < due; i += 1)
      lines.push(this.#wrong ? Uint8Array.of(0xa4, 0x01, 0x6f, 0x20, 0xea) : this.#next());
    if (lines.length > 0) this.#send(concat(lines));
  }

  #next(): Uint8Array {
    const corrupt = this.#corruptNext > 0 && this.#checksum !== 'none';
    const line = this.#line();
    if (corrupt) {
      this.#corruptNext -= 1;
      line[0] = (line[0] as number) ^ 1;
    } else {
      const deviceTime = this.#time === null ? undefined : (this.#field(this.#time) as number);
      this.truth.push({
        stream: '',
        values: this.#columns.map((ref) => this.#field(ref)),
        ...(deviceTime === undefined ? {} : { deviceTime }),
      });
      if (this.truth.length > KEEP_TRUTH) this.truth.splice(0, KEEP_TRUTH / 2);
    }
    this.#count += 1;
    return line;
  }

  #field(ref: ColumnRef): number | null {
    const at = typeof ref === 'number' ? ref - 1 : NAMES.indexOf(ref as (typeof NAMES)[number]);
    if (at === 0) return this.#count;
    if (at === 1) return Math.floor((this.#count * 1000) / this.#rateHz);
    return at === 2 ? Number(Math.sin(this.#count / 50 + this.#phase).toFixed(4)) : null;
  }

  #line(): Uint8Array {
    const fields = NAMES.map((name) => [name, this.#field(name)] as const);
    let text: string;
    if (this.#format === 'json') text = JSON.stringify(Object.fromEntries(fields));
    else if (this.#format === 'key-value') text = fields.map(([name, value]) => `${name}: ${value}`).join(', ');
    else text = fields.map(([, value]) => String(value)).join(this.#delimiter);
    if (this.#checksum === 'none') return encoder.encode(`${text}\r\n`);
    const body = encoder.encode(text);
    const sum = checksum8(this.#checksum, body, 0, body.length).toString(16).toUpperCase().padStart(2, '0');
    return encoder.encode(`${text}${this.#delimiter}${sum}\r\n`);
  }

  #send(bytes: Uint8Array): void {
    if (this.#splitNext > 0) {
      this.#splitNext -= 1;
      for (let i = 0; i < bytes.length; i += 1) this.emit(bytes.subarray(i, i + 1));
    } else this.emit(bytes);
  }
}

function concat(parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
