/**
 * Measuring one clock against another by exchanging four times (as in NTP, RFC 5905 section 8).
 *
 *   reference  t0 ──────────────▶            t3
 *   remote               t1 ▶ work ▶ t2 ──────▲
 *
 * The offset's error is half the path's asymmetry, and so at most half the round trip. The exchange with the smallest
 * round trip is the best one, and several together are better still.
 */

/** Times in nanoseconds: t0 and t3 on the reference clock, t1 and t2 on the remote one. */
export interface Probe {
  t0: number;
  t1: number;
  t2: number;
  t3: number;
}

/** The result of one exchange, or of a wave. */
export interface ClockSample {
  /** Remote time of the exchange's middle, nanoseconds. */
  atNs: number;
  /** Reference minus remote, nanoseconds. */
  offsetNs: number;
  roundTripNs: number;
}

export function clockSample({ t0, t1, t2, t3 }: Probe): ClockSample {
  return { atNs: (t1 + t2) / 2, offsetNs: (t0 - t1 + (t3 - t2)) / 2, roundTripNs: Math.max(0, t3 - t0 - (t2 - t1)) };
}

/**
 * The result of a wave, null for an empty one. The remote clock was read after t0 and before t3 in every exchange, so
 * the offset is in the intersection of all their intervals: never wider than that of the quickest exchange, and
 * narrower if one was quick on the way out and another on the way back.
 */
export function sampleOf(wave: readonly Probe[]): ClockSample | null {
  if (wave.length === 0) return null;
  const middle = wave.reduce((sum, { t1, t2 }) => sum + (t1 + t2) / 2 / wave.length, 0);
  const lower = wave.reduce((most, { t0, t1 }) => Math.max(most, t0 - t1), Number.NEGATIVE_INFINITY);
  const upper = wave.reduce((least, { t2, t3 }) => Math.min(least, t3 - t2), Number.POSITIVE_INFINITY);
  return { atNs: middle, offsetNs: (lower + upper) / 2, roundTripNs: Math.max(0, upper - lower) };
}
