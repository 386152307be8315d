import { bestOf, type ClockSample, type Probe } from '../../common/clock/probe.ts';
import { fitSession } from '../../common/clock/sessionFit.ts';
import type { FitRow, ProbeRow } from '../store/storeApi.ts';

/** Chromium's clock steps by 5 µs in an isolated page, by 100 µs elsewhere; Node's by 1 ns. Unknown: the coarsest. */
const DEFAULT_RESOLUTION_NS = 100_000;

/**
 * The fits of a finished session, over all its probes: one map for each clock life, exact to the session's zero.
 * @param resolutions step of each clock's stamps by `publisher/epoch`, nanoseconds.
 */
export function sealedFits(probes: readonly ProbeRow[], zeroEngineNs: bigint, resolutions: ReadonlyMap<string, number> = new Map()): FitRow[] {
  const byClock = Map.groupBy(probes, (probe) => `${probe.publisher}/${probe.epoch}`);
  return [...byClock].flatMap(([clock, rows]) =>
    fitSession(bestOfWaves(rows, zeroEngineNs), resolutions.get(clock) ?? DEFAULT_RESOLUTION_NS).map((piece): FitRow => ({
      clock,
      kind: 'sealed',
      fromNs: piece.fromNs === null ? Number.MIN_SAFE_INTEGER : Math.round(piece.fromNs),
      toNs: piece.toNs === null ? null : Math.round(piece.toNs),
      referenceNs: Math.round(piece.referenceNs),
      offsetNs: BigInt(Math.round(piece.offsetNs + piece.drift * (Math.round(piece.referenceNs) - piece.referenceNs))),
      drift: piece.drift,
      uncertaintyNs: piece.uncertaintyNs,
    })),
  );
}

function bestOfWaves(rows: readonly ProbeRow[], zeroEngineNs: bigint): ClockSample[] {
  const waves = Map.groupBy(rows, (row) => row.wave);
  return [...waves.values()].flatMap((wave) => bestOf(wave.map((row): Probe => ({ t0: Number(row.t0 - zeroEngineNs), t1: row.t1, t2: row.t2, t3: Number(row.t3 - zeroEngineNs) }))) ?? []);
}
