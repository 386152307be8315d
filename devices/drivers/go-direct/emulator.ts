/**
 * A Go Direct HID device: answers each command of section 3.2 and measures what it is configured to. Values are
 * formulas of the sample's number, rounded to float32 as on the wire.
 *
 * Parameters: `perPacket` (samples a packet, default 2), `wide=1` (packets of type 07), `keepTruth`.
 */
import type { Emulator, EmulatorFactory, EmulatorOptions } from '../../driver.ts';
import { Pulse, TruthLog } from '../ant-heart-rate/emulation.ts';
import {
  AVAILABLE_MASK,
  BELT,
  DEFAULT_MASK,
  infoPayload,
  maskPayload,
  replyFrame,
  sensorPayload,
  statusPayload,
  TYPICAL_PERIOD_US,
} from './device.ts';
import { checksumOf, MEASUREMENT, toReports } from './parser.ts';
import { COMMAND } from './protocol.ts';

const FAULTS = [
  'corrupt-checksum',
  'wrong-echo',
  'wrong-counter',
  'mute',
  'silent',
  'fifo-overflow',
  'nan',
  'lost-packet',
  'dropped',
  'garbage',
  'restart',
  'wrong-device',
  'none',
] as const;
type Fault = (typeof FAULTS)[number];

/** The respiration rate is not ready for its first samples. */
const NOT_READY = 20;
/** A value of the aperiodic channel, sent every this many samples. */
const APERIODIC_EVERY = 10;

export function goDirectValue(channel: number, index: number): number {
  if (channel === 4) return index * 3 - 7;
  if (channel === 2) return index < NOT_READY ? Number.NaN : Math.fround(12 + (Math.floor(index / 100) % 8) / 4);
  return Math.fround(channel * 10 + Math.sin(index / 15) * 5);
}

export class GoDirectEmulator implements Emulator {
  emit: (bytes: Uint8Array) => void = () => undefined;
  readonly #pulse = new Pulse();
  readonly #truth: TruthLog;
  readonly #perPacket: number;
  readonly #wide: boolean;
  readonly #serialNumber: string;
  readonly #left = new Map<Fault, number>();
  #counter = 0;
  #packet = 0;
  #periodUs = TYPICAL_PERIOD_US;
  #mask = 0;
  #index = 0;
  #on = false;

  constructor({ parameters, seed }: EmulatorOptions) {
    this.#perPacket = Number(parameters.perPacket ?? 2) || 2;
    this.#wide = parameters.wide === '1';
    this.#serialNumber = `0710${String(seed).padStart(4, '0')}`;
    this.#truth = new TruthLog(parameters);
  }

  get truth(): Emulator['truth'] {
    return this.#truth.rows;
  }

  start(): void {
    this.#on = true;
  }

  stop(): void {
    this.#on = false;
    this.#halt();
  }

  fault(name: string, argument = 1): void {
    const fault = FAULTS.find((known) => known === name);
    if (!fault) throw new Error(`the go-direct emulator has no fault "${name}", only ${FAULTS.join(', ')}`);
    if (fault === 'none') this.#left.clear();
    else if (fault === 'restart') {
      // A long reply is cut off; the measurement continues after it.
      const [first] = toReports(replyFrame(1, COMMAND.info, 0, infoPayload(this.#serialNumber)));
      if (first) this.emit(first);
    } else if (fault === 'garbage')
      for (let i = 0; i < argument; i += 1)
        this.emit(Uint8Array.from({ length: 64 }, (_, k) => (k * 37 + i * 11 + 200) & 0xff));
    else
      this.#left.set(
        fault,
        fault === 'silent' ? Math.ceil((argument * 1000) / (this.#periodUs * this.#perPacket)) : argument,
      );
  }

  /** One output report: `00`, length, frame. */
  receive(report: Uint8Array): void {
    const [id, length = 0] = report;
    const frame = report.slice(2, 2 + length);
    if (
      !this.#on ||
      id !== 0 ||
      report.length !== 65 ||
      frame[0] !== 0x58 ||
      frame[1] !== length ||
      checksumOf(frame) !== frame[3]
    )
      return;
    if (this.#left.has('mute')) return;
    if (this.#left.has('wrong-device')) {
      this.emit(new Uint8Array(64).fill(0x41));
      return;
    }
    this.#obey(frame[4] as number, frame[2] as number, frame.subarray(5));
  }

  #obey(command: number, echo: number, params: Uint8Array): void {
    const view = new DataView(params.buffer, params.byteOffset, params.byteLength);
    let payload: Uint8Array = Uint8Array.of(0);
    switch (command) {
      case COMMAND.status:
        payload = statusPayload(this.#use('fifo-overflow') ? 0x40 : 0);
        break;
      case COMMAND.info:
        payload = infoPayload(this.#serialNumber);
        break;
      case COMMAND.defaultMask:
      case COMMAND.availableMask:
        payload = maskPayload(command === COMMAND.defaultMask ? DEFAULT_MASK : AVAILABLE_MASK);
        break;
      case COMMAND.sensorInfo: {
        const channel = BELT.find((entry) => entry.channel === params[0]);
        if (channel) payload = sensorPayload(channel);
        break;
      }
      case COMMAND.period:
        this.#periodUs = view.getUint32(2, true);
        break;
      case COMMAND.start:
        this.#begin(view.getUint32(2, true));
        break;
      case COMMAND.stop:
      case COMMAND.disconnect:
        this.#halt();
    }
    this.#counter = (this.#counter + 1) & 0xff;
    const wrong = this.#use('wrong-echo') ? 0x77 : command;
    this.#send(replyFrame(this.#counter, wrong, this.#use('wrong-counter') ? (echo + 5) & 0xff : echo, payload));
  }

  #begin(mask: number): void {
    this.#mask = mask & AVAILABLE_MASK;
    this.#index = 0;
    this.#pulse.start((this.#periodUs * this.#perPacket) / 1000, () => this.step());
  }

  #halt(): void {
    this.#pulse.stop();
    this.#mask = 0;
  }

  /** One packet of periodic samples, and one of the aperiodic channel when it is due. */
  step(): void {
    if (this.#mask === 0 || !this.#on) return;
    const from = this.#index;
    this.#index += this.#perPacket;
    if (this.#use('silent')) {
      // It continues to measure, so its counter shows afterwards what was lost.
      this.#packet = (this.#packet + 1) & 0xff;
      return;
    }
    if (this.#use('dropped')) this.#send(this.#measurement(0x0d, []));
    const chosen = BELT.filter((entry) => ((this.#mask >>> entry.channel) & 1) === 1);
    const periodic = chosen.filter((entry) => !entry.aperiodic);
    if (periodic.length > 0) this.#periodic(periodic, from);
    for (const { channel } of chosen.filter((entry) => entry.aperiodic)) {
      if (Math.floor(from / APERIODIC_EVERY) === Math.floor(this.#index / APERIODIC_EVERY)) continue;
      const value = goDirectValue(channel, from);
      this.#truth.add(`ch${channel}`, [value]);
      this.#send(this.#measurement(0x0a, [0, channel, 1, ...real(value)]));
    }
  }

  #periodic(periodic: readonly (typeof BELT)[number][], from: number): void {
    const [first] = periodic as [(typeof BELT)[number]];
    const single = periodic.length === 1 && first.isInteger;
    const mask = periodic.reduce((sum, entry) => sum | (1 << entry.channel), 0);
    const n = this.#perPacket;
    const nan = this.#use('nan');
    const lost = this.#use('lost-packet');
    const corrupt = !lost && this.#use('corrupt-checksum');
    const data: number[] = [];
    for (let index = from; index < from + n; index += 1) {
      const values = periodic.map(({ channel }) => (nan && !single ? Number.NaN : goDirectValue(channel, index)));
      for (const value of values) data.push(...(single ? integer(value) : real(value)));
      if (!lost && !corrupt) this.#truth.add('', values, index);
    }
    const low = [mask & 0xff, mask >> 8];
    const frame = single
      ? this.#measurement(0x09, [0, first.channel, n, ...data])
      : this.#wide
        ? this.#measurement(0x07, [...low, 0, 0, n, 0, ...data])
        : this.#measurement(0x06, [...low, n, 0, ...data]);
    if (corrupt) frame[3] = (frame[3] as number) ^ 0x5a;
    if (!lost) this.#send(frame);
  }

  /** `20 | length | counter | checksum | type | ...` */
  #measurement(kind: number, rest: readonly number[]): Uint8Array {
    this.#packet = (this.#packet + 1) & 0xff;
    const frame = Uint8Array.from([MEASUREMENT, 5 + rest.length, this.#packet, 0, kind, ...rest]);
    // The layout of 0D is not known: this is the shortest valid frame.
    const whole = frame.length < 6 ? Uint8Array.from([...frame, 0]) : frame;
    whole[1] = whole.length;
    whole[3] = checksumOf(whole);
    return whole;
  }

  #send(frame: Uint8Array): void {
    for (const report of toReports(frame)) this.emit(report);
  }

  #use(fault: Fault): boolean {
    const left = this.#left.get(fault) ?? 0;
    if (left <= 1) this.#left.delete(fault);
    else this.#left.set(fault, left - 1);
    return left > 0;
  }
}

const real = (value: number): Uint8Array => new Uint8Array(Float32Array.of(value).buffer);
const integer = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);

export const goDirectEmulator: EmulatorFactory = (options) => new GoDirectEmulator(options);
