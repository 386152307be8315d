import {
  ALGORITHM,
  concat,
  DIMENSION,
  FLAG,
  FUNCTION,
  i16,
  i32,
  idLabel,
  parseId,
  REGISTER,
  u16,
  WHO_AM_I,
} from './registers.ts';
import { walk } from './walk.ts';

const OK = new Uint8Array([1]);
const FAILED = new Uint8Array([0]);
const NOT_ENOUGH_ANCHORS = 0x0a;

interface Anchor {
  id: number;
  at: [number, number, number];
}

/**
 * The internals of one emulated device: its registers, functions and anchor list (sensor-protocols 1.3, 1.4). Its
 * position follows from `count`, the number of positions made so far. The caller supplies the time.
 */
export class EmulatedTag {
  readonly id: number;
  readonly #walker: number;
  readonly #memory = new Uint8Array(256);
  #anchors: Anchor[] = [];
  #saved: Anchor[] = [];
  #ranges = new Map<number, { ms: number; mm: number; dbm: number }>();
  /** Positions made and sensor blocks read: the counters that the values are derived from. */
  count = 0;
  sensorCount = 0;

  constructor(id: number, walker: number, firmware: number) {
    this.id = id;
    this.#walker = walker;
    this.set(REGISTER.whoAmI, [WHO_AM_I]);
    this.set(REGISTER.firmware, [firmware]);
    // Type bits 20 = tag, revision 3; all self-tests passed.
    this.set(REGISTER.hardware, [0x23, 0x3f]);
    this.set(REGISTER.networkId, u16(id));
    this.restart();
  }

  /** Power on: the anchor list contains only what is in flash. */
  restart(): void {
    this.#anchors = [...this.#saved];
    this.#ranges.clear();
    this.set(REGISTER.intStatus, [0]);
    this.set(REGISTER.errorCode, [0]);
    this.set(REGISTER.positionAlgorithm, [(DIMENSION['3D'] << 4) | ALGORITHM['uwb-only'], 4]);
  }

  set(address: number, bytes: ArrayLike<number>): void {
    // Writes beyond the end are ignored.
    this.#memory.set(Array.from(bytes).slice(0, Math.max(0, 256 - address)), address);
  }

  raise(flags: number): void {
    this.#memory[REGISTER.intStatus] = (this.#memory[REGISTER.intStatus] ?? 0) | flags;
  }

  fail(code: number): void {
    this.set(REGISTER.errorCode, [code]);
    this.raise(FLAG.error);
  }

  /** INT_STATUS is cleared by reading. */
  read(address: number, count: number): Uint8Array {
    if (address === REGISTER.deviceListSize) this.set(address, [this.#anchors.length]);
    if (address === REGISTER.sensors) this.#sense();
    const bytes = this.#memory.slice(address, address + count);
    if (address <= REGISTER.intStatus && address + count > REGISTER.intStatus) this.set(REGISTER.intStatus, [0]);
    return bytes;
  }

  /** @returns status and data; the emulator handles the radio functions */
  call(address: number, parameters: Uint8Array): Uint8Array {
    const id = (parameters[0] ?? 0) | ((parameters[1] ?? 0) << 8);
    const anchor = this.#anchors.find((candidate) => candidate.id === id);
    switch (address) {
      case FUNCTION.clearDevices:
        this.#anchors = [];
        return OK;
      case FUNCTION.addDevice:
        return this.#add(id, parameters);
      case FUNCTION.deviceIds:
        return concat(
          OK,
          ...this.#anchors
            .slice(parameters[0], (parameters[0] ?? 0) + (parameters[1] ?? 0))
            .map((known) => u16(known.id)),
        );
      case FUNCTION.coordinates:
        return anchor === undefined ? this.#refuse(0x0e) : concat(OK, i32(...anchor.at));
      case FUNCTION.rangeInfo: {
        const range = this.#ranges.get(id);
        return range === undefined ? this.#refuse(0x0e) : concat(OK, i32(range.ms, range.mm), i16(range.dbm));
      }
      case FUNCTION.positioningData:
        // 13 bytes of coordinates and status, then as many of the 61 extra bytes as were requested.
        return concat(OK, this.#memory.slice(REGISTER.position, REGISTER.position + 12), OK, new Uint8Array(60));
      case FUNCTION.positioning:
        return OK;
      default:
        return this.#refuse(0x0d);
    }
  }

  /** Makes the next position at device time `ms`. @returns false if it has too few anchors */
  locate(ms: number): boolean {
    const step = walk(this.#walker, this.count);
    this.count += 1;
    if (this.#anchors.length < 3) {
      this.fail(NOT_ENOUGH_ANCHORS);
      return false;
    }
    this.set(REGISTER.position, i32(step.x, step.y, step.z));
    this.set(REGISTER.covariance, i16(...this.covariance));
    for (const [i, anchor] of this.#anchors.entries()) this.#measure(anchor, ms + i);
    return true;
  }

  /** A measured distance to another device. @returns false if that device is unknown */
  range(id: number, ms: number): boolean {
    const anchor = this.#anchors.find((candidate) => candidate.id === id);
    if (anchor !== undefined) this.#measure(anchor, ms);
    return anchor !== undefined;
  }

  get position(): number[] {
    const { x, y, z } = walk(this.#walker, this.count - 1);
    return [x, y, z];
  }

  /** Grows and shrinks with the counter, so that a mixed-up sample is noticed. */
  get covariance(): number[] {
    const n = this.count % 100;
    return [100 + n, 80 + n, 400 - n, n - 50, 10, 50 - n];
  }

  /** The last sensor block in the driver's units. */
  get sensors(): number[] {
    const n = this.sensorCount - 1;
    const { headingDeg } = walk(this.#walker, n);
    return [
      (98_543_250 + (n % 1000)) / 1000,
      -12,
      69,
      949 + (n % 10),
      20,
      -10,
      40,
      1,
      -2,
      0,
      headingDeg,
      1,
      -2,
      1,
      0,
      0,
      0,
      n % 7,
      -2,
      3,
      -13,
      71,
      946,
      25,
    ];
  }

  rangeTruth(id: number): { values: [string, number, number]; ms: number } | null {
    const range = this.#ranges.get(id);
    return range === undefined ? null : { values: [idLabel(id), range.mm, range.dbm], ms: range.ms };
  }

  /** Anchors saved in flash: known without a kit's help. */
  know(anchors: readonly { id: string; x: number; y: number; z: number }[]): void {
    this.#saved = anchors.map((anchor) => ({ id: parseId(anchor.id), at: [anchor.x, anchor.y, anchor.z] }));
  }

  #add(id: number, parameters: Uint8Array): Uint8Array {
    // 15 bytes: u16 id, u8 flag, i32 x, y, z. The list has room for 20.
    if (parameters.length !== 15 || this.#anchors.length >= 20) return this.#refuse(0x03);
    const view = new DataView(parameters.buffer, parameters.byteOffset);
    this.#anchors.push({ id, at: [view.getInt32(3, true), view.getInt32(7, true), view.getInt32(11, true)] });
    return OK;
  }

  #measure(anchor: Anchor, ms: number): void {
    const { x, y, z } = walk(this.#walker, Math.max(0, this.count - 1));
    const mm = Math.round(Math.hypot(anchor.at[0] - x, anchor.at[1] - y, anchor.at[2] - z));
    this.#ranges.set(anchor.id, { ms: Math.trunc(ms), mm, dbm: -75 - Math.trunc(mm / 500) });
  }

  #sense(): void {
    this.sensorCount += 1;
    const s = this.sensors;
    const block = new DataView(new ArrayBuffer(49));
    const scale = [1, 1, 1, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16384, 16384, 16384, 16384, 1, 1, 1, 1, 1, 1];
    block.setUint32(0, Math.round((s[0] ?? 0) * 1000), true);
    for (const [i, factor] of scale.entries()) block.setInt16(4 + 2 * i, (s[i + 1] ?? 0) * factor, true);
    block.setInt8(48, s[23] ?? 0);
    this.set(REGISTER.sensors, new Uint8Array(block.buffer));
  }

  #refuse(code: number): Uint8Array {
    this.set(REGISTER.errorCode, [code]);
    return FAILED;
  }
}
