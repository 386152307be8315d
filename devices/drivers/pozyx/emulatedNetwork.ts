import type { EmulatedTag } from './emulatedTag.ts';
import type { EmulatedTruth } from './emulatedTruth.ts';
import { concat, FLAG, FUNCTION, REGISTER, REMOTE, u16 } from './registers.ts';
import type { FaultScript } from './truth.ts';

/** The answer to a request; `whole` is called when the reply is sent undamaged. */
export interface Answer {
  bytes: Uint8Array;
  whole: () => void;
}

export interface NetworkOptions {
  positionMs: number;
  radioMs: number;
  clockMs: number;
  /** Another master positions the tag on the cable continuously. */
  passive: boolean;
}

const OK = new Uint8Array([1]);
const nothing = (): void => {};
const idOf = (bytes: Uint8Array): number => (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);

/**
 * The tag on the cable, those in its radio range, and the time that positioning and radio take (sensor-protocols 1.4 to
 * 1.6).
 */
export class EmulatedNetwork {
  readonly #tags: readonly [EmulatedTag, ...EmulatedTag[]];
  readonly #options: NetworkOptions;
  readonly #truth: EmulatedTruth;
  readonly #faults: FaultScript;
  readonly #timers = new Set<NodeJS.Timeout>();
  #startMs = 0;
  #tx: number[] = [];
  #rx: Answer = { bytes: new Uint8Array(), whole: nothing };
  /** Error code that the next position ends with; 0: none. */
  positionError = 0;

  constructor(
    tags: readonly [EmulatedTag, ...EmulatedTag[]],
    options: NetworkOptions,
    truth: EmulatedTruth,
    faults: FaultScript,
  ) {
    this.#tags = tags;
    this.#options = options;
    this.#truth = truth;
    this.#faults = faults;
  }

  get local(): EmulatedTag {
    return this.#tags[0];
  }

  start(): void {
    this.#startMs = performance.now();
    for (const tag of this.#tags) tag.restart();
    if (this.#options.passive) this.#positionByAnother();
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  read(address: number, count: number): Answer {
    return {
      bytes: this.local.read(address, count),
      whole: () => this.#truth.readRegister(this.local, address, count),
    };
  }

  call(address: number, parameters: Uint8Array): Answer {
    if (this.#faults.strikes('function-failed')) {
      this.local.set(REGISTER.errorCode, [0x0d]);
      return { bytes: new Uint8Array([0]), whole: nothing };
    }
    const done: Answer = { bytes: OK, whole: nothing };
    const [first = 0, second = 0, third = 0] = parameters;
    switch (address) {
      case FUNCTION.txWrite:
        // Offset, then data; the buffer has room for 100 bytes.
        this.#tx = [...this.#tx.slice(0, first), ...parameters.subarray(1)].slice(0, 100);
        return done;
      case FUNCTION.txSend:
        this.#send(idOf(parameters), third, this.#tx);
        return done;
      case FUNCTION.rxRead: {
        const { bytes, whole } = this.#rx;
        return {
          bytes: concat(OK, bytes.slice(first, first + second)),
          whole: first + second >= bytes.length ? whole : nothing,
        };
      }
      case FUNCTION.ranging:
        this.later(this.#options.radioMs, () => {
          if (this.local.range(idOf(parameters), this.#nowMs)) this.local.raise(FLAG.functionDone);
          else this.local.fail(0x11);
        });
        return done;
      default: {
        const bytes = this.local.call(address, parameters);
        if (address === FUNCTION.positioning) this.#position(this.local, () => this.local.raise(FLAG.position));
        return { bytes, whole: () => this.#truth.calledFunction(this.local, address, parameters) };
      }
    }
  }

  get #nowMs(): number {
    return this.#options.clockMs + Math.trunc(performance.now() - this.#startMs);
  }

  #position(tag: EmulatedTag, done: () => void): void {
    this.#truth.triggered(tag);
    if (this.#faults.strikes('no-flag')) {
      tag.count += 1;
      return;
    }
    const error = this.positionError;
    this.positionError = 0;
    this.later(this.#options.positionMs, () => {
      const located = tag.locate(this.#nowMs);
      if (error !== 0) tag.fail(error);
      if (located && error === 0) done();
      // A failure of the remote is reported as an error of the device on the cable that waits for it.
      else if (tag !== this.local) this.local.fail(error === 0 ? 0x0a : error);
    });
  }

  #positionByAnother(): void {
    this.#position(this.local, () => this.local.raise(FLAG.position));
    this.later(this.#options.positionMs, () => this.#positionByAnother());
  }

  /** One operation by radio (1.6): the answer is stored in the RX buffer of the device on the cable. */
  #send(id: number, operation: number, [address = 0, ...rest]: readonly number[]): void {
    const tag = this.#tags.find((candidate) => candidate.id === id && candidate !== this.local);
    this.later(this.#options.radioMs, () => {
      // 17: no acknowledgement.
      if (tag === undefined) this.local.fail(0x17);
      else if (operation === REMOTE.read) this.#readRemote(tag, FLAG.functionDone, address, rest[0] ?? 0);
      else if (operation === REMOTE.function) this.#callRemote(tag, address, new Uint8Array(rest));
      else if (operation === REMOTE.write) {
        tag.set(address, rest);
        this.#receive(tag, FLAG.functionDone, { bytes: OK, whole: nothing });
      }
    });
  }

  #readRemote(tag: EmulatedTag, flag: number, address: number, count: number): void {
    const bytes = tag.read(address, count);
    this.#receive(tag, flag, { bytes, whole: () => this.#truth.readRegister(tag, address, count) });
  }

  #callRemote(tag: EmulatedTag, address: number, parameters: Uint8Array): void {
    const bytes = tag.call(address, parameters);
    const whole = (): void => this.#truth.calledFunction(tag, address, parameters);
    this.#receive(tag, FLAG.functionDone, { bytes, whole });
    if (address !== FUNCTION.positioning) return;
    this.#position(tag, () => this.#readRemote(tag, FLAG.received, REGISTER.position, 12));
  }

  #receive(tag: EmulatedTag, flag: number, answer: Answer): void {
    this.#rx = answer;
    this.local.set(REGISTER.received, [...u16(tag.id), answer.bytes.length]);
    this.local.raise(flag);
  }
}
