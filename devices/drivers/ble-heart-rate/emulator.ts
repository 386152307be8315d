/**
 * A strap's notifications, one packet per one or two beats: RR intervals and rates by a formula of the beat's number.
 * The capture window's tests pass the packets to their reader; a pty cannot emulate Bluetooth.
 *
 * Parameters: `wide=1` (rates in two bytes, energy in each packet), `keepTruth`.
 */
import type { Emulator, EmulatorFactory, EmulatorOptions } from '../../driver.ts';
import { Pulse, TruthLog } from '../ant-heart-rate/emulation.ts';

const FAULTS = ['corrupt-checksum', 'silent', 'contact-lost', 'no-rr', 'short', 'none'] as const;
type Fault = (typeof FAULTS)[number];

/** Of beat number `beat`, in 1/1024 s. */
export const bleRrTicks = (beat: number): number => 720 + ((beat * 41) % 260);

export class BleHeartRateEmulator implements Emulator {
  emit: (bytes: Uint8Array) => void = () => undefined;
  readonly #pulse = new Pulse();
  readonly #truth: TruthLog;
  readonly #wide: boolean;
  readonly #left = new Map<Fault, number>();
  #beat = 0;
  #packets = 0;

  constructor({ parameters }: EmulatorOptions) {
    this.#wide = parameters.wide === '1';
    this.#truth = new TruthLog(parameters);
  }

  /** One row per RR interval: rate, interval in ms, contact. A packet without RR is a row with NaN. */
  get truth(): Emulator['truth'] {
    return this.#truth.rows;
  }

  receive(): void {
    // Nothing is written to this characteristic.
  }

  start(): void {
    this.#pulse.start(1000, () => this.step());
  }

  stop(): void {
    this.#pulse.stop();
  }

  fault(name: string, argument = 1): void {
    const fault = FAULTS.find((known) => known === name);
    if (!fault) throw new Error(`the ble-heart-rate emulator has no fault "${name}", only ${FAULTS.join(', ')}`);
    if (fault === 'none') this.#left.clear();
    else this.#left.set(fault, fault === 'silent' ? Math.ceil(argument / 1000) : argument);
  }

  /** One notification. */
  step(): void {
    this.#packets += 1;
    const beats = this.#use('no-rr') ? 0 : 1 + (this.#packets % 3 === 0 ? 1 : 0);
    const rr = Array.from({ length: beats }, (_, i) => bleRrTicks(this.#beat + 1 + i));
    this.#beat += beats;
    if (this.#use('silent')) return;
    const contact = !this.#use('contact-lost');
    const bpm = Math.round((60 * 1024) / bleRrTicks(this.#beat));
    const low = (value: number): number[] => [value & 0xff, value >> 8];
    const flags = (this.#wide ? 0x09 : 0) | (contact ? 0x06 : 0x04) | (beats > 0 ? 0x10 : 0);
    const head = this.#wide ? [...low(bpm), ...low(this.#packets & 0xffff)] : [bpm];
    const packet = Uint8Array.from([flags, ...head, ...rr.flatMap(low)]);
    // Bluetooth has its own checksum, so the only possible damage is a truncated packet.
    if (this.#use('short') || this.#use('corrupt-checksum')) {
      this.emit(packet.slice(0, 1));
      return;
    }
    for (const ticks of beats > 0 ? rr : [Number.NaN]) this.#truth.add('', [bpm, (ticks * 1000) / 1024, contact]);
    this.emit(packet);
  }

  #use(fault: Fault): boolean {
    const left = this.#left.get(fault) ?? 0;
    if (left <= 1) this.#left.delete(fault);
    else this.#left.set(fault, left - 1);
    return left > 0;
  }
}

export const bleHeartRateEmulator: EmulatorFactory = (options) => new BleHeartRateEmulator(options);
