/**
 * A marker device in someone's hands: presses its buttons in turn, each for half of the interval. Sends the reports of
 * the `device` setting (`auto`: the pedal), or of the `buttons` setting.
 *
 * Parameters: `rate` (presses a second, default 1), `keepTruth`.
 */
import type { Emulator, EmulatorFactory, EmulatorOptions } from '../../driver.ts';
import { Pulse, TruthLog } from '../ant-heart-rate/emulation.ts';
import { type DeviceName, LAYOUTS, mappedLayout } from './layouts.ts';
import { type HidMarkerSettings, hidMarkerSettingsSchema } from './settings.ts';

const FAULTS = ['garbage', 'silent', 'bounce', 'repeat', 'restart', 'wrong-device', 'none'] as const;
type Fault = (typeof FAULTS)[number];

/** Buttons of each device in the order in which they are pressed: usages for keyboards. */
const BUTTONS: Record<DeviceName, readonly number[]> = {
  'infinity-pedal': [1, 2, 3],
  'x-keys-pedal': [1, 2, 3],
  presenter: [0x4e, 0x4b, 0x3e, 0x37, 0x29],
  keyboard: [0x04, 0x05, 0xe1],
  'sony-buzz': Array.from({ length: 20 }, (_, i) => i + 1),
  'dream-cheeky': [1],
  powermate: [1],
  iclicker: [1, 2, 3, 4, 5],
};

/** The report that says which single button is down; 0: none. */
export function reportOf(device: DeviceName, button: number, sequence: number): Uint8Array {
  const bit = button === 0 ? 0 : 1 << (button - 1);
  switch (device) {
    case 'infinity-pedal':
      return Uint8Array.of(bit, 0);
    case 'x-keys-pedal':
      return Uint8Array.from({ length: 19 }, (_, i) => (i === 2 ? bit << 1 : 0));
    case 'presenter':
    case 'keyboard':
      return button >= 0xe0
        ? Uint8Array.of(1 << (button - 0xe0), 0, 0, 0, 0, 0, 0, 0)
        : Uint8Array.of(0, 0, button, 0, 0, 0, 0, 0);
    case 'sony-buzz':
      return Uint8Array.of(0x7f, 0x7f, bit & 0xff, (bit >> 8) & 0xff, 0xf0 | (bit >> 16));
    case 'dream-cheeky':
      return Uint8Array.of(button === 0 ? 0x17 : 0x16, 0, 0, 0, 0, 0, 0, 3);
    case 'powermate':
      return Uint8Array.of(button, 0, 0, 0, 0, 0);
    case 'iclicker': {
      const report = new Uint8Array(64);
      if (button > 0) report.set([0x02, 0x13, 0x80 + button, 0x12, 0x34, 0x56, sequence & 0xff]);
      return report;
    }
  }
}

export class HidMarkerEmulator implements Emulator {
  emit: (bytes: Uint8Array) => void = () => undefined;
  readonly #pulse = new Pulse();
  readonly #truth: TruthLog;
  readonly #settings: HidMarkerSettings;
  readonly #device: DeviceName;
  readonly #stepMs: number;
  readonly #left = new Map<Fault, number>();
  #presses = 0;
  #down = 0;
  #toldDown = 0;
  #lidTold = false;
  #on = false;

  constructor({ settings, parameters }: EmulatorOptions) {
    this.#settings = hidMarkerSettingsSchema.parse(settings);
    this.#device = this.#settings.device === 'auto' ? 'infinity-pedal' : this.#settings.device;
    this.#stepMs = 500 / (Number(parameters.rate ?? 1) || 1);
    this.#truth = new TruthLog(parameters);
  }

  get truth(): Emulator['truth'] {
    return this.#truth.rows;
  }

  start(): void {
    this.#on = true;
    this.#down = 0;
    this.#toldDown = 0;
    this.#lidTold = false;
    this.#pulse.start(this.#stepMs, () => this.step());
  }

  stop(): void {
    this.#on = false;
    this.#pulse.stop();
  }

  /** Only the polled device is written to; it answers each write. */
  receive(report: Uint8Array): void {
    const isPoll = this.#device === 'dream-cheeky' && report.length === 8 && report[0] === 0x08 && report[7] === 0x02;
    if (isPoll && this.#on && !this.#left.has('silent')) this.#report(true);
  }

  fault(name: string, argument = 1): void {
    const fault = FAULTS.find((known) => known === name);
    if (!fault) throw new Error(`the hid-marker emulator has no fault "${name}", only ${FAULTS.join(', ')}`);
    if (fault === 'none') this.#left.clear();
    else if (fault === 'garbage') for (let i = 0; i < argument; i += 1) this.emit(Uint8Array.of(0xff, 0x80, i & 0xff));
    else if (fault === 'restart') {
      // Power fails while a button is down: afterwards none is down, and the device reports that.
      if (this.#down !== 0) this.step();
    } else this.#left.set(fault, fault === 'silent' ? Math.ceil(argument / this.#stepMs) : argument);
  }

  /** A press or a release. */
  step(): void {
    if (this.#use('silent')) return;
    if (this.#left.has('wrong-device')) {
      this.emit(Uint8Array.of(1, 2, 3));
      return;
    }
    const buttons = this.#settings.buttons?.map((entry) => entry.button) ?? BUTTONS[this.#device];
    const before = this.#down;
    this.#down = before === 0 ? (buttons[this.#presses++ % buttons.length] as number) : 0;
    if (this.#device === 'dream-cheeky' && !this.#settings.buttons) return;
    if (this.#use('bounce')) for (const button of [this.#down, before]) this.emit(this.#bytes(button));
    this.#report(false);
    if (this.#use('repeat')) this.emit(this.#bytes(this.#down));
    this.#tell(before, this.#down);
  }

  #report(polled: boolean): void {
    this.emit(this.#bytes(this.#down));
    if (!polled) return;
    if (!this.#lidTold) this.#truth.add('', [2, true, this.#name(2, 'lid')]);
    this.#lidTold = true;
    this.#tell(this.#toldDown, this.#down);
  }

  /** The edge between two states, as the driver should record it. */
  #tell(before: number, now: number): void {
    this.#toldDown = now;
    if (before === now) return;
    const button = now === 0 ? before : now;
    // A vote has no release.
    if (this.#device === 'iclicker' && now === 0) return;
    const layout = this.#settings.buttons ? mappedLayout(this.#settings.buttons) : LAYOUTS[this.#device];
    const reading = layout.read(this.#bytes(button));
    const name = reading?.down.get(button) ?? reading?.events[0]?.name ?? '';
    this.#truth.add('', [button, now !== 0, this.#name(button, name)]);
  }

  #name(button: number, name: string): string {
    return this.#settings.names[String(button)] ?? name;
  }

  #bytes(button: number): Uint8Array {
    const mapping = this.#settings.buttons;
    if (!mapping) return reportOf(this.#device, button, this.#presses);
    const report = new Uint8Array(Math.max(...mapping.map((entry) => entry.byte)) + 1);
    const entry = mapping.find((one) => one.button === button);
    if (entry?.reportId !== undefined) report[0] = entry.reportId;
    if (entry) report[entry.byte] = entry.bit === undefined ? (entry.value ?? 0) : 1 << entry.bit;
    return report;
  }

  #use(fault: Fault): boolean {
    const left = this.#left.get(fault) ?? 0;
    if (left <= 1) this.#left.delete(fault);
    else this.#left.set(fault, left - 1);
    return left > 0;
  }
}

export const hidMarkerEmulator: EmulatorFactory = (options) => new HidMarkerEmulator(options);
