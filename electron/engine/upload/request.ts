/** One request to a destination: in its turn, watched for a stall, tried again with patience, its failure told in our words. */

import type { Lane, Traffic } from './limiter.ts';
import type { Patience } from './retry.ts';
import { watchStall } from './stall.ts';

export interface DestinationParts {
  traffic: Traffic;
  patience: Patience;
  signal: AbortSignal;
  stallMs: number;
}

/**
 * @param place the destination, for the words of an error
 * @param troubleOf what this kind of server means by an error: a `FieldroomError`, which says whether patience helps
 * @param lane of the part that is sent
 */
export function persist<T>(
  { patience, signal, stallMs, traffic }: DestinationParts,
  place: string,
  troubleOf: (error: unknown) => unknown,
  work: (signal: AbortSignal, move: () => void) => Promise<T>,
  lane?: Lane,
): Promise<T> {
  return patience.persist(async () => {
    await traffic.open();
    try {
      return await watchStall(place, signal, stallMs, work);
    } catch (error) {
      lane?.spoil();
      throw troubleOf(error);
    }
  });
}
