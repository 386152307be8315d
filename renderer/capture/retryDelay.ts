const DELAYS_MS = [250, 500, 1000, 2000, 4000];
/** Pause before the next try, milliseconds; never gives up. @param tries failures in a row so far, from 0. */
export const retryDelayMs = (tries: number): number => DELAYS_MS[Math.min(tries, DELAYS_MS.length - 1)] as number;
