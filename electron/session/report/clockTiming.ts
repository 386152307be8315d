/** The accuracy of each publisher's clock: its waves compared with the fits that give rows their time. */
import type { Database } from 'better-sqlite3';
import { sampleOf } from '../../common/clock/probe.ts';
import { stepBetween } from '../../common/clock/steps.ts';
import { type ClockHistory, readClocks, readFits } from '../format/clockHistory.ts';
import type { FitRow } from '../format/rows.ts';
import { SessionClock } from '../read/sessionClock.ts';
import { resolutionOf, wavesOf } from '../seal/sealedFit.ts';
import { evenly, spreadOf } from './statistics.ts';
import type { ClockTiming } from './timing.ts';

const PLOTTED = 400;
const MILLI = 1e6;

export function clockTimings(db: Database): ClockTiming[] {
  const ids = db.prepare('SELECT id FROM clock WHERE name = ?').pluck();
  const streams = db
    .prepare('SELECT DISTINCT s.name FROM declaration d JOIN stream s ON s.id = d.stream WHERE d.clock = ? ORDER BY 1')
    .pluck();
  const clock = new SessionClock(db);
  return readClocks(db).map((history) => {
    const id = ids.get(history.clock) as number;
    const fits = readFits(db, id, history.clock);
    const sealed = fits.filter(({ kind }) => kind === 'sealed');
    const at = clock.mapper(id);
    const resolutionNs = resolutionOf(history.probes);
    const samples = wavesOf(history.probes).flatMap((wave) => sampleOf(wave) ?? []);
    const judged = samples.flatMap((sample) => {
      const { sessionNs, uncertaintyNs } = at(Math.round(sample.atNs));
      if (Number.isNaN(sessionNs)) return [];
      const residualMs = (sample.atNs + sample.offsetNs - sessionNs) / MILLI;
      return [{ atS: sessionNs / 1e9, residualMs, boundMs: sample.roundTripNs / 2 / MILLI, uncertaintyNs }];
    });
    const used = judged.filter(({ atS }) => inSession(atS));
    return {
      name: history.clock,
      publisher: history.clock.split('/')[0] ?? history.clock,
      streams: streams.all(id) as string[],
      sealed: sealed.length > 0,
      probes: history.probes.length,
      waves: samples.length,
      roundTripMs: spreadOf(samples.map(({ roundTripNs }) => roundTripNs / MILLI)),
      driftPpm: driftOf(sealed.length > 0 ? sealed : fits, history),
      uncertaintyMs: spreadOf(used.map(({ uncertaintyNs }) => uncertaintyNs / MILLI)),
      residualMs: spreadOf(used.map(({ residualMs }) => residualMs)),
      steps: samples.slice(1).flatMap((sample, i) => {
        const before = samples[i] as (typeof samples)[number];
        const byNs = stepBetween(before, sample, resolutionNs);
        return byNs === 0 ? [] : [{ atS: (before.atNs + before.offsetNs) / 1e9, byS: byNs / 1e9 }];
      }),
      plot: evenly(used, PLOTTED).map(({ atS, residualMs, boundMs }) => ({ atS, residualMs, boundMs })),
      uncertaintyPlot: evenly(used, PLOTTED).map(({ atS, uncertaintyNs }) => ({
        atS,
        uncertaintyMs: uncertaintyNs / MILLI,
      })),
    };
  });
}

/** Waves from before the session help its fit, but are not part of it. */
const inSession = (atS: number): boolean => atS >= -1;

function driftOf(fits: readonly FitRow[], { range, probes }: ClockHistory): ClockTiming['driftPpm'] {
  const from = Math.min(probes[0]?.t1 ?? Number.POSITIVE_INFINITY, range?.fromNs ?? Number.POSITIVE_INFINITY);
  const to = Math.max(probes.at(-1)?.t2 ?? Number.NEGATIVE_INFINITY, range?.toNs ?? Number.NEGATIVE_INFINITY);
  const pieces = fits.map(({ drift, fromNs, toNs }) => ({
    ppm: drift * 1e6,
    lastsNs: Math.max(0, Math.min(toNs ?? to, to) - Math.max(fromNs, from)),
  }));
  const total = pieces.reduce((sum, { lastsNs }) => sum + lastsNs, 0);
  if (total === 0) return null;
  const ppms = pieces.filter(({ lastsNs }) => lastsNs > 20e9).map(({ ppm }) => ppm);
  const mean = pieces.reduce((sum, { ppm, lastsNs }) => sum + (ppm * lastsNs) / total, 0);
  return { mean, least: Math.min(mean, ...ppms), most: Math.max(mean, ...ppms) };
}
