/**
 * Measuring one clock against another by exchanging four times (as in NTP, RFC 5905 section 8).
 *
 *   reference  t0 ──────────────▶            t3
 *   remote               t1 ▶ work ▶ t2 ──────▲
 *
 * The offset is right to half the path's asymmetry, so to half the round trip at most: the exchange with the smallest
 * round trip of a wave is the best one.
 */

/** Times in nanoseconds: t0 and t3 on the reference clock, t1 and t2 on the remote one. */
export interface Probe {
  t0: number;
  t1: number;
  t2: number;
  t3: number;
}

/** What one exchange (or the best of a wave) says. */
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

/** The exchange with the smallest round trip, or null for an empty wave. */
export function bestOf(probes: readonly Probe[]): ClockSample | null {
  let best: ClockSample | null = null;
  for (const probe of probes) {
    const sample = clockSample(probe);
    if (!best || sample.roundTripNs < best.roundTripNs) best = sample;
  }
  return best;
}
