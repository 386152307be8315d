import type { Value } from '../../driver.ts';
import type { EmulatedTag } from './emulatedTag.ts';
import { FUNCTION, REGISTER, SENSOR_BLOCK_BYTES } from './registers.ts';
import type { PozyxSettings } from './settings.ts';
import { Truth } from './truth.ts';

/**
 * The samples that a driver can have recorded from the replies that were sent undamaged. The driver's last channel, the
 * age of the request, differs from run to run and is not part of the truth.
 */
export class EmulatedTruth {
  readonly #what: PozyxSettings['what'];
  readonly #truth: Truth;
  readonly #suffix: (tag: EmulatedTag) => string;
  readonly #sentCount = new Map<EmulatedTag, number>();
  readonly #waiting = new Map<EmulatedTag, Value[]>();
  readonly #halfSensors = new Map<EmulatedTag, number>();
  readonly #sentRange = new Map<string, number>();

  constructor(settings: PozyxSettings, keep: number, suffix: (tag: EmulatedTag) => string) {
    this.#what = settings.what;
    this.#truth = new Truth(keep);
    this.#suffix = suffix;
  }

  get entries(): Truth['entries'] {
    return this.#truth.entries;
  }

  /** A position whose covariance never arrived is kept without it. */
  triggered(tag: EmulatedTag): void {
    const waiting = this.#waiting.get(tag);
    if (waiting !== undefined) this.#truth.add(this.#name(tag), [...waiting, null, null, null, null, null, null]);
    this.#waiting.delete(tag);
  }

  readRegister(tag: EmulatedTag, address: number, count: number): void {
    if (address === REGISTER.position) this.#position(tag);
    if (address === REGISTER.position && count === 24) this.#covariance(tag);
    if (address === REGISTER.covariance) this.#covariance(tag);
    else if (address === REGISTER.sensors) this.#halfSensors.set(tag, tag.sensorCount);
    else if (
      address === REGISTER.sensorsFromQuaternion &&
      count === SENSOR_BLOCK_BYTES - 28 &&
      this.#halfSensors.get(tag) === tag.sensorCount
    ) {
      this.#truth.add(this.#name(tag, 'orientation'), tag.sensors);
    }
  }

  calledFunction(tag: EmulatedTag, address: number, parameters: Uint8Array): void {
    if (address === FUNCTION.positioningData) this.#position(tag);
    if (address !== FUNCTION.rangeInfo) return;
    const range = tag.rangeTruth((parameters[0] ?? 0) | ((parameters[1] ?? 0) << 8));
    const key = `${tag.id} ${range?.values[0]}`;
    if (range === null || this.#sentRange.get(key) === range.ms) return;
    this.#sentRange.set(key, range.ms);
    this.#truth.add(this.#name(tag, 'ranges'), range.values, range.ms);
  }

  /** A position that is read again because its reply was lost still counts once. */
  #position(tag: EmulatedTag): void {
    if (this.#sentCount.get(tag) === tag.count) return;
    this.#sentCount.set(tag, tag.count);
    if (this.#what.includes('covariance')) this.#waiting.set(tag, tag.position);
    else this.#truth.add(this.#name(tag), tag.position);
  }

  #covariance(tag: EmulatedTag): void {
    const waiting = this.#waiting.get(tag);
    this.#waiting.delete(tag);
    if (waiting !== undefined) this.#truth.add(this.#name(tag), [...waiting, ...tag.covariance]);
  }

  #name(tag: EmulatedTag, part = ''): string {
    return [this.#suffix(tag), part].filter((word) => word !== '').join('-');
  }
}
