/** Markers, gaps and assignments of a session on its clock. */
import type { Database } from 'better-sqlite3';
import { annotationsOf, mergeMarkers, recordedMarkers } from '../../session/annotations.ts';

export interface Marker {
  atNs: number;
  code: string;
  note: string;
  author: string;
  /** `recorded`, `corrected` or `added`. */
  origin: string;
}

export interface GapSpan {
  stream: string;
  fromNs: number | null;
  /** Null: to the end of the session. */
  toNs: number | null;
  uncertaintyNs: number | null;
  cause: string;
  missing: number;
  detail: string;
}

/** The participant who wore or used a source. A source's first assignment begins at or before 0; its last never ends. */
export interface Assignment {
  source: string;
  participant: string | null;
  place: string;
  fromNs: number;
  /** Infinity: to the end. */
  toNs: number;
}

/** The current markers, including those added or corrected after the recording. */
export function markersOf(db: Database, folder: string): Marker[] {
  return mergeMarkers(recordedMarkers(db), annotationsOf(folder)).map(
    ({ atNs, code, note, author, origin, corrected }) => {
      return { atNs: Number(atNs), code, note, author, origin: corrected ? 'corrected' : origin };
    },
  );
}

export function gapsOf(db: Database): GapSpan[] {
  return db
    .prepare(
      `SELECT stream, from_session_ns AS fromNs, to_session_ns AS toNs, uncertainty_ns AS uncertaintyNs, cause, missing, detail
       FROM timed_gap ORDER BY from_session_ns, stream`,
    )
    .all() as GapSpan[];
}

/** Same as the view `timed_assignment`, which sessions of older versions lack. */
export function assignmentsOf(db: Database): Assignment[] {
  const rows = db
    .prepare('SELECT source, participant, place, at_ns AS fromNs FROM assignment ORDER BY at_ns, id')
    .all() as Omit<Assignment, 'toNs'>[];
  const bySource = new Map<string, Assignment[]>();
  for (const row of rows) {
    const list = bySource.get(row.source) ?? [];
    const before = list.at(-1);
    if (before) before.toNs = row.fromNs;
    list.push({ ...row, fromNs: before ? row.fromNs : Math.min(0, row.fromNs), toNs: Infinity });
    bySource.set(row.source, list);
  }
  const declared = db.prepare('SELECT DISTINCT source, participant, place FROM stream').all() as Omit<
    Assignment,
    'fromNs' | 'toNs'
  >[];
  for (const row of declared)
    if (!rows.some(({ source }) => source === row.source))
      bySource.set(row.source, [{ ...row, fromNs: 0, toNs: Infinity }]);
  return [...bySource.values()].flat();
}
