/**
 * A GPS receiver that walks in a straight line: RMC, GGA and ZDA each second, all from the second's number.
 * Parameters: `rate` (fixes a second, default 1), `keepTruth`.
 */
import type { Emulator, EmulatorFactory, EmulatorOptions, Value } from '../../driver.ts';
import { Pulse, TruthLog } from '../ant-heart-rate/emulation.ts';
import { encodeNmea } from './parser.ts';

const FAULTS = [
  'corrupt-checksum',
  'split',
  'merge',
  'garbage',
  'silent',
  'no-fix',
  'restart',
  'wrong-device',
  'none',
] as const;
type Fault = (typeof FAULTS)[number];

/** Shortly before midnight, so that the date changes in the first minute. */
const START_MS = Date.UTC(2026, 2, 1, 23, 59, 40);
const two = (value: number): string => String(value).padStart(2, '0');

export class NmeaEmulator implements Emulator {
  emit: (bytes: Uint8Array) => void = () => undefined;
  readonly #pulse = new Pulse();
  readonly #truth: TruthLog;
  readonly #stepMs: number;
  readonly #left = new Map<Fault, number>();
  #count = 0;
  #held = '';

  constructor({ parameters }: EmulatorOptions) {
    this.#stepMs = 1000 / (Number(parameters.rate ?? 1) || 1);
    this.#truth = new TruthLog(parameters);
  }

  get truth(): Emulator['truth'] {
    return this.#truth.rows;
  }

  receive(): void {
    // Vendors' configuration messages are not emulated.
  }

  start(): void {
    this.#pulse.start(this.#stepMs, () => this.step());
  }

  stop(): void {
    this.#pulse.stop();
    this.#held = '';
  }

  fault(name: string, argument = 1): void {
    const fault = FAULTS.find((known) => known === name);
    if (!fault) throw new Error(`the nmea emulator has no fault "${name}", only ${FAULTS.join(', ')}`);
    if (fault === 'none') this.#left.clear();
    else if (fault === 'restart') this.emit(new TextEncoder().encode('$GPRMC,2359'));
    else this.#left.set(fault, fault === 'silent' ? Math.ceil(argument / this.#stepMs) : argument);
  }

  /** One fix. */
  step(): void {
    const count = this.#count++;
    if (this.#use('silent')) return;
    if (this.#left.has('wrong-device')) {
      this.emit(Uint8Array.of(0xa4, 0x01, 0x6f, 0x20, 0xea, 0x0a));
      return;
    }
    const at = new Date(START_MS + Math.round(count * this.#stepMs));
    const time = `${two(at.getUTCHours())}${two(at.getUTCMinutes())}${two(at.getUTCSeconds())}.${String(at.getUTCMilliseconds()).padStart(3, '0')}`;
    const [day, month, year] = [two(at.getUTCDate()), two(at.getUTCMonth() + 1), at.getUTCFullYear()];
    if (this.#use('no-fix')) {
      const none = Number.NaN;
      this.#say('GNRMC,,V,,,,,,,,,,N', '', [false, none, none, none, none]);
      this.#say('GNGGA,,,,,,0,00,99.99,,,,,,', 'fix', [0, none, none, none, 0, 99.99]);
      this.#say(`GNZDA,${time},${day},${month},${year},00,00`, 'utc', ['']);
      return;
    }
    const minutes = ((count % 50_000) / 1000 + 7).toFixed(3).padStart(6, '0');
    const latitude = 48 + Number(minutes) / 60;
    const longitude = -(11 + Number(minutes) / 60);
    const where = `48${minutes},N,011${minutes},W`;
    const speed = (count % 300) / 10;
    const unixMs = at.getTime();
    this.#say(
      `GNRMC,${time},A,${where},${speed.toFixed(1)},84.4,${day}${month}${two(year % 100)},,,A`,
      '',
      [true, latitude, longitude, speed, 84.4],
      unixMs,
    );
    this.#say(
      `GNGGA,${time},${where},1,08,0.9,545.4,M,46.9,M,,`,
      'fix',
      [1, latitude, longitude, 545.4, 8, 0.9],
      unixMs,
    );
    this.#say(`GNZDA,${time},${day},${month},${year},00,00`, 'utc', [at.toISOString()], unixMs);
  }

  #say(body: string, stream: string, values: Value[], deviceTime?: number): void {
    if (this.#use('garbage')) this.emit(Uint8Array.of(0xff, 0x24, 0x80, 0x0a));
    let text = encodeNmea(body);
    if (this.#use('corrupt-checksum'))
      text = text.replace(/\*(.)/, (_all, digit: string) => `*${digit === '0' ? '1' : '0'}`);
    else this.#truth.add(stream, values, deviceTime);
    const bytes = new TextEncoder().encode(this.#held + text);
    this.#held = '';
    if (this.#use('split')) for (let i = 0; i < bytes.length; i += 1) this.emit(bytes.slice(i, i + 1));
    else if (this.#use('merge')) this.#held = new TextDecoder().decode(bytes);
    else this.emit(bytes);
  }

  #use(fault: Fault): boolean {
    const left = this.#left.get(fault) ?? 0;
    if (left <= 1) this.#left.delete(fault);
    else this.#left.set(fault, left - 1);
    return left > 0;
  }
}

export const nmeaEmulator: EmulatorFactory = (options) => new NmeaEmulator(options);
