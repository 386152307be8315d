/** One request to a destination: in its turn, watched for a stall, tried again with pauses, failures as Fieldroom errors. */

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
 * @param place the destination, for the words of an error
 * @param troubleOf what this kind of server means by an error: a `FieldroomError`, which says whether retrier helps
 * @param slot of the part that is sent
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
