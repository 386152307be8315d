/** A publisher whose clock and path to the engine are known exactly, and so the error of every fit. */
import { offsetAt } from './fit.ts';
import { LiveFit } from './liveFit.ts';
import type { Probe } from './probe.ts';
import { fitSession, type Piece } from './sessionFit.ts';

export const SECOND = 1e9;
const MILLI = 1e6;

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface SimulatedClock {
  /** Its reading at reference time 0, nanoseconds. */
  zeroNs: number;
  driftPpm: number;
  /** The drift swings by this with the room's temperature. */
  wanderPpm: number;
  wanderPeriodS: number;
  /** The machine sleeps and its clock stops. Reference times, in order. */
  sleeps: readonly { atNs: number; lastsNs: number }[];
  /** Stamps are whole multiples of this. */
  resolutionNs: number;
}

/** The simulated clock's reading at a reference time. */
export function reading(clock: SimulatedClock, referenceNs: number): number {
  const asleep = clock.sleeps.reduce((sum, { atNs, lastsNs }) => sum + clamp(referenceNs - atNs, 0, lastsNs), 0);
  const awake = referenceNs - asleep;
  const period = clock.wanderPeriodS * SECOND;
  const wander = clock.wanderPpm * 1e-6 * (period / (2 * Math.PI)) * (1 - Math.cos((2 * Math.PI * awake) / period));
  const exact = clock.zeroNs + awake * (1 + clock.driftPpm * 1e-6) + wander;
  return Math.floor(exact / clock.resolutionNs) * clock.resolutionNs;
}

export const isAsleep = (clock: SimulatedClock, referenceNs: number): boolean =>
  clock.sleeps.some(({ atNs, lastsNs }) => referenceNs >= atNs && referenceNs < atNs + lastsNs);

export interface SimulatedPath {
  /** Minimum delay out and back, milliseconds; their difference is the asymmetry that no probe can detect. */
  outMs: number;
  backMs: number;
  /** Added to each way, evenly between 0 and this, milliseconds. */
  jitterMs: number;
  /** Fraction of the exchanges that are lost. */
  loss: number;
  /** Fraction of the exchanges that are delayed by up to a hundred milliseconds in one direction. */
  late: number;
}

export interface Measured {
  waves: Probe[][];
  /** Engine time of each wave's end. */
  endsNs: number[];
}

const PROBES = 8;
const TIMEOUT_NS = 400 * MILLI;
const PAUSES_NS = [200, 400, 800, 1500, 3000, 5000].map((ms) => ms * MILLI);

/** The waves that the engine would measure in `lastsNs` of its time. */
export function measure(clock: SimulatedClock, path: SimulatedPath, lastsNs: number, next: () => number): Measured {
  const waves: Probe[][] = [];
  const endsNs: number[] = [];
  let now = 0;
  // The session's end is measured, too, as the engine does.
  for (let turn = 0, atEnd = false; !atEnd; turn += 1) {
    atEnd = now >= lastsNs;
    const wave: Probe[] = [];
    for (let n = 0; n < PROBES; n += 1) {
      const probe = exchange(clock, path, now, next);
      if (probe) wave.push(probe);
      now = probe ? probe.t3 + 50_000 : now + TIMEOUT_NS;
    }
    if (wave.length > 0) {
      waves.push(wave);
      endsNs.push(now);
    }
    now += pauseAfter(turn);
  }
  return { waves, endsNs };
}

export const pauseAfter = (turn: number): number => PAUSES_NS[Math.min(turn, PAUSES_NS.length - 1)] as number;

function exchange(clock: SimulatedClock, path: SimulatedPath, t0: number, next: () => number): Probe | null {
  const way = (leastMs: number): number =>
    (leastMs + next() * path.jitterMs + (next() < path.late / 2 ? next() * 100 : 0)) * MILLI;
  const [out, back, work] = [way(path.outMs), way(path.backMs), (20 + next() * 80) * 1000];
  const lost = next() < path.loss || isAsleep(clock, t0) || isAsleep(clock, t0 + out + work);
  if (lost) return null;
  return {
    t0,
    t1: reading(clock, t0 + out),
    t2: reading(clock, t0 + out + work),
    t3: Math.round(t0 + out + work + back),
  };
}

/** Errors of the live fit just before each next wave, when it is oldest: reported reference time minus the true one. */
export function liveErrors(
  clock: SimulatedClock,
  { waves, endsNs }: Measured,
): { errorNs: number; uncertaintyNs: number }[] {
  const fit = new LiveFit(clock.resolutionNs);
  return waves.flatMap((wave, turn) => {
    fit.add(wave, pauseAfter(turn));
    const trueNs = (endsNs[turn] as number) + pauseAfter(turn) * 0.999;
    const line = fit.line;
    if (!line || isAsleep(clock, trueNs)) return [];
    const stamp = reading(clock, trueNs);
    const told = stamp + line.offsetNs + line.drift * (stamp - line.referenceNs);
    return [{ errorNs: told - trueNs, uncertaintyNs: line.uncertaintyNs }];
  });
}

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));

export function quantile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

const between = (next: () => number, least: number, most: number): number => least + next() * (most - least);

function awake(next: () => number): SimulatedClock {
  return {
    zeroNs: Math.floor(between(next, 0, 1e15)),
    driftPpm: between(next, -100, 100),
    wanderPpm: between(next, 0, 3),
    wanderPeriodS: between(next, 1200, 7200),
    sleeps: [],
    resolutionNs: [1, 5000, 100_000][Math.floor(next() * 3)] as number,
  };
}

/** Random clocks: an offset of up to 11 days, ±100 ppm, a varying drift, timestamps of 1 ns, 5 µs or 0.1 ms. */
export const clocks = {
  awake,
  sleeping: (next: () => number): SimulatedClock => ({
    ...awake(next),
    sleeps: [
      { atNs: between(next, 600, 1200) * SECOND, lastsNs: between(next, 1, 1800) * SECOND },
      { atNs: between(next, 3600, 4200) * SECOND, lastsNs: between(next, 1, 1800) * SECOND },
    ],
  }),
};

/** Random paths. */
export const paths = {
  loopback: (next: () => number): SimulatedPath => {
    const way = between(next, 0.02, 0.1);
    return { outMs: way, backMs: way, jitterMs: between(next, 0.05, 0.4), loss: 0, late: 0.01 };
  },
  /** Round trips of 2 to 20 ms, with the minimum delays out and back as unequal as possible. */
  wireless: (next: () => number): SimulatedPath => {
    const out = between(next, 0.2, 1.8);
    return { outMs: out, backMs: 2 - out, jitterMs: 9, loss: 0.1, late: 0.02 };
  },
};

export interface Judgement {
  asymmetryNs: number;
  sealed: { errorsNs: number[]; uncertaintiesNs: number[]; covered: number };
  live: { p95Ns: number; errorsNs: number[]; covered: number };
}

/** Measures a random publisher, fits its clock live and sealed, and compares both with the truth. */
export function judge(
  makeClock: (next: () => number) => SimulatedClock,
  makePath: (next: () => number) => SimulatedPath,
  lastsNs: number,
  seed: number,
): Judgement {
  const next = seeded(seed);
  const [clock, path] = [makeClock(next), makePath(next)];
  const measured = measure(clock, path, lastsNs, next);
  const pieces = fitSession(measured.waves, clock.resolutionNs);
  const errorsNs: number[] = [];
  const uncertaintiesNs: number[] = [];
  for (let at = 0; at < lastsNs; at += 3.7 * SECOND) {
    if (isAsleep(clock, at)) continue;
    const stamp = reading(clock, at);
    const piece = pieces.find(({ toNs }) => toNs === null || stamp < toNs) as Piece;
    errorsNs.push(Math.abs(stamp + offsetAt(piece, stamp) - at));
    uncertaintiesNs.push(piece.uncertaintyNs);
  }
  const told = liveErrors(clock, measured);
  const live = told.map(({ errorNs }) => Math.abs(errorNs));
  return {
    asymmetryNs: Math.abs(path.outMs - path.backMs) * MILLI,
    sealed: {
      errorsNs,
      uncertaintiesNs,
      covered: part(errorsNs, (error, i) => error <= (uncertaintiesNs[i] as number)),
    },
    live: {
      errorsNs: live,
      p95Ns: quantile(live, 0.95),
      covered: part(told, ({ errorNs, uncertaintyNs }) => Math.abs(errorNs) <= uncertaintyNs),
    },
  };
}

const part = <T>(values: readonly T[], holds: (value: T, i: number) => boolean): number =>
  values.filter(holds).length / values.length;
