import type { Probe } from '../../common/clock/probe.ts';
import { fitSession } from '../../common/clock/sessionFit.ts';
import type { ClockHistory, ClockProbe } from '../format/clockHistory.ts';
import type { FitRow } from '../format/rows.ts';

/** Chromium's coarsest clock steps by this; a finer step is detected from the probes. */
const COARSEST_NS = 100_000;
/** Eight exchanges that each time out. */
const LONGEST_WAVE_NS = 4_000_000_000n;

/** The fits of a finished session, over all its probes: one map for each clock, exact to the session's zero. */
export function sealedFits(history: readonly ClockHistory[]): FitRow[] {
  return history.flatMap(({ clock, probes, range }) =>
    fitSession(wavesOf(probes), resolutionOf(probes), range).map((piece): FitRow => {
      const referenceNs = Math.round(piece.referenceNs);
      return {
        clock,
        kind: 'sealed',
        fromNs: piece.fromNs === null ? Number.MIN_SAFE_INTEGER : Math.round(piece.fromNs),
        toNs: piece.toNs === null ? null : Math.round(piece.toNs),
        referenceNs,
        offsetNs: BigInt(Math.round(piece.offsetNs + piece.drift * (referenceNs - piece.referenceNs))),
        drift: piece.drift,
        uncertaintyNs: piece.uncertaintyNs,
      };
    }),
  );
}

/**
 * Wave numbers restart with each connection and each engine run, so adjacent exchanges with the same number may belong
 * to two waves.
 */
export function wavesOf(probes: readonly ClockProbe[]): Probe[][] {
  const waves: Probe[][] = [];
  let first: ClockProbe | null = null;
  for (const probe of probes) {
    const goesOn =
      first?.wave === probe.wave && first.engineRun === probe.engineRun && probe.t0 - first.t0 < LONGEST_WAVE_NS;
    if (goesOn) waves.at(-1)?.push(asNumbers(probe));
    else waves.push([asNumbers(probe)]);
    if (!goesOn) first = probe;
  }
  return waves;
}

const asNumbers = ({ t0, t1, t2, t3 }: ClockProbe): Probe => ({ t0: Number(t0), t1, t2, t3: Number(t3) });

/** Resolution of a clock's timestamps: the smallest difference between any two, nanoseconds. */
export function resolutionOf(probes: readonly ClockProbe[]): number {
  const stamps = Float64Array.from(probes.flatMap(({ t1, t2 }) => [t1, t2])).sort();
  let step = COARSEST_NS;
  for (let i = 1; i < stamps.length; i += 1) {
    const difference = (stamps[i] as number) - (stamps[i - 1] as number);
    if (difference > 0 && difference < step) step = difference;
  }
  return step;
}
