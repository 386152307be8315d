import type { Emulator, EmulatorOptions, Value } from '../../driver.ts';
import { SENSOR_SCALE } from '../pozyx/decode.ts';
import { idLabel, idName } from '../pozyx/registers.ts';
import { FaultScript, noise, Truth } from '../pozyx/truth.ts';
import { ROOM_ANCHORS, walk } from '../pozyx/walk.ts';

export const FORMS = ['machine', 'human', 'human-no-id', 'tabs', 'old', 'range', 'orientation'] as const;
export type Form = (typeof FORMS)[number];

/** Faults that damage this many of the next lines. */
const COUNTED = ['split', 'truncate', 'bad-line', 'skip'];

export interface PozyxLinesEmulatorOptions {
  form?: Form;
  /** 0 is the tag on the shield. */
  tags?: readonly number[];
  /** Lines per second, of all tags together. */
  rateHz?: number;
  seed?: number;
  keepTruth?: number;
}

/**
 * Parameters: `form` (one of `FORMS`, default machine), `tags` (hex ids, default 0x0), `rate` (lines a second, default 13
 * for each tag).
 */
export function pozyxLinesEmulator({ parameters, seed }: EmulatorOptions): Emulator {
  const { form = 'machine', tags = '0', rate } = parameters;
  const ids = tags.split(',').map((text) => Number.parseInt(text, 16));
  return new PozyxLinesEmulator({
    form: form as Form,
    tags: ids,
    seed,
    ...(rate === undefined ? {} : { rateHz: Number(rate) }),
  });
}

/**
 * An Arduino with a Pozyx shield and one of the example sketches (sensor-protocols 1.9). Faults besides the counted ones:
 * `silent` (ms), `garbage` (bytes at once), `error` (code of the local tag), `error-remote` (code of the last tag),
 * `error-lost` (a remote that gave no reason), `noise` (headings between the lines), `no-shield`, `wrong-device`
 * (prints other lines only), `restart` (stops in the middle of a line and restarts).
 */
export class PozyxLinesEmulator implements Emulator {
  emit: (bytes: Uint8Array, topic?: string) => void = () => {};
  readonly #form: Form;
  readonly #ids: readonly number[];
  readonly #rateHz: number;
  readonly #seed: number;
  readonly #faults = new FaultScript(COUNTED);
  readonly #truth: Truth;
  #timer: NodeJS.Timeout | null = null;
  #silentUntilMs = 0;
  #wrong = false;
  /** Number of lines so far, from which all values are derived. */
  #count = 0;

  constructor({
    form = 'machine',
    tags = [0],
    rateHz = 13 * tags.length,
    seed = 1,
    keepTruth = 100_000,
  }: PozyxLinesEmulatorOptions = {}) {
    if (!FORMS.includes(form)) throw new RangeError(`unknown form "${form}"; known: ${FORMS.join(', ')}`);
    this.#form = form;
    this.#ids = tags;
    this.#rateHz = rateHz;
    this.#seed = seed;
    this.#truth = new Truth(keepTruth);
  }

  get truth(): Emulator['truth'] {
    return this.#truth.entries;
  }

  /** The sketches ignore input. */
  receive(): void {}

  start(): void {
    this.stop();
    this.#heading();
    this.#timer = setInterval(() => this.#step(), 1000 / this.#rateHz);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  fault(name: string, argument?: number): void {
    const code = `0x${(argument ?? 0x0a).toString(16).toUpperCase()}`;
    const last = idLabel(this.#ids.at(-1) ?? 0);
    const lines: Record<string, string> = {
      error: `ERROR positioning, local error code: ${code}`,
      'error-remote': `ERROR positioning on ID ${last}, error code: ${code}`,
      'error-lost': `ERROR positioning, couldn't retrieve remote error code, local error: ${code}`,
      'no-shield': 'ERROR: Unable to connect to POZYX shield',
    };
    const line = lines[name];
    if (line !== undefined) this.#print(line);
    else if (name === 'silent') this.#silentUntilMs = performance.now() + (argument ?? 1000);
    else if (name === 'garbage') this.emit(noise(argument ?? 40));
    else if (name === 'noise') this.#heading();
    else if (name === 'wrong-device') this.#wrong = true;
    else if (name === 'restart') {
      this.emit(Buffer.from('POS,0x'));
      this.start();
    } else this.#faults.arm(name, argument ?? 1);
  }

  #heading(): void {
    if (this.#wrong) return;
    this.#print('----------POZYX POSITIONING V1.1----------');
    this.#print('NOTES:');
    this.#print('list size: 4');
    if (this.#form !== 'machine') return;
    for (const { id, x, y, z } of ROOM_ANCHORS) {
      this.#print(`ANCHOR,${id},${x},${y},${z}`);
    }
  }

  #step(): void {
    const n = this.#count;
    this.#count += 1;
    if (performance.now() < this.#silentUntilMs || this.#faults.strikes('skip')) return;
    const line = this.#line(n);
    if (this.#wrong) this.#print(`Sensor value: ${n}`);
    else if (this.#faults.strikes('truncate')) this.emit(Buffer.from(line.text.slice(0, line.text.length >> 1)));
    else if (this.#faults.strikes('bad-line')) this.#print(line.text.replace(/\d/, 'x'));
    else {
      for (const entry of line.truth) this.#truth.add(entry.stream, entry.values, entry.deviceTime);
      this.#print(line.text);
    }
  }

  #line(n: number): { text: string; truth: Emulator['truth'] } {
    const tag = n % this.#ids.length;
    const id = this.#ids[tag] ?? 0;
    const label = id === 0 ? '0x0' : idLabel(id);
    const name = id === 0 ? '' : idName(id);
    const { x, y, z, headingDeg } = walk(this.#seed - 1 + tag, Math.floor(n / this.#ids.length));
    const truth: Emulator['truth'] = [{ stream: name, values: [x, y, z] }];
    switch (this.#form) {
      case 'machine':
        return { text: `POS,${label},${x},${y},${z}`, truth };
      case 'human':
        return { text: `POS ID ${label}, x(mm): ${x}, y(mm): ${y}, z(mm): ${z}`, truth };
      case 'human-no-id':
        return { text: `POS, x(mm): ${x}, y(mm): ${y}, z(mm): ${z}`, truth: [{ stream: '', values: [x, y, z] }] };
      case 'tabs':
        return { text: `x_mm: ${x}\ty_mm: ${y}\tz_mm: ${z}`, truth: [{ stream: '', values: [x, y, z] }] };
      case 'old':
        return oldLine(n, label, name, [x, y, z]);
      case 'range': {
        const values = [3000 + (n % 500), -80 - (n % 9)];
        const ms = 1000 + Math.floor((n * 1000) / this.#rateHz);
        return {
          text: `${ms}ms, ${values[0]}mm, ${values[1]}dBm`,
          truth: [{ stream: 'range', values, deviceTime: ms }],
        };
      }
      case 'orientation':
        return orientationLine(n, headingDeg, Math.round(1000 / this.#rateHz));
    }
  }

  #print(text: string): void {
    const bytes = Buffer.from(`${text}\r\n`, 'latin1');
    const pieces = this.#faults.strikes('split') ? [...bytes].map((byte) => new Uint8Array([byte])) : [bytes];
    for (const piece of pieces) this.emit(piece);
  }
}

function oldLine(n: number, label: string, name: string, place: number[]): { text: string; truth: Emulator['truth'] } {
  const covariance = [120 + (n % 50), 95, 400, -3, 10, -7];
  const ranges = [0, 1, 2, 3].map((i) => [2000 + i * 100 + (n % 90), -80 - i] as const);
  const part = (word: string): string => (name === '' ? word : `${name}-${word}`);
  return {
    text: ['POS', label, ...place, ...covariance, ...ranges.flat()].join(','),
    truth: [
      { stream: name, values: place },
      { stream: part('covariance'), values: covariance },
      ...ranges.map(([mm, dbm], i) => ({ stream: part('ranges'), values: [String(i), mm, dbm] })),
    ],
  };
}

function orientationLine(n: number, headingDeg: number, stepMs: number): { text: string; truth: Emulator['truth'] } {
  const motion = [
    -12,
    69,
    949 + (n % 10),
    320,
    -160,
    640,
    16,
    -32,
    0,
    headingDeg * 16,
    16,
    -32,
    16384,
    0,
    0,
    0,
    n % 7,
    -2,
    3,
    -13,
    71,
    946,
  ];
  const registers = [98_543_250 + (n % 1000), ...motion, 25];
  const calibration = [3, 3, 3, n % 4];
  const values: Value[] = registers.map((raw, i) => raw / (SENSOR_SCALE[i] ?? 1));
  return {
    text: [stepMs, ...registers, ...calibration].join(','),
    truth: [{ stream: 'orientation', values: [...values, ...calibration, stepMs] }],
  };
}
