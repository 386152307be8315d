/** What the timing report says, as `timing.json` holds it. Seconds are session time, milliseconds are lengths. */

export interface Spread {
  median: number;
  p95: number;
  most: number;
}

export interface GapTiming {
  fromS: number | null;
  /** Null: it lasted to the end of the session. */
  toS: number | null;
  cause: string;
  missing: number;
  detail: string;
}

export interface GapsOfCause {
  cause: string;
  gaps: number;
  /** Time within them; open ones count to the end of the session. */
  seconds: number;
  longestS: number;
  /** Frames, packets or samples that are known to be missing. */
  missing: number;
}

/** One device's own clock against the recorder's. */
export interface DeviceTiming {
  /** Positive: the device's clock is slow. Null: its tick is another one than it claims, or it claims none. */
  driftPpm: number | null;
  /** Nanoseconds of one of its ticks, as measured; null for media. */
  tickNs: number | null;
  /** By how much a time counted from the device's nominal rate alone would be wrong at the end. */
  wouldBeOffMs: number | null;
  /** How much of the way from the device to the computer varied, from the fit: sensors only. */
  arrivalMs: Spread | null;
}

export interface StreamTiming {
  id: string;
  kind: 'video' | 'audio' | 'samples';
  label: string;
  source: string;
  /** Cameras, microphones, screens, or the sensor's own label: what a claim is about. */
  group: string;
  simulated: boolean;
  clocks: string[];
  count: number;
  firstS: number | null;
  lastS: number | null;
  nominalRateHz: number | null;
  /** Over the whole time from the first to the last. */
  rateHz: number | null;
  /** Over the time outside gaps. */
  deliveringRateHz: number | null;
  /** Half-width of a row's session time, by the fit of its clock. */
  uncertaintyMs: Spread | null;
  /** What rows state of their own on top of it (`early_us`, `late_us`); null: of some nothing is stated. */
  stampMs: Spread | null;
  /** How far single stamps lie from an even beat; only where the device promises a rate. */
  jitterMs: Spread | null;
  /** Of evenly spread stretches: when, and the lowest and highest deviation in it. */
  jitterPlot: { atS: number; lowMs: number; highMs: number }[];
  missing: number;
  gapSeconds: number;
  gapsByCause: GapsOfCause[];
  /** The longest ones, in the order of time. */
  gaps: GapTiming[];
  gapCount: number;
  device: DeviceTiming | null;
}

export interface ClockTiming {
  name: string;
  publisher: string;
  streams: string[];
  /** Whether the fits were made over the whole session (else: while it was recorded). */
  sealed: boolean;
  probes: number;
  waves: number;
  roundTripMs: Spread | null;
  /** Against the recorder's clock; positive: the publisher's clock is slow. */
  driftPpm: { mean: number; least: number; most: number } | null;
  uncertaintyMs: Spread | null;
  residualMs: Spread | null;
  /** The clock stood still (positive) or was set back between two waves. */
  steps: { atS: number; byS: number }[];
  /** Waves against the fit, spread evenly: residual, and half the round trip. */
  plot: { atS: number; residualMs: number; boundMs: number }[];
  /** Stated uncertainty of the fit over the session. */
  uncertaintyPlot: { atS: number; uncertaintyMs: number }[];
}

export interface Claim {
  a: string;
  b: string;
  /** Times of the two can be compared to ± this, but for constant delays; null: nothing is stated of some rows. */
  withinMs: number | null;
  /** Part of the pairs of rows for which that holds at least: each side's figure is that of 95 % of its rows. */
  share: number;
}

export interface Warning {
  level: 'bad' | 'warn' | 'note';
  text: string;
}

export interface TimingReport {
  format: 'fieldroom-timing';
  formatVersion: 1;
  session: { id: string; study: string; name: string; simulated: boolean; startedAt: string; software: string };
  /** From session time 0 to the last thing recorded. */
  lengthS: number;
  streams: StreamTiming[];
  /** Sources of the kit that have no stream in the session: they delivered nothing at all. */
  absentSources: { source: string; label: string }[];
  clocks: ClockTiming[];
  /** The wall clock only labels a session: it moves no time in it. */
  wall: { driftPpm: number | null; steps: { atS: number; byS: number }[] };
  /** Each time a recorder opened the session, after the first. */
  restartsS: (number | null)[];
  claims: Claim[];
  warnings: Warning[];
}
