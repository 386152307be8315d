/**
 * A pulse board: prints 50 lines a second in the form that the settings name (`auto`: plotter). The signal is a formula
 * of the line's number; the interval between beats is a formula of the beat's number.
 *
 * Parameters: `rate` (lines per second), `keepTruth`.
 */
import type { Emulator, EmulatorFactory, EmulatorOptions, Value } from '../../driver.ts';
import { Pulse, TruthLog } from '../ant-heart-rate/emulation.ts';
import { type PulseFormat, pulseSettingsSchema } from './settings.ts';

const FAULTS = [
  'split',
  'merge',
  'garbage',
  'silent',
  'corrupt-checksum',
  'skip',
  'sensor-failed',
  'restart',
  'wrong-device',
  'too-long',
  'none',
] as const;
type Fault = (typeof FAULTS)[number];

/**
 * Interval of beat `beat` in ms: never the same twice in a row, because a repeated value cannot be seen in lines that
 * repeat.
 */
export const ibiMs = (beat: number): number => 700 + ((beat * 37) % 290);
export const bpmOf = (beat: number): number => Math.round(60_000 / ibiMs(beat));
export const signalOf = (line: number): number => 512 + Math.round(300 * Math.sin(line / 7));

export class PulseLinesEmulator implements Emulator {
  emit: (bytes: Uint8Array) => void = () => undefined;
  readonly #pulse = new Pulse();
  readonly #truth: TruthLog;
  readonly #format: PulseFormat;
  readonly #sensors: number;
  readonly #stepMs: number;
  readonly #left = new Map<Fault, number>();
  #line = 0;
  #sequence = 0;
  #nowMs = 0;
  #beat = 0;
  #nextBeatMs = ibiMs(1);
  #heardLines = 0;
  #told = 0;
  #held = '';

  constructor({ settings, parameters }: EmulatorOptions) {
    const checked = pulseSettingsSchema.parse(settings);
    this.#format = checked.format === 'auto' ? 'plotter' : checked.format;
    this.#sensors = this.#format === 'two-signals' ? 2 : checked.sensors;
    this.#stepMs = 1000 / (Number(parameters.rate ?? 50) || 50);
    this.#truth = new TruthLog(parameters);
  }

  get truth(): Emulator['truth'] {
    return this.#truth.rows;
  }

  receive(): void {
    // The board ignores input.
  }

  start(): void {
    this.#boot();
    this.#pulse.start(this.#stepMs, () => this.step());
  }

  stop(): void {
    this.#pulse.stop();
    this.#held = '';
  }

  /** As after power-on or DTR: counters at zero, and a banner, which the host receives as its first, perhaps partial line. */
  #boot(): void {
    this.#sequence = 0;
    this.#nowMs = 0;
    this.#beat = 0;
    this.#nextBeatMs = ibiMs(1);
    this.#heardLines = 0;
    this.#print('We created a pulseSensor Object !');
  }

  fault(name: string, argument = 1): void {
    const fault = FAULTS.find((known) => known === name);
    if (!fault) throw new Error(`the pulse-lines emulator has no fault "${name}", only ${FAULTS.join(', ')}`);
    if (fault === 'none') this.#left.clear();
    else if (fault === 'too-long') this.#print('9'.repeat(3000));
    else if (fault === 'restart') {
      this.emit(new TextEncoder().encode('51'));
      this.#boot();
    } else if (fault === 'skip') this.#sequence += argument;
    else this.#left.set(fault, fault === 'silent' ? Math.ceil(argument / this.#stepMs) : argument);
  }

  /** One line, or one per sensor. */
  step(): void {
    this.#line += 1;
    this.#sequence += 1;
    this.#nowMs += this.#stepMs;
    const isBeat = this.#nowMs >= this.#nextBeatMs;
    if (isBeat) {
      this.#beat += 1;
      this.#nextBeatMs += ibiMs(this.#beat + 1);
    }
    if (this.#use('silent')) return;
    if (this.#left.has('wrong-device')) this.emit(Uint8Array.of(0xa4, 0x01, 0x6f, 0x20, 0xea, 0x0a));
    else if (this.#use('sensor-failed')) this.#print('!!!!!!!!!!');
    else if (this.#use('corrupt-checksum')) this.#print(`5?${this.#line}`);
    else this.#say(isBeat);
  }

  #say(isBeat: boolean): void {
    const signal = signalOf(this.#line);
    const [bpm, ibi] = [bpmOf(this.#beat), ibiMs(this.#beat)];
    const timeMs = Math.floor(this.#nowMs);
    const quality = this.#line % 100;
    const isNew = this.#heardLines > 0 && this.#told !== this.#beat;
    this.#told = this.#beat;
    this.#heardLines += 1;
    const beats = (values: Value[], when = isNew, time?: number): void => {
      if (when) this.#truth.add('beats', values, time);
    };
    switch (this.#format) {
      case 'plotter':
        this.#tell('', [signal], `${bpm},${ibi},${signal}`);
        beats([bpm, ibi]);
        break;
      case 'visualizer':
        for (let sensor = 0; sensor < this.#sensors; sensor += 1)
          this.#visualize(sensor, signal + sensor, isBeat, [bpm, ibi]);
        break;
      case 'text':
        this.#tell('', [signal], `Signal ${signal}`);
        if (!isBeat) break;
        this.#print('♥  A HeartBeat Happened !');
        this.#print(`BPM: ${bpm}`);
        beats([bpm, Number.NaN], true);
        break;
      case 'number':
        this.#tell('', [signal], String(signal));
        break;
      case 'signal-bpm-ibi-beat':
        this.#tell('', [signal], `${signal},${bpm},${ibi},${isBeat ? 1 : 0}`);
        beats([bpm, ibi], isBeat && this.#heardLines > 1);
        break;
      case 'json':
        this.#tell(
          '',
          [signal, quality, 'OK', null],
          JSON.stringify({
            signal,
            timestampMs: timeMs,
            seq: this.#sequence,
            bpm,
            ibi,
            beat: isBeat,
            quality,
            state: 'OK',
          }),
          timeMs,
        );
        beats([bpm, ibi], isBeat && this.#heardLines > 1, timeMs);
        break;
      case 'psws':
        this.#tell(
          '',
          [signal, quality, 'TRACKING', true],
          `PSWS,1,LIVE,${this.#sequence},${timeMs},${signal},${bpm},${ibi},${isBeat ? 1 : 0},${quality},TRACKING`,
          timeMs,
        );
        beats([bpm, ibi], isBeat && this.#heardLines > 1, timeMs);
        break;
      case 'max-beat': {
        const ir = 100_000 + signal;
        this.#tell('', [ir, true], `IR=${ir}, BPM=${(60_000 / ibi).toFixed(2)}, Avg BPM=${bpm}`);
        beats([Number((60_000 / ibi).toFixed(2)), bpm]);
        break;
      }
      case 'max-spo2': {
        const valid = this.#beat % 4 === 0 ? 0 : 1;
        this.#tell(
          '',
          [signal, 90_000 + signal],
          `red=${signal}, ir=${90_000 + signal}, HR=${bpm}, HRvalid=${valid}, SPO2=${valid ? 97 : -999}, SPO2Valid=${valid}`,
        );
        if (isNew) this.#truth.add('values', valid ? [bpm, 97] : [Number.NaN, Number.NaN]);
        break;
      }
      case 'two-signals':
        this.#truth.add('2', [signal + 1]);
        this.#tell('', [signal], `${signal},${signal + 1}`);
        break;
      case 'ir-red':
        this.#tell('', [signal, signal + 1], `${signal},${signal + 1}`);
        break;
      case 'time-signal':
        this.#tell('', [signal], `${timeMs},${signal}`, timeMs);
        break;
    }
  }

  #visualize(sensor: number, signal: number, isBeat: boolean, [bpm, ibi]: [number, number]): void {
    const many = this.#sensors > 1;
    const letter = (first: string): string => String.fromCharCode(first.charCodeAt(0) + sensor);
    const prefix = sensor === 0 ? '' : String(sensor + 1);
    this.#tell(prefix, [signal], `${many ? letter('a') : 'S'}${signal}`);
    if (!isBeat) return;
    this.#print(`${many ? letter('A') : 'B'}${bpm}`);
    this.#print(`${many ? letter('M') : 'Q'}${ibi}`);
    this.#truth.add(prefix === '' ? 'beats' : `${prefix}-beats`, [bpm, ibi]);
  }

  #tell(stream: string, values: Value[], line: string, deviceTime?: number): void {
    this.#truth.add(stream, values, deviceTime);
    this.#print(line);
  }

  #print(line: string): void {
    if (this.#use('garbage')) this.emit(Uint8Array.of(0xff, 0x80, 0x01, 0x33, 0xfe, 0x0a));
    const bytes = new TextEncoder().encode(`${this.#held}${line}\r\n`);
    if (this.#use('split')) for (let i = 0; i < bytes.length; i += 1) this.emit(bytes.slice(i, i + 1));
    else if (this.#held === '' && this.#use('merge')) {
      this.#held = `${line}\r\n`;
      return;
    } else this.emit(bytes);
    this.#held = '';
  }

  #use(fault: Fault): boolean {
    const left = this.#left.get(fault) ?? 0;
    if (left <= 1) this.#left.delete(fault);
    else this.#left.set(fault, left - 1);
    return left > 0;
  }
}

export const pulseLinesEmulator: EmulatorFactory = (options) => new PulseLinesEmulator(options);
