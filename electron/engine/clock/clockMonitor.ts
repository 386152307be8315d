/**
 * Watches the machine's clocks against each other, four times a second. Session time follows the monotonic one alone:
 *
 *   monotonic late                     this process was not running   frozen
 *   since boot runs ahead of it        the machine slept             suspended
 *   wall runs away from both           it was set                    stepped: the label moves, no sample does
 */
import { uptime } from 'node:os';
import type { EngineClock } from './engineClock.ts';

export interface ClockMonitorOptions {
  clock: EngineClock;
  /** Seconds since the machine was started, sleep included; steps of 10 ms. Tests supply their own. */
  sinceBootS?: () => number;
  onFrozen: (fromNs: bigint, toNs: bigint) => void;
  onSuspended: (fromNs: bigint, toNs: bigint, sleptMs: number) => void;
  /** @param stepMs positive: the wall clock was put forward */
  onWallStepped: (stepMs: number) => void;
}

const EVERY_MS = 250;
const FROZEN_MS = 2000;
const SLEPT_MS = 500;
/** Slewing moves a wall clock by half a millisecond a second at most. */
const STEPPED_MS = 500;

interface Hands {
  monotonicNs: bigint;
  bootMs: number;
  wallMs: number;
}

export class ClockMonitor {
  readonly #options: ClockMonitorOptions;
  #timer: NodeJS.Timeout | null = null;
  #last: Hands;

  constructor(options: ClockMonitorOptions) {
    this.#options = options;
    this.#last = this.#read();
  }

  start(): void {
    this.#last = this.#read();
    this.#timer ??= setInterval(() => this.look(), EVERY_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Called by the timer. */
  look(): void {
    const [before, now] = [this.#last, this.#read()];
    this.#last = now;
    const { onFrozen, onSuspended, onWallStepped } = this.#options;
    const wentMs = Number(now.monotonicNs - before.monotonicNs) / 1e6;
    const sleptMs = now.bootMs - before.bootMs - wentMs;
    const steppedMs = now.wallMs - before.wallMs - wentMs - Math.max(0, sleptMs);
    if (sleptMs > SLEPT_MS) onSuspended(before.monotonicNs, now.monotonicNs, sleptMs);
    else if (wentMs > FROZEN_MS + EVERY_MS) onFrozen(before.monotonicNs, now.monotonicNs);
    if (Math.abs(steppedMs) > STEPPED_MS) onWallStepped(steppedMs);
  }

  #read(): Hands {
    const { clock, sinceBootS = uptime } = this.#options;
    return { monotonicNs: clock.now(), bootMs: sinceBootS() * 1000, wallMs: Number(clock.wall() / 1_000_000n) };
  }
}
