/** Collects all timing information of an index. */
import type { Database } from 'better-sqlite3';
import { kitSchema } from '../../common/kit.ts';
import type { Stream } from '../../common/stream.ts';
import { SessionClock } from '../read/sessionClock.ts';
import { claimsOf } from './claims.ts';
import { clockTimings } from './clockTiming.ts';
import { streamTimings } from './streamTiming.ts';
import type { TimingReport } from './timing.ts';
import { warningsOf } from './warnings.ts';

/**
 * If the wall clock was set, it moves against the recorder's clock by more than the normal variation of its readings.
 */
const WALL_STEP_NS = 200e6;

export function gatherTiming(db: Database): TimingReport {
  const row = db.prepare('SELECT * FROM session').safeIntegers().get() as Record<string, string | bigint>;
  const software = JSON.parse(String(row.software)) as { fieldroom?: string };
  const clock = new SessionClock(db);
  const lengthS = lengthOf(db, clock);
  const streams = streamTimings(db, clock, lengthS, groups(String(row.kit)));
  const clocks = clockTimings(db);
  const facts = {
    format: 'fieldroom-timing' as const,
    formatVersion: 1 as const,
    session: {
      id: String(row.id),
      study: String(row.study),
      name: String(row.name),
      simulated: row.simulated === 1n,
      startedAt: new Date(Number((row.zero_wall_ns as bigint) / 1_000_000n)).toISOString(),
      software: software.fieldroom ?? '',
    },
    lengthS,
    streams,
    absentSources: absentSources(db, String(row.kit)),
    clocks,
    wall: wallOf(db),
    restartsS: restartsOf(db),
  };
  return { ...facts, claims: claimsOf(streams), warnings: warningsOf(facts, findings(db)) };
}

function lengthOf(db: Database, clock: SessionClock): number {
  const ends = db
    .prepare('SELECT last_clock AS clock, last_end_ns AS ns FROM stream_state WHERE last_clock IS NOT NULL')
    .all() as { clock: number; ns: number }[];
  const last = db.prepare('SELECT max(at_ns) FROM anchor').pluck().get() as number | null;
  const times = ends.map(({ clock: of, ns }) => Number(clock.toSession(of, ns) ?? 0n));
  return Math.max(0, last ?? 0, ...times) / 1e9;
}

/** Sources of the kit that delivered nothing. */
function absentSources(db: Database, kit: string): TimingReport['absentSources'] {
  const recorded = db.prepare('SELECT declaration FROM stream').pluck().all() as string[];
  const present = new Set(recorded.map((text) => (JSON.parse(text) as Stream).source));
  const wanted = kitSchema.safeParse(JSON.parse(kit)).data?.sources ?? [];
  return wanted.filter(({ id }) => !present.has(id)).map(({ id, label }) => ({ source: id, label: label || id }));
}

/** The group of a stream in accuracy comparisons. */
function groups(kit: string): (stream: Stream) => string {
  const sources = kitSchema.safeParse(JSON.parse(kit)).data?.sources ?? [];
  const kinds = new Map(sources.map(({ id, kind }) => [id, kind]));
  return (stream) => {
    if (stream.kind === 'samples') return stream.label || stream.id;
    const kind = kinds.get(stream.source) ?? (stream.kind === 'audio' ? 'microphone' : 'camera');
    return kind === 'screen' ? 'screens' : stream.kind === 'audio' ? 'microphones' : 'cameras';
  };
}

function wallOf(db: Database): TimingReport['wall'] {
  const anchors = db
    .prepare(
      'SELECT at_ns AS at, wall_ns - (SELECT wall_ns FROM anchor ORDER BY id LIMIT 1) AS wall FROM anchor ORDER BY id',
    )
    .all() as { at: number; wall: number }[];
  const steps = anchors.slice(1).flatMap((anchor, i) => {
    const before = anchors[i] as (typeof anchors)[number];
    const byNs = anchor.wall - before.wall - (anchor.at - before.at);
    return Math.abs(byNs) > WALL_STEP_NS ? [{ atS: anchor.at / 1e9, byS: byNs / 1e9 }] : [];
  });
  const [first, last] = [anchors[0], anchors.at(-1)];
  const lasts = first && last ? last.at - first.at : 0;
  const stepped = steps.reduce((sum, { byS }) => sum + byS * 1e9, 0);
  const driftPpm = first && last && lasts > 60e9 ? ((last.wall - first.wall - stepped - lasts) / lasts) * 1e6 : null;
  return { driftPpm, steps };
}

function restartsOf(db: Database): (number | null)[] {
  const runs = db.prepare('SELECT id FROM engine_run ORDER BY id').pluck().all() as number[];
  const begin = db
    .prepare("SELECT at_ns FROM event WHERE code IN ('engine.restarted', 'store.restarted') ORDER BY id")
    .pluck();
  const told = begin.all() as (number | null)[];
  return runs.slice(1).map((_, i) => (told[i] === undefined || told[i] === null ? null : (told[i] as number) / 1e9));
}

/** Damage found by sealing. */
const findings = (db: Database): string[] =>
  db.prepare("SELECT message FROM event WHERE part = 'seal' ORDER BY id LIMIT 20").pluck().all() as string[];
