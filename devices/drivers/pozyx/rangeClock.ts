import type { RangeInfo } from './decode.ts';
import type { Reply } from './exchange.ts';

export interface TimedRange {
  anchor: number;
  info: RangeInfo;
  reply: Pick<Reply, 'requestedNs' | 'arrivedNs'>;
  /** The device's clock in milliseconds, unwrapped. */
  deviceTime: number;
}

/** A clock that goes back further than one round allows was reset: the device restarted. */
const RESTART_MS = -60_000;

/**
 * Ranges of one round in the order of measurement, with the device's u32 millisecond clock unwrapped. A range whose
 * time did not change since the last round is an old one read again, and is not recorded twice.
 */
export class RangeClock {
  readonly #lastOfAnchor = new Map<number, number>();
  #lastMs: number | null = null;
  #round: TimedRange[] = [];

  add(anchor: number, info: RangeInfo, reply: TimedRange['reply']): void {
    if (this.#lastOfAnchor.get(anchor) === info.timestampMs) return;
    this.#lastOfAnchor.set(anchor, info.timestampMs);
    this.#round.push({ anchor, info, reply, deviceTime: this.#unwrap(info.timestampMs) });
  }

  take(): TimedRange[] {
    const round = this.#round.sort((a, b) => a.deviceTime - b.deviceTime);
    this.#round = [];
    return round;
  }

  #unwrap(rawMs: number): number {
    // `| 0` gives the signed difference modulo 2^32, which is right across the wrap.
    const step = this.#lastMs === null ? 0 : (rawMs - this.#lastMs) | 0;
    if (this.#lastMs === null || step < RESTART_MS) {
      this.#lastMs = rawMs;
      return rawMs;
    }
    const unwrapped = this.#lastMs + step;
    this.#lastMs = Math.max(this.#lastMs, unwrapped);
    return unwrapped;
  }
}
