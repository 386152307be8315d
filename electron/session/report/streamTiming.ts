/** The regularity of a stream and the accuracy of its times. Long streams are sampled in evenly spaced stretches. */
import type { Database } from 'better-sqlite3';
import { type Stream, streamSchema } from '../../common/stream.ts';
import { hasBounds, samplesTable } from '../format/sampleTable.ts';
import type { SessionClock } from '../read/sessionClock.ts';
import { gapTimings } from './gapTiming.ts';
import { lineThrough, medianSlope, type Point, spreadOf } from './statistics.ts';
import type { DeviceTiming, StreamTiming } from './timing.ts';

const STRETCHES = 120;
const ROWS_OF_STRETCH = 400;
const MILLI = 1e6;
/** In shorter runs, millisecond jitter of timestamps hides the drift of a quartz. */
const SHORTEST_FOR_DRIFT_NS = 120e9;

/** More than this is not drift: the device counts something other than declared. */
const OTHER_TICK_PPM = 20_000;

/** Fraction of the rows. */
const MOST_SILENT = 0.02;

interface Row {
  seq: number;
  clock: number;
  publisherNs: number;
  /** Ticks of the device, or nanoseconds of the media's own clock; null: it has none. */
  device: number | null;
  segment: number;
  /** Microseconds, the larger of both bounds; null: none stated. */
  stampUs: number | null;
}

interface Timed extends Row {
  sessionNs: number;
  uncertaintyNs: number;
}

interface StreamRow {
  id: number;
  name: string;
  declaration: string;
  count: number | null;
  lastSeq: number | null;
}

export function streamTimings(
  db: Database,
  clock: SessionClock,
  lengthS: number,
  groupOf: (stream: Stream) => string,
): StreamTiming[] {
  const rows = db
    .prepare(
      'SELECT s.id, s.name, s.declaration, t.count, t.last_seq AS lastSeq FROM stream s LEFT JOIN stream_state t ON t.stream = s.id ORDER BY s.id',
    )
    .all() as StreamRow[];
  return rows.map((row) => {
    const stream = streamSchema.parse(JSON.parse(row.declaration));
    const stretches = readStretches(db, row, stream.kind === 'samples').map((stretch) => onSession(stretch, clock));
    const all = stretches.flat();
    const [first, last] = [all[0], all.at(-1)];
    const gaps = gapTimings(db, row.name, lengthS);
    const rateHz = stream.nominalRateHz;
    const beats = rateHz === undefined ? [] : stretches.flatMap((stretch) => beat(stretch, leastGapNs(stream, rateHz)));
    const spanS = first && last ? (last.sessionNs - first.sessionNs) / 1e9 : 0;
    const intervals = (row.count ?? 0) - 1;
    return {
      id: row.name,
      kind: stream.kind,
      label: stream.label || row.name,
      source: stream.source,
      group: groupOf(stream),
      simulated: stream.simulated,
      clocks: clocksOf(db, row.id),
      count: row.count ?? 0,
      firstS: first ? first.sessionNs / 1e9 : null,
      lastS: last ? last.sessionNs / 1e9 : null,
      nominalRateHz: stream.nominalRateHz ?? null,
      rateHz: spanS > 0 ? intervals / spanS : null,
      deliveringRateHz: spanS > gaps.gapSeconds ? intervals / (spanS - gaps.gapSeconds) : null,
      uncertaintyMs: spreadOf(all.map(({ uncertaintyNs }) => uncertaintyNs / MILLI)),
      stampMs: stampsOf(all),
      jitterMs: spreadOf(beats.flatMap(({ deviationsMs }) => deviationsMs)),
      jitterPlot: beats.map(({ atS, deviationsMs }) => ({
        atS,
        lowMs: deviationsMs.reduce((a, b) => Math.min(a, b), 0),
        highMs: deviationsMs.reduce((a, b) => Math.max(a, b), 0),
      })),
      ...gaps,
      device:
        stream.kind === 'audio'
          ? mediaDrift(all)
          : stream.kind === 'samples'
            ? deviceOf(db, row.name, stretches)
            : null,
    };
  });
}

/** Null if more than 5 % of the rows have no stated bounds. */
function stampsOf(rows: readonly Timed[]): StreamTiming['stampMs'] {
  const stated = rows.flatMap(({ stampUs }) => (stampUs === null ? [] : [stampUs / 1000]));
  const most = stated.reduce((a, b) => Math.max(a, b), 0);
  const silent = rows.length - stated.length;
  if (silent > MOST_SILENT * rows.length) return null;
  return spreadOf([...stated, ...Array.from({ length: silent }, () => most)]);
}

const clocksOf = (db: Database, stream: number): string[] =>
  db
    .prepare(
      'SELECT DISTINCT c.name FROM declaration d JOIN clock c ON c.id = d.clock WHERE d.stream = ? ORDER BY d.id',
    )
    .pluck()
    .all(stream) as string[];

function readStretches(db: Database, { id, name, lastSeq }: StreamRow, samples: boolean): Row[][] {
  if (lastSeq === null || lastSeq < 0) return [];
  const range = 'seq BETWEEN ? AND ? ORDER BY seq';
  const bounded = db.prepare("SELECT 1 FROM pragma_table_info('packet') WHERE name = 'early_us'").get() !== undefined;
  const query = samples
    ? db.prepare(
        `SELECT seq, clock, publisher_ns AS publisherNs, NULL AS device, 0 AS segment,
         ${samples && hasBounds(db, name) ? 'early_us' : 'NULL'} AS stampUs FROM "${samplesTable(name)}" WHERE ${range}`,
      )
    : db.prepare(
        `SELECT seq, clock, publisher_ns AS publisherNs, device_ns AS device, segment, ${bounded ? 'max(early_us, late_us)' : 'NULL'} AS stampUs
         FROM packet WHERE stream = ${id} AND ${range}`,
      );
  const count = Math.max(1, Math.min(STRETCHES, Math.ceil((lastSeq + 1) / ROWS_OF_STRETCH)));
  return Array.from({ length: count }, (_, i) => {
    const from = count === 1 ? 0 : Math.round((i * (lastSeq + 1 - ROWS_OF_STRETCH)) / (count - 1));
    return query.all(Math.max(0, from), from + ROWS_OF_STRETCH - 1) as Row[];
  });
}

/** Rows not covered by a fit have no session time, and are skipped. */
function onSession(rows: readonly Row[], clock: SessionClock): Timed[] {
  return rows.flatMap((row) => {
    const { sessionNs, uncertaintyNs } = clock.mapper(row.clock)(row.publisherNs);
    return Number.isNaN(sessionNs) ? [] : [{ ...row, sessionNs, uncertaintyNs }];
  });
}

/** Deviations of each continuous run in a stretch from a regular interval. */
function beat(rows: readonly Timed[], leastGapNs: number): { atS: number; deviationsMs: number[] }[] {
  return unbroken(rows, leastGapNs).flatMap((run) => {
    const line = lineThrough(run.map(({ seq, sessionNs }) => ({ x: seq, y: sessionNs })));
    const first = run[0];
    if (run.length < 10 || !line || !first) return [];
    return [
      {
        atS: first.sessionNs / 1e9,
        deviationsMs: run.map(({ seq, sessionNs }) => (sessionNs - line.at(seq)) / MILLI),
      },
    ];
  });
}

/** Runs without a missing number, a new clock or a pause, where regular intervals can be expected. */
function unbroken(rows: readonly Timed[], leastGapNs: number): Timed[][] {
  const runs: Timed[][] = [];
  let before: Timed | null = null;
  for (const row of rows) {
    const goesOn =
      before !== null &&
      row.seq === before.seq + 1 &&
      row.clock === before.clock &&
      row.segment === before.segment &&
      row.sessionNs - before.sessionNs < leastGapNs;
    if (goesOn) runs.at(-1)?.push(row);
    else runs.push([row]);
    before = row;
  }
  return runs;
}

/** A missing picture leaves a hole of its own duration; sensors may be read in blocks, and buses may be busy. */
const leastGapNs = (stream: Stream, rateHz: number): number =>
  stream.kind === 'samples' ? 2e9 / rateHz + 100e6 : 1.6e9 / rateHz;

/** The sound card's quartz against the recorder's clock, over the longest uninterrupted run. */
function mediaDrift(rows: readonly Timed[]): DeviceTiming | null {
  const runs = [...Map.groupBy(rows, ({ segment, clock }) => `${segment}/${clock}`).values()];
  const longest = runs.reduce<Timed[]>((a, b) => (length(b) > length(a) ? b : a), []);
  const points = longest.flatMap(({ device, sessionNs }): Point[] =>
    device === null ? [] : [{ x: device, y: sessionNs - device }],
  );
  const slope = medianSlope(points);
  if (slope === null || length(longest) < SHORTEST_FOR_DRIFT_NS) return null;
  return { driftPpm: slope * 1e6, tickNs: null, wouldBeOffMs: (slope * length(longest)) / MILLI, arrivalMs: null };
}

const length = (rows: readonly Timed[]): number => (rows.at(-1)?.sessionNs ?? 0) - (rows[0]?.sessionNs ?? 0);

/**
 * A sensor's own clock: its drift against its publisher, and how late its samples were compared with the earliest ones.
 */
function deviceOf(db: Database, stream: string, stretches: readonly Timed[][]): DeviceTiming | null {
  const declared = db.prepare('SELECT declaration FROM stream WHERE name = ?').pluck().get(stream) as string;
  const { deviceClock } = streamSchema.parse(JSON.parse(declared));
  if (!deviceClock) return null;
  const line = db.prepare(
    `SELECT (r.publisher_ns - d.reference_ns - (r.device_time - d.reference_device) * d.ns_per_tick) AS lateNs, d.ns_per_tick AS nsPerTick
     FROM "${samplesTable(stream)}" r JOIN device_fit d ON d.stream = (SELECT id FROM stream WHERE name = ?) AND r.seq BETWEEN d.from_seq AND d.to_seq
     WHERE r.seq BETWEEN ? AND ?`,
  );
  const rows = stretches.flatMap(
    (stretch) =>
      line.all(stream, stretch[0]?.seq ?? 0, stretch.at(-1)?.seq ?? -1) as { lateNs: number; nsPerTick: number }[],
  );
  const ticks = rows.map(({ nsPerTick }) => nsPerTick).sort((a, b) => a - b);
  const tickNs = ticks[ticks.length >> 1];
  if (tickNs === undefined) return null;
  const ppm = (tickNs / deviceClock.tickNs - 1) * 1e6;
  const drift = Math.abs(ppm) < OTHER_TICK_PPM ? ppm : null;
  const lasts = length(stretches.flat());
  return {
    driftPpm: drift,
    tickNs,
    wouldBeOffMs: drift === null ? null : (drift * 1e-6 * lasts) / MILLI,
    arrivalMs: spreadOf(rows.map(({ lateNs }) => lateNs / MILLI)),
  };
}
