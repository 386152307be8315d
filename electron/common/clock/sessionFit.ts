/**
 * The fit of a whole session. A quartz drifts with temperature, so one line is not enough for hours: the map is linear
 * between knots a minute apart. It starts as a robust line around each knot; then each knot is moved to the middle of
 * the interval that all exchanges around it allow (none can be off by more than its delay out or back).
 *
 *   offset   ──┬─ upper bounds: t3 - t2 (way back)        the band narrows to the quickest way out and the quickest
 *              ├─ map                                     way back of a whole minute, whatever the others took
 *            ──┴─ lower bounds: t0 - t1 (way out)
 */
import { fitLine, type Line, MAX_DRIFT, offsetAt } from './fit.ts';
import { type ClockSample, type Probe, sampleOf } from './probe.ts';
import { splitAtSteps, withoutStep } from './steps.ts';

export const KNOT_NS = 60e9;
/**
 * Time around a knot used to estimate its drift, enough even on a network where single waves are off by milliseconds.
 */
const SLOPE_NS = 300e9;
const TURNS = 3;
/** Fraction of the bounds ignored on each side, to allow for wrong timestamps. */
const PASSED_OVER = 0.02;
/** How much a drift may change per minute, for periods without measurements. */
const WANDER = 5e-6;

/** One piece of the map, for remote times in [fromNs, toNs); the first begins and the last ends at infinity (null). */
export interface Piece extends Line {
  fromNs: number | null;
  toNs: number | null;
}

interface Wave {
  sample: ClockSample;
  probes: readonly Probe[];
}

interface Knot {
  atNs: number;
  offsetNs: number;
  uncertaintyNs: number;
}

/**
 * @param waves the exchanges of one clock's life, wave by wave, in time order.
 * @param rangeNs first and last remote time to map; times outside the waves are less certain.
 * @returns pieces in order, covering all time; empty without an exchange.
 */
export function fitSession(
  waves: readonly (readonly Probe[])[],
  resolutionNs: number,
  rangeNs: { fromNs: number; toNs: number } | null = null,
): Piece[] {
  const measured = waves
    .flatMap((wave) => withoutStep(wave, resolutionNs))
    .flatMap((probes): Wave[] => {
      const sample = sampleOf(probes);
      return sample ? [{ sample, probes }] : [];
    });
  const runs = splitAtSteps(measured, resolutionNs);
  const pieces = runs.flatMap((run, i): Piece[] => {
    const own = fitRun(run, resolutionNs, rangeNs);
    const next = runs[i + 1];
    const [last, after] = [run.at(-1), next?.[0]];
    const end = own.at(-1);
    if (!last || !after || !end) return own;
    // Somewhere between two waves the clock stepped: a time between them may belong to either side.
    const [from, to] = [last.sample.atNs, after.sample.atNs];
    const known = (last.sample.roundTripNs + after.sample.roundTripNs) / 2 + 2 * resolutionNs;
    const step = Math.abs(after.sample.offsetNs - last.sample.offsetNs) + known + MAX_DRIFT * (to - from);
    end.toNs = from;
    return [...own, { ...end, fromNs: from, toNs: to, uncertaintyNs: end.uncertaintyNs + step }];
  });
  pieces.forEach((piece, i) => {
    piece.fromNs = i === 0 ? null : (pieces[i - 1] as Piece).toNs;
  });
  return pieces;
}

/** The pieces of a run of waves without a step. */
function fitRun(run: readonly Wave[], resolutionNs: number, rangeNs: { fromNs: number; toNs: number } | null): Piece[] {
  const first = (run[0] as Wave).sample.atNs;
  const last = (run.at(-1) as Wave).sample.atNs;
  const cells = cellsOf(run, first, last);
  let knots = cells.map(({ atNs }): Knot => {
    const line = fitLine(near(run, atNs, SLOPE_NS), resolutionNs);
    return { atNs, offsetNs: offsetAt(line, atNs), uncertaintyNs: line.uncertaintyNs };
  });
  if (knots.length === 1) {
    const line = fitLine(near(run, first, Number.POSITIVE_INFINITY), resolutionNs);
    return [atTheEnds({ ...line, fromNs: null, toNs: null }, first, last, rangeNs)];
  }
  for (let turn = 0; turn < TURNS; turn += 1) {
    const before = knots;
    knots = before.map((knot, i) => centred(knot, (cells[i] as Cell).waves, before, resolutionNs));
  }
  return knots.slice(0, -1).map((knot, i): Piece => {
    const next = knots[i + 1] as Knot;
    const unmeasured = Math.max(0, next.atNs - knot.atNs - 2 * KNOT_NS);
    const piece: Piece = {
      fromNs: i === 0 ? null : knot.atNs,
      toNs: i === knots.length - 2 ? null : next.atNs,
      referenceNs: knot.atNs,
      offsetNs: knot.offsetNs,
      drift: (next.offsetNs - knot.offsetNs) / (next.atNs - knot.atNs),
      uncertaintyNs: Math.max(knot.uncertaintyNs, next.uncertaintyNs) + (WANDER * unmeasured) / 2,
    };
    return atTheEnds(piece, first, last, rangeNs);
  });
}

interface Cell {
  atNs: number;
  waves: Wave[];
}

/** Cells of about a minute that contain waves, each with a knot in the middle; the outer cells have it at the ends. */
function cellsOf(run: readonly Wave[], first: number, last: number): Cell[] {
  const count = Math.max(1, Math.round((last - first) / KNOT_NS));
  const step = (last - first) / count;
  if (count < 2) return [{ atNs: first, waves: [...run] }];
  const cells: Cell[] = Array.from({ length: count + 1 }, (_, i) => ({ atNs: first + i * step, waves: [] }));
  for (const wave of run) cells[Math.round((wave.sample.atNs - first) / step)]?.waves.push(wave);
  return cells.filter(({ waves }, i) => waves.length > 0 || i === 0 || i === count);
}

/** A knot moved into the middle of the band that the exchanges of its cell allow. */
function centred(knot: Knot, waves: readonly Wave[], map: readonly Knot[], resolutionNs: number): Knot {
  const lower: number[] = [];
  const upper: number[] = [];
  for (const { probes } of waves)
    for (const { t0, t1, t2, t3 } of probes) {
      lower.push(t0 - t1 - interpolate(map, t1));
      upper.push(t3 - t2 - interpolate(map, t2));
    }
  if (lower.length === 0) return knot;
  lower.sort((a, b) => b - a);
  upper.sort((a, b) => a - b);
  const passed = Math.floor(lower.length * PASSED_OVER);
  const [low, high] = [lower[passed] as number, upper[passed] as number];
  return {
    atNs: knot.atNs,
    offsetNs: knot.offsetNs + (low + high) / 2,
    uncertaintyNs: Math.abs(high - low) / 2 + Math.abs(low + high) / 2 + resolutionNs,
  };
}

/** Offset of the map at a time, by straight lines between its knots and beyond them. */
function interpolate(knots: readonly Knot[], atNs: number): number {
  let low = 0;
  let high = knots.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((knots[middle] as Knot).atNs <= atNs) low = middle;
    else high = middle - 1;
  }
  const [a, b] = [knots[low] as Knot, knots[low + 1] as Knot];
  return a.offsetNs + ((b.offsetNs - a.offsetNs) * (atNs - a.atNs)) / (b.atNs - a.atNs);
}

/** Waves within this distance of a time, or the nearest few if the clock was not probed for a while. */
function near(run: readonly Wave[], atNs: number, withinNs: number): ClockSample[] {
  const samples = run.map(({ sample }) => sample);
  const found = samples.filter((sample) => Math.abs(sample.atNs - atNs) <= withinNs);
  if (found.length >= 4) return found;
  return samples.sort((a, b) => Math.abs(a.atNs - atNs) - Math.abs(b.atNs - atNs)).slice(0, 4);
}

/** Outside the first and the last wave the drift may have been different. */
function atTheEnds(piece: Piece, first: number, last: number, rangeNs: { fromNs: number; toNs: number } | null): Piece {
  if (!rangeNs) return piece;
  const before = piece.fromNs === null ? Math.max(0, first - rangeNs.fromNs) : 0;
  const after = piece.toNs === null ? Math.max(0, rangeNs.toNs - last) : 0;
  return { ...piece, uncertaintyNs: piece.uncertaintyNs + WANDER * Math.max(before, after) };
}
