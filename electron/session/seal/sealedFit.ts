import type { Probe } from '../../common/clock/probe.ts';
import { fitSession } from '../../common/clock/sessionFit.ts';
import type { ClockHistory, ClockProbe } from '../format/clockHistory.ts';
import type { FitRow } from '../format/rows.ts';

/** Chromium's coarsest clock steps by this; a finer step shows in the probes themselves. */
const COARSEST_NS = 100_000;
/** Eight exchanges that each wait for an answer in vain. */
const LONGEST_WAVE_NS = 4_000_000_000n;

/** The fits of a finished session, over all its probes: one map for each clock life, exact to the session's zero. */
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

/** Wave numbers begin anew with each connection and each run of the engine, so neighbours of one number may be two waves. */
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

/** Step of a clock's stamps: the smallest difference between any two of them, nanoseconds. */
export function resolutionOf(probes: readonly ClockProbe[]): number {
  const stamps = Float64Array.from(probes.flatMap(({ t1, t2 }) => [t1, t2])).sort();
  let step = COARSEST_NS;
  for (let i = 1; i < stamps.length; i += 1) {
    const difference = (stamps[i] as number) - (stamps[i - 1] as number);
    if (difference > 0 && difference < step) step = difference;
  }
  return step;
}
