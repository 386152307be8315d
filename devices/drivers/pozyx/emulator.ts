import type { Emulator, EmulatorOptions } from '../../driver.ts';
import { type Answer, EmulatedNetwork, type NetworkOptions } from './emulatedNetwork.ts';
import { EmulatedTag } from './emulatedTag.ts';
import { EmulatedTruth } from './emulatedTruth.ts';
import { hex, idName, MAX_TRANSFER_BYTES, parseId, REGISTER } from './registers.ts';
import { pozyxSettings } from './settings.ts';
import { FaultScript, noise } from './truth.ts';
import { ROOM_ANCHORS } from './walk.ts';

/** Damages the next replies, positions (`no-flag`) or functions, as many as the argument says (default 1). */
const COUNTED = ['split', 'lost', 'empty', 'no-data-line', 'corrupt', 'truncate', 'late', 'function-failed', 'no-flag'];
/** Later than the driver's timeout, but within the time that it drains. */
const LATE_MS = 350;
const FIRST_ID = 0x6012;

export interface PozyxEmulatorOptions extends Partial<Omit<NetworkOptions, 'passive'>> {
  /** Register 01: `0x11` is the last with the register path, `0x12` and up have function CC. */
  firmware?: number;
  keepTruth?: number;
  seed?: number;
}

/**
 * Parameters: `firmware` (register 01 in hex, default 11; 12 and up have function CC), `positionMs` (default 70). The
 * first tag in the kit's settings is the one on the cable. If the kit has no anchors, it uses those of the demo room.
 */
export function pozyxEmulator({ settings, parameters, seed }: EmulatorOptions): Emulator {
  const { firmware, positionMs } = parameters;
  return new PozyxEmulator(settings, {
    seed,
    ...(firmware === undefined ? {} : { firmware: Number.parseInt(firmware, 16) }),
    ...(positionMs === undefined ? {} : { positionMs: Number(positionMs) }),
  });
}

/**
 * A Pozyx on a cable and others in its radio range, byte for byte (sensor-protocols 1.2 to 1.7). Faults besides the
 * counted ones: `silent` (ms), `garbage` (bytes at once), `error` (code of the next position, default 0x11),
 * `wrong-device` (its WHO_AM_I, default 0), `restart` (in the middle of a line; anchors not in flash are lost).
 * The truth omits the last channel, the age of the request, which differs from run to run.
 */
export class PozyxEmulator implements Emulator {
  emit: (bytes: Uint8Array, topic?: string) => void = () => {};
  readonly #faults = new FaultScript(COUNTED);
  readonly #network: EmulatedNetwork;
  readonly #truth: EmulatedTruth;
  #line = '';
  #on = false;
  #silentUntilMs = 0;

  constructor(given: unknown = {}, options: PozyxEmulatorOptions = {}) {
    const settings = pozyxSettings.parse(given);
    const { firmware = 0x11, keepTruth = 100_000, seed = 1, positionMs = 70, radioMs = 4, clockMs = 123_456 } = options;
    const alone = settings.tags.length === 0;
    const [id = FIRST_ID, ...others] = alone ? [(FIRST_ID + seed - 1) & 0xffff] : settings.tags.map(parseId);
    const tags = [id, ...others].map((each, i) => new EmulatedTag(each, seed - 1 + i, firmware));
    if (settings.anchors.length === 0) for (const tag of tags) tag.know(ROOM_ANCHORS);
    this.#truth = new EmulatedTruth(settings, keepTruth, (tag) => (alone ? '' : idName(tag.id)));
    const timing = { positionMs, radioMs, clockMs, passive: settings.passive };
    this.#network = new EmulatedNetwork(tags as [EmulatedTag, ...EmulatedTag[]], timing, this.#truth, this.#faults);
  }

  get truth(): Emulator['truth'] {
    return this.#truth.entries;
  }

  start(): void {
    this.#on = true;
    this.#network.start();
  }

  stop(): void {
    this.#on = false;
    this.#line = '';
    this.#network.stop();
  }

  fault(name: string, argument?: number): void {
    switch (name) {
      case 'silent':
        this.#silentUntilMs = performance.now() + (argument ?? 1000);
        return;
      case 'garbage':
        this.#send(noise(argument ?? 40));
        return;
      case 'error':
        this.#network.positionError = argument ?? 0x11;
        return;
      case 'wrong-device':
        this.#network.local.set(REGISTER.whoAmI, [argument ?? 0]);
        return;
      case 'restart':
        this.emit(Buffer.from('D,0'));
        this.stop();
        this.start();
        return;
      default:
        this.#faults.arm(name, argument ?? 1);
    }
  }

  receive(bytes: Uint8Array): void {
    if (!this.#on) return;
    for (const byte of bytes) {
      if (byte !== 0x0d) this.#line = (this.#line + String.fromCharCode(byte)).slice(-200);
      else {
        const line = this.#line;
        this.#line = '';
        this.#request(line);
      }
    }
  }

  /** Anything that is not a request gets no answer: the text of a real error reply is not documented. */
  #request(line: string): void {
    const [operation, address = '', data = '', length = ''] = line.split(',');
    const at = Number.parseInt(address, 16);
    const count = Number.parseInt(operation === 'R' ? data : length, 10);
    if (!(at >= 0 && at <= 0xff)) return;
    // `R,xx,0` is a quirk of the library for sizes that are a multiple of 28; the answer is `D,` (1.2).
    if (operation === 'R' && count >= 0 && count <= MAX_TRANSFER_BYTES) this.#reply(this.#network.read(at, count));
    else if (operation === 'W') this.#network.local.set(at, Buffer.from(data, 'hex'));
    else if (operation === 'F' && count > 0)
      this.#reply(this.#network.call(at, new Uint8Array(Buffer.from(data, 'hex'))));
  }

  #reply({ bytes, whole }: Answer): void {
    const line = Buffer.from(`D,${hex(bytes)}\r\n`, 'latin1');
    if (performance.now() < this.#silentUntilMs || this.#faults.strikes('lost')) {
      // Nothing.
    } else if (this.#faults.strikes('empty')) {
      this.#send(Buffer.from('\r\n'));
    } else if (this.#faults.strikes('no-data-line')) {
      this.#send(Buffer.from('ERR,what\r\n'));
    } else if (this.#faults.strikes('truncate')) {
      this.#send(line.subarray(0, line.length >> 1));
    } else if (this.#faults.strikes('late')) {
      this.#network.later(LATE_MS, () => this.#send(line));
    } else if (this.#faults.strikes('corrupt')) {
      line[line.length - 3] = 0x78;
      this.#send(line);
    } else {
      whole();
      const pieces = this.#faults.strikes('split') ? [...line].map((byte) => new Uint8Array([byte])) : [line];
      for (const piece of pieces) this.#send(piece);
    }
  }

  #send(bytes: Uint8Array): void {
    setImmediate(() => {
      if (this.#on) this.emit(bytes);
    });
  }
}
