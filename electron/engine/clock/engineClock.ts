import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * The engine's monotonic clock. `now()` is whole nanoseconds since an arbitrary zero that never moves while this
 * process lives. It stops while the machine sleeps on Linux and macOS (docs/decisions/0014). Tests pass their own
 * source.
 */
export interface EngineClock {
  now(): bigint;
  /** Unix nanoseconds: a label only. */
  wall(): bigint;
  /** Identifies this clock: the same text means the same zero. */
  readonly epoch: string;
}

export function systemClock(): EngineClock {
  return {
    now: () => process.hrtime.bigint(),
    wall: () => BigInt(Date.now()) * 1_000_000n,
    epoch: `${bootId()}/monotonic`,
  };
}

/** Linux names each boot; elsewhere the process's life bounds the clock's. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return randomUUID();
  }
}
