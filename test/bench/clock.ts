/**
 * Random publishers whose clocks are known: the error of the fits, and whether the stated uncertainty covers it.
 * npm run bench -- clock [--runs 2000] [--minutes 20] [--long 20] [--seed 1]
 * Runs `--runs` sessions of `--minutes` for each kind of clock and path, then `--long` sessions of two hours.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { table } from '../../electron/cli/terminal.ts';
import { clocks, judge, paths, quantile, SECOND } from '../../electron/common/clock/simulation.testKit.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    minutes: { type: 'string', default: '20' },
    long: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});
const MILLI = 1e6;
const UNSURE_NS = 100 * MILLI;
const KINDS = [
  { name: 'quiet path', clock: clocks.awake, path: paths.loopback },
  { name: '2-20 ms, 10 % lost', clock: clocks.awake, path: paths.wireless },
  { name: 'quiet path, sleeps', clock: clocks.sleeping, path: paths.loopback },
  { name: '2-20 ms, sleeps', clock: clocks.sleeping, path: paths.wireless },
];

interface Row {
  kind: string;
  minutes: number;
  runs: number;
  samples: number;
  medianErrorMs: number;
  p99ErrorMs: number;
  /** Largest error minus half of the path's constant asymmetry, outside the seconds around a sleep. */
  worstBeyondAsymmetryMs: number;
  liveP95Ms: number;
  coveredPercent: number;
  /** The run whose stated uncertainty was right least often. */
  leastCoveredPercent: number;
  liveCoveredPercent: number;
  medianUncertaintyMs: number;
  uncertaintyOverError: number;
}

function campaign({ name, clock, path }: (typeof KINDS)[number], runs: number, minutes: number): Row {
  const errors: number[] = [];
  const uncertainties: number[] = [];
  const live: number[] = [];
  let covered = 0;
  let least = 1;
  let liveCovered = 0;
  let worst = Number.NEGATIVE_INFINITY;
  for (let run = 0; run < runs; run += 1) {
    const { sealed, live: told, asymmetryNs } = judge(clock, path, minutes * 60 * SECOND, Number(values.seed) + run);
    // Maxima use every sample of each run; a hundred per run are enough for the quantiles.
    const step = Math.max(1, Math.floor(sealed.errorsNs.length / 100));
    for (let i = 0; i < sealed.errorsNs.length; i += step) {
      errors.push(sealed.errorsNs[i] as number);
      uncertainties.push(sealed.uncertaintiesNs[i] as number);
    }
    covered += sealed.covered / runs;
    least = Math.min(least, sealed.covered);
    liveCovered += told.covered / runs;
    live.push(told.p95Ns);
    // A time between the two probes around a sleep may belong to either side: its uncertainty covers both.
    const plain = sealed.errorsNs.filter((_, i) => (sealed.uncertaintiesNs[i] as number) < UNSURE_NS);
    worst = Math.max(worst, plain.reduce((a, b) => Math.max(a, b), 0) - asymmetryNs / 2);
    if (run % 100 === 99) process.stderr.write(`${name}, ${minutes} min: ${run + 1} of ${runs}\n`);
  }
  const medianErrorMs = quantile(errors, 0.5) / MILLI;
  const medianUncertaintyMs = quantile(uncertainties, 0.5) / MILLI;
  return {
    kind: name,
    minutes,
    runs,
    samples: errors.length,
    medianErrorMs,
    p99ErrorMs: quantile(errors, 0.99) / MILLI,
    worstBeyondAsymmetryMs: worst / MILLI,
    liveP95Ms: quantile(live, 0.5) / MILLI,
    coveredPercent: covered * 100,
    leastCoveredPercent: least * 100,
    liveCoveredPercent: liveCovered * 100,
    medianUncertaintyMs,
    uncertaintyOverError: medianUncertaintyMs / medianErrorMs,
  };
}

const rows = KINDS.flatMap((kind) => [
  campaign(kind, Number(values.runs), Number(values.minutes)),
  ...(Number(values.long) > 0 ? [campaign(kind, Number(values.long), 120)] : []),
]);
const heads = [
  'clock and path',
  'min',
  'runs',
  'error p50, ms',
  'p99',
  'worst beyond half the asymmetry',
  'live p95 (median run)',
  'covered %',
  'least covered run %',
  'live covered %',
  'uncertainty p50, ms',
  'uncertainty / error',
];
const cells = rows.map((row) => [
  row.kind,
  String(row.minutes),
  String(row.runs),
  row.medianErrorMs.toFixed(4),
  row.p99ErrorMs.toFixed(3),
  row.worstBeyondAsymmetryMs.toFixed(3),
  row.liveP95Ms.toFixed(3),
  row.coveredPercent.toFixed(3),
  row.leastCoveredPercent.toFixed(2),
  row.liveCoveredPercent.toFixed(2),
  row.medianUncertaintyMs.toFixed(3),
  row.uncertaintyOverError.toFixed(1),
]);
process.stdout.write(`${table(heads, cells)}\n${JSON.stringify({ seed: Number(values.seed), rows })}\n`);
