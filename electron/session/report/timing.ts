/** The contents of the timing report in `timing.json`. Seconds are session time, milliseconds are durations. */

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
  /** Total duration; open gaps count to the end of the session. */
  seconds: number;
  longestS: number;
  /** Frames, packets or samples that are known to be missing. */
  missing: number;
}

/** One device's own clock against the recorder's. */
export interface DeviceTiming {
  /** Positive: the device's clock is slow. Null: its tick differs from the declared one, or none is declared. */
  driftPpm: number | null;
  /** Nanoseconds of one of its ticks, as measured; null for media. */
  tickNs: number | null;
  /** By how much a time counted from the device's nominal rate alone would be wrong at the end. */
  wouldBeOffMs: number | null;
  /** Variation of the delay from the device to the computer, from the fit: sensors only. */
  arrivalMs: Spread | null;
}

export interface StreamTiming {
  id: string;
  kind: 'video' | 'audio' | 'samples';
  label: string;
  source: string;
  /** Cameras, microphones, screens, or the sensor's own label: the group for accuracy comparisons. */
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
  /** The rows' own additional bounds (`early_us`, `late_us`); null: some rows have none. */
  stampMs: Spread | null;
  /** Deviation of single timestamps from regular intervals; only for a declared rate. */
  jitterMs: Spread | null;
  /** For evenly spaced stretches: the time, and the lowest and highest deviation. */
  jitterPlot: { atS: number; lowMs: number; highMs: number }[];
  missing: number;
  gapSeconds: number;
  gapsByCause: GapsOfCause[];
  /** The longest ones, in time order. */
  gaps: GapTiming[];
  gapCount: number;
  device: DeviceTiming | null;
}

export interface ClockTiming {
  name: string;
  publisher: string;
  streams: string[];
  /** Whether the fits were made over the whole session (otherwise: during recording). */
  sealed: boolean;
  probes: number;
  waves: number;
  roundTripMs: Spread | null;
  /** Against the recorder's clock; positive: the publisher's clock is slow. */
  driftPpm: { mean: number; least: number; most: number } | null;
  uncertaintyMs: Spread | null;
  residualMs: Spread | null;
  /** The clock stopped (positive) or was set back between two waves. */
  steps: { atS: number; byS: number }[];
  /** Evenly spaced waves compared with the fit: residual, and half the round trip. */
  plot: { atS: number; residualMs: number; boundMs: number }[];
  /** Stated uncertainty of the fit over the session. */
  uncertaintyPlot: { atS: number; uncertaintyMs: number }[];
}

export interface Claim {
  a: string;
  b: string;
  /** Accuracy (±) of comparing times of the two, except for constant delays; null: some rows have no bounds. */
  withinMs: number | null;
  /** Minimum fraction of the pairs of rows to which it applies: each side's figure is for 95 % of its rows. */
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
  /** From session time 0 to the last recorded data. */
  lengthS: number;
  streams: StreamTiming[];
  /** Sources of the kit that have no stream in the session: they delivered nothing at all. */
  absentSources: { source: string; label: string }[];
  clocks: ClockTiming[];
  /** The wall clock is only a label: it does not affect times in the session. */
  wall: { driftPpm: number | null; steps: { atS: number; byS: number }[] };
  /** Each time a recorder reopened the session. */
  restartsS: (number | null)[];
  claims: Claim[];
  warnings: Warning[];
}
