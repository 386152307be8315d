/**
 * An ANT stick with heart straps around it, byte for byte. It answers each command of section 2a according to its state
 * and, once a channel is open, sends what the straps transmit. Values are formulas of the beat's number (see
 * `strapModel.ts`).
 *
 * Parameters: `straps` (how many; default 1, in a scan 30), `minRr` (smallest RR interval in 1/1024 s, default 700),
 * `oldStick=1` (no scan, old extended messages), `laidOut=1` (the straps are on the table: each transmits for some
 * seconds after it is touched; `touch` with its position from 1), `touchEvery` (seconds; the straps are touched in
 * turn), `keepTruth`.
 */
import type { Emulator, EmulatorFactory, EmulatorOptions } from '../../driver.ts';
import { Pulse, TruthLog } from './emulation.ts';
import { type AntFrame, AntParser, encodeAnt } from './parser.ts';
import { CODE, MESSAGE, PERIOD_TICKS } from './protocol.ts';
import { StickState } from './stick.ts';
import { StrapModel } from './strapModel.ts';

const PERIOD_MS = (PERIOD_TICKS / 32_768) * 1000;
/** Captured from an ANTUSB-m (section 2a), and the same without scan mode. */
const CAPABILITIES = [0x08, 0x08, 0x00, 0xba, 0x36, 0x00, 0xdf, 0x79];
const OLD_CAPABILITIES = [0x04, 0x03, 0x00, 0xba, 0x00, 0x00, 0x00, 0x00];
/** Consecutive RX fails after which the stick searches again. */
const FAILS_TO_SEARCH = 8;
/** A strap keeps sending for some seconds after it is let go. */
const FELT_MS = 8_000;

const FAULTS = [
  'corrupt-checksum',
  'split',
  'merge',
  'garbage',
  'padding',
  'silent',
  'missed-beats',
  'channel-closed',
  'search-timeout',
  'restart',
  'overflow',
  'missing-key',
  'wrong-device',
  'mute',
  'foreign',
  'touch',
  'none',
] as const;
type Fault = (typeof FAULTS)[number];

interface Spoken {
  beat: number;
  /** Offset subtracted from this strap's unwrapped times: all wraps before it was first received. */
  baseTicks: number;
}

export class AntStickEmulator implements Emulator {
  emit: (bytes: Uint8Array) => void = () => undefined;
  readonly straps: StrapModel[];
  readonly #parser = new AntParser();
  readonly #pulse = new Pulse();
  readonly #truth: TruthLog;
  readonly #stick: StickState;
  readonly #spoken = new Map<number, Spoken>();
  readonly #left = new Map<Fault, number>();
  #turn = 0;
  #fails = 0;
  #held: Uint8Array[] = [];
  #stoppedMs: number | null = null;
  /** Messages that a touched strap will still send, by device number; null: the straps are worn and never silent. */
  readonly #felt: Map<number, number> | null;
  readonly #touchEvery: number;

  constructor({ settings, parameters, seed }: EmulatorOptions) {
    this.#stick = new StickState(parameters.oldStick === '1');
    this.#truth = new TruthLog(parameters);
    this.#touchEvery = Number(parameters.touchEvery ?? 0) || 0;
    this.#felt = parameters.laidOut === '1' || this.#touchEvery > 0 ? new Map() : null;
    const listed = Object.keys((settings.straps as Record<string, string> | undefined) ?? {}).map(Number);
    if (typeof settings.deviceNumber === 'number') listed.unshift(settings.deviceNumber);
    const count = Number(parameters.straps ?? 0) || Math.max(listed.length, settings.mode === 'scan' ? 30 : 1);
    this.straps = Array.from(
      { length: count },
      (_, i) =>
        new StrapModel(listed[i] ?? 10_000 + ((seed * 100 + i) % 50_000), i, Number(parameters.minRr ?? 0) || 700),
    );
  }

  get truth(): Emulator['truth'] {
    return this.#truth.rows;
  }

  start(): void {
    // Hearts keep beating while their straps are out of range.
    if (this.#stoppedMs !== null)
      for (const strap of this.straps) strap.advance(((performance.now() - this.#stoppedMs) * 1024) / 1000);
    this.#stoppedMs = null;
    this.#parser.reset();
    // A different device does not greet the way a stick does.
    if (!this.#left.has('wrong-device') && !this.#left.has('mute')) this.#powerUp(0x00);
    this.#pulse.start(PERIOD_MS / this.straps.length, () => this.step());
  }

  stop(): void {
    this.#pulse.stop();
    this.#stoppedMs ??= performance.now();
    this.#stick.mode = 'closed';
    this.#held = [];
  }

  /** The stick's state after power-on (00) or the reset command (20). */
  #powerUp(reason: number): void {
    this.#stick.clear();
    this.#answer(MESSAGE.startup, [reason]);
  }

  fault(name: string, argument = 1): void {
    const fault = FAULTS.find((known) => known === name);
    if (!fault) throw new Error(`the ant-heart-rate emulator has no fault "${name}", only ${FAULTS.join(', ')}`);
    if (fault === 'none') this.#left.clear();
    else if (fault === 'channel-closed') this.#closeChannel();
    else if (fault === 'search-timeout') {
      this.#event(CODE.searchTimeout);
      this.#closeChannel();
    } else if (fault === 'restart') {
      // Power fails in the middle of a message.
      this.emit(Uint8Array.of(0xa4, 0x0e, 0x4e, 0x00, 0x04));
      this.#powerUp(0x00);
    } else if (fault === 'overflow') this.#event(CODE.queueOverflow);
    else if (fault === 'touch') this.#touch(argument);
    // Silence is given in milliseconds, as everywhere; the other faults by the number of messages they affect.
    else this.#left.set(fault, fault === 'silent' ? Math.ceil((argument * this.straps.length) / PERIOD_MS) : argument);
  }

  receive(bytes: Uint8Array): void {
    if (this.#left.has('mute')) return;
    if (this.#left.has('wrong-device')) this.emit(new TextEncoder().encode('echo: what?\r\n'));
    else for (const frame of this.#parser.push(bytes)) if (frame.type === 'frame') this.#command(frame);
  }

  /** One message slot of one strap; the straps take turns. */
  step(): void {
    const strap = this.straps[this.#turn % this.straps.length] as StrapModel;
    this.#turn += 1;
    strap.advance((PERIOD_TICKS / 32_768) * 1024);
    if (!this.#isFelt(strap)) return;
    if (this.#stick.mode === 'closed' || (this.#stick.mode === 'single' && strap !== this.#paired())) return;
    if (this.#use('silent')) {
      this.#rxFail();
      return;
    }
    this.#fails = 0;
    // The strap is received but repeats its old beat until several beats have passed.
    const spoken = this.#spoken.get(strap.deviceNumber);
    const hold = this.#left.get('missed-beats');
    if (hold !== undefined && spoken && strap.beat > spoken.beat) {
      if (strap.beat - spoken.beat <= hold) return;
      this.#left.delete('missed-beats');
    }
    this.#speak(strap);
  }

  /** @param place position of the strap on the table, from 1 */
  #touch(place: number): void {
    const strap = this.straps[place - 1];
    if (strap) this.#felt?.set(strap.deviceNumber, Math.ceil(FELT_MS / PERIOD_MS));
  }

  #isFelt({ deviceNumber }: StrapModel): boolean {
    if (this.#felt === null) return true;
    const rounds = this.#turn / this.straps.length;
    const roundsEach = Math.ceil((this.#touchEvery * 1000) / PERIOD_MS);
    if (roundsEach > 0 && rounds % roundsEach === 0) this.#touch(((rounds / roundsEach) % this.straps.length) + 1);
    const left = this.#felt.get(deviceNumber) ?? 0;
    if (left > 0) this.#felt.set(deviceNumber, left - 1);
    return left > 0;
  }

  #speak(strap: StrapModel): void {
    const spoken = this.#spoken.get(strap.deviceNumber);
    const { deviceNumber, index } = strap;
    const rssi = -50 - ((strap.beat + index) % 40);
    const extra: number[] = [];
    if ((this.#stick.extended & 0x80) !== 0) extra.push(deviceNumber & 0xff, deviceNumber >> 8, 120, 1);
    if ((this.#stick.extended & 0x40) !== 0) extra.push(0x20, rssi & 0xff, 0x80);
    if ((this.#stick.extended & 0x20) !== 0) extra.push(this.#turn & 0xff, (this.#turn >> 8) & 0xff);
    const frame = encodeAnt(MESSAGE.broadcast, [
      0,
      ...strap.page(),
      ...(extra.length > 0 ? [this.#stick.extended, ...extra] : []),
    ]);
    if (this.#use('corrupt-checksum')) {
      frame[frame.length - 1] = (frame[frame.length - 1] as number) ^ 0x55;
      this.#send(frame);
      return;
    }
    if (spoken?.beat !== strap.beat) {
      const rr = spoken && strap.beat === spoken.beat + 1 ? (strap.rr * 1000) / 1024 : Number.NaN;
      const baseTicks = spoken?.baseTicks ?? strap.eventTicks - (strap.eventTicks & 0xffff);
      this.#spoken.set(deviceNumber, { beat: strap.beat, baseTicks });
      const stream = this.#stick.extended === 0 ? 'strap' : String(deviceNumber);
      this.#truth.add(
        stream,
        [strap.heartRateBpm, rr, strap.beatCount, (this.#stick.extended & 0x40) !== 0 ? rssi : Number.NaN],
        strap.eventTicks - baseTicks,
      );
    }
    this.#send(frame);
    // A foot pod (type 124) in the same room, which must be received and ignored.
    if (this.#use('foreign'))
      this.#send(encodeAnt(MESSAGE.broadcast, [0, 1, 2, 3, 4, 5, 6, 7, 8, 0x80, 0x11, 0x22, 124, 1]));
  }

  #paired(): StrapModel | undefined {
    return this.#stick.wanted === 0
      ? this.straps[0]
      : this.straps.find((strap) => strap.deviceNumber === this.#stick.wanted);
  }

  /** One paired strap: the stick reports each empty slot. A scan has no slots. */
  #rxFail(): void {
    if (this.#stick.mode !== 'single') return;
    this.#fails += 1;
    this.#event(this.#fails === FAILS_TO_SEARCH ? CODE.goToSearch : CODE.rxFail);
  }

  #closeChannel(): void {
    if (this.#stick.mode === 'closed') return;
    this.#stick.mode = 'closed';
    this.#event(CODE.channelClosed);
  }

  #command(frame: AntFrame): void {
    const { id, payload } = frame;
    if (id === MESSAGE.reset) this.#powerUp(0x20);
    else if (id === MESSAGE.request && payload[1] === MESSAGE.capabilities) {
      this.#answer(MESSAGE.capabilities, this.#stick.old ? OLD_CAPABILITIES : CAPABILITIES);
    } else {
      const keyRefused = id === MESSAGE.networkKey && this.#left.has('missing-key');
      this.#answer(MESSAGE.response, [payload[0] ?? 0, id, keyRefused ? CODE.invalidNetwork : this.#stick.obey(frame)]);
      if (id === MESSAGE.close) this.#closeChannel();
    }
  }

  #event(code: number): void {
    this.#answer(MESSAGE.response, [0, 1, code]);
  }

  #answer(id: number, payload: ArrayLike<number>): void {
    this.#send(encodeAnt(id, payload));
  }

  #send(frame: Uint8Array): void {
    if (this.#use('garbage')) this.emit(Uint8Array.of(0x13, 0xa4, 0x29, 0x37, 0xa4, 0x02));
    if (this.#use('padding')) this.emit(new Uint8Array(5));
    if (this.#use('split')) {
      for (let i = 0; i < frame.length; i++) this.emit(frame.slice(i, i + 1));
    } else if (this.#held.length === 0 && this.#use('merge')) this.#held.push(frame);
    else {
      const all = [...this.#held, frame];
      this.#held = [];
      this.emit(all.length === 1 ? frame : Uint8Array.from(all.flatMap((part) => [...part])));
    }
  }

  /** True while the fault still has messages to affect; uses up one. */
  #use(fault: Fault): boolean {
    const left = this.#left.get(fault) ?? 0;
    if (left <= 1) this.#left.delete(fault);
    else this.#left.set(fault, left - 1);
    return left > 0;
  }
}

export const antHeartRateEmulator: EmulatorFactory = (options) => new AntStickEmulator(options);
