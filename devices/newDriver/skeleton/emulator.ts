/** The device at the other end of the wire: 50 frames a second. Tests compare with its truth. */
import type { Emulator, EmulatorOptions, Value } from '../../driver.ts';
import { encodeSkeleton } from './parser.ts';

const PERIOD_MS = 20;
const KEEP_TRUTH = 100_000;

export const skeletonEmulator = (options: EmulatorOptions): Emulator => new SkeletonEmulator(options);

class SkeletonEmulator implements Emulator {
  emit: (bytes: Uint8Array) => void = () => undefined;
  readonly truth: { stream: string; values: readonly Value[]; deviceTime: number }[] = [];
  readonly #seed: number;
  #counter = 0;
  #timer: NodeJS.Timeout | null = null;
  #corrupt = 0;
  #silentUntilMs = 0;
  #wrong = false;

  constructor({ seed }: EmulatorOptions) {
    this.#seed = seed;
  }

  receive(): void {
    // TODO: the device's answers.
  }

  start(): void {
    this.stop();
    this.#counter = 0;
    this.#timer = setInterval(() => this.#work(), PERIOD_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  fault(name: string, argument = 1): void {
    if (name === 'corrupt-checksum') this.#corrupt += argument;
    else if (name === 'garbage') this.emit(Uint8Array.from({ length: argument }, (_, i) => (i * 73) % 251));
    else if (name === 'silent') this.#silentUntilMs = performance.now() + argument;
    else if (name === 'wrong-device') this.#wrong = true;
    else if (name === 'restart') {
      this.emit(encodeSkeleton(this.#counter, 0).subarray(0, 3));
      this.start();
    } else throw new Error(`the skeleton emulator has no fault "${name}"`);
  }

  #work(): void {
    const counter = this.#counter;
    this.#counter += 1;
    if (performance.now() < this.#silentUntilMs) return;
    if (this.#wrong) {
      this.emit(new TextEncoder().encode('hello, I am another device\r\n'));
      return;
    }
    const value = Math.round(Math.sin(counter / 20 + this.#seed) * 1000);
    const frame = encodeSkeleton(counter, value);
    if (this.#corrupt > 0) {
      this.#corrupt -= 1;
      frame[3] = (frame[3] as number) ^ 1;
    } else {
      this.truth.push({ stream: '', values: [value], deviceTime: counter });
      if (this.truth.length > KEEP_TRUTH) this.truth.splice(0, KEEP_TRUTH / 2);
    }
    this.emit(frame);
  }
}
