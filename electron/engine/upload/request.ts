/**
 * One request to a destination: queued for a slot, monitored for stalls, retried with delays, failures as Fieldroom
 * errors.
 */

import type { Limiter, Slot } from './limiter.ts';
import type { Retrier } from './retry.ts';
import { watchStall } from './stall.ts';

export interface DestinationParts {
  limiter: Limiter;
  retrier: Retrier;
  signal: AbortSignal;
  stallMs: number;
}

/**
 * @param place the destination, for error messages
 * @param troubleOf translates this kind of server's error to a `FieldroomError`, which determines whether to retry
 * @param slot of the part being sent
 */
export function retry<T>(
  { retrier, signal, stallMs, limiter }: DestinationParts,
  place: string,
  troubleOf: (error: unknown) => unknown,
  work: (signal: AbortSignal, move: () => void) => Promise<T>,
  slot?: Slot,
): Promise<T> {
  return retrier.retry(async () => {
    await limiter.open();
    try {
      return await watchStall(place, signal, stallMs, work);
    } catch (error) {
      slot?.spoil();
      throw troubleOf(error);
    }
  });
}
