/**
 * `annotations.sqlite`: markers that people add, move, reword or remove after the recording. The sealed index does not
 * change. Each change is a row and the latest row of a marker counts, so earlier versions stay readable.
 */
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { fieldroomError } from '../common/errors.ts';
import type { ReviewMarker } from '../common/review.ts';
import { ANNOTATIONS_RECEIPT } from './check/annotationsCheck.ts';
import { existsInside, hashNow, sizeInside } from './folder/files.ts';
import { openDatabase } from './folder/indexFile.ts';
import { diskError } from './format/diskErrors.ts';
import { ANNOTATIONS } from './format/names.ts';
import { writeSelfChecked } from './seal/selfChecked.ts';

const VERSION = 1;
const SCHEMA = `
CREATE TABLE marker_change (
  id INTEGER PRIMARY KEY, origin TEXT NOT NULL CHECK (origin IN ('recorded', 'added')), marker INTEGER NOT NULL,
  at_ns INTEGER NOT NULL, code TEXT NOT NULL, note TEXT NOT NULL, removed INTEGER NOT NULL,
  author TEXT NOT NULL, made_wall_ms INTEGER NOT NULL
);
CREATE VIEW marker_now AS SELECT origin, marker, at_ns, code, note, removed, author, made_wall_ms FROM marker_change
WHERE id IN (SELECT max(id) FROM marker_change GROUP BY origin, marker);
PRAGMA user_version = ${VERSION};`;

export interface MarkerChange {
  origin: 'recorded' | 'added';
  marker: number;
  atNs: bigint;
  code: string;
  note: string;
  removed: boolean;
  author: string;
}

/** Annotations of a whole session; its index does not change. */
export interface SessionDetails {
  name: string;
  notes: string;
  /** By the name of a field defined by the study: condition, activity, teacher. */
  fields: Readonly<Record<string, string>>;
}

const DETAILS = `CREATE TABLE IF NOT EXISTS session_change (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, notes TEXT NOT NULL, fields TEXT NOT NULL,
  author TEXT NOT NULL, made_wall_ms INTEGER NOT NULL
);`;

/** The latest; null: nothing was added since the recording began. @throws FieldroomError `store.*` */
export function detailsOf(folder: string): SessionDetails | null {
  if (!existsInside(folder, ANNOTATIONS)) return null;
  try {
    using opened = openChecked(folder, 'read');
    const { db } = opened;
    const known = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'session_change'").get();
    if (!known) return null;
    const row = db.prepare('SELECT name, notes, fields FROM session_change ORDER BY id DESC LIMIT 1').get() as
      | { name: string; notes: string; fields: string }
      | undefined;
    return row ? { ...row, fields: fieldsOf(row.fields) } : null;
  } catch (cause) {
    throw diskError(cause, join(folder, ANNOTATIONS), 'read');
  }
}

/** @throws FieldroomError `store.read-only` and the like */
export function describeSession(folder: string, { name, notes, fields }: SessionDetails, author: string): void {
  changeAnnotations(folder, (db) => {
    db.exec(DETAILS);
    db.prepare('INSERT INTO session_change (name, notes, fields, author, made_wall_ms) VALUES (?, ?, ?, ?, ?)').run(
      name,
      notes,
      JSON.stringify(fields),
      author,
      Date.now(),
    );
  });
}

/** The file may be untrusted: only text values are accepted. */
function fieldsOf(json: string): Record<string, string> {
  try {
    const all = JSON.parse(json) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(all).filter((one): one is [string, string] => typeof one[1] === 'string'));
  } catch {
    return {};
  }
}

export interface RecordedMarker {
  id: number;
  atNs: bigint;
  code: string;
  note: string;
  author: string;
}

/**
 * The latest version of each changed or added marker; empty if nothing was changed. @throws FieldroomError `store.*`
 */
export function annotationsOf(folder: string): MarkerChange[] {
  const path = join(folder, ANNOTATIONS);
  if (!existsInside(folder, ANNOTATIONS)) return [];
  try {
    using db = openChecked(folder, 'read');
    return (
      db.db
        .prepare(
          'SELECT origin, marker, at_ns, code, note, removed, author FROM marker_change WHERE id IN (SELECT max(id) FROM marker_change GROUP BY origin, marker)',
        )
        .safeIntegers()
        .all() as {
        origin: 'recorded' | 'added';
        marker: bigint;
        at_ns: bigint;
        code: string;
        note: string;
        removed: bigint;
        author: string;
      }[]
    ).map(({ marker, at_ns, removed, ...row }) => ({
      ...row,
      marker: Number(marker),
      atNs: at_ns,
      removed: removed === 1n,
    }));
  } catch (cause) {
    throw diskError(cause, path, 'read');
  }
}

/** Adds a marker. @returns its number. @throws FieldroomError `store.read-only` and the like */
export function addMarker(folder: string, marker: Omit<MarkerChange, 'origin' | 'marker' | 'removed'>): number {
  return changeAnnotations(folder, (db) => {
    const next = db
      .prepare("SELECT coalesce(max(marker), 0) + 1 FROM marker_change WHERE origin = 'added'")
      .pluck()
      .get() as number;
    insert(db, { ...marker, origin: 'added', marker: next, removed: false });
    return next;
  });
}

export const changeMarker = (folder: string, change: MarkerChange): void =>
  changeAnnotations(folder, (db) => insert(db, change));

/** The current markers by time: recorded ones with corrections, and added ones. */
export function mergeMarkers(recorded: readonly RecordedMarker[], changes: readonly MarkerChange[]): ReviewMarker[] {
  const byMarker = new Map(changes.map((change) => [`${change.origin} ${change.marker}`, change]));
  const kept = recorded.flatMap((marker): ReviewMarker[] => {
    const change = byMarker.get(`recorded ${marker.id}`);
    if (change?.removed) return [];
    const { atNs, code, note, author } = change ?? marker;
    return [{ origin: 'recorded', id: marker.id, atNs: String(atNs), code, note, author, corrected: !!change }];
  });
  const added = changes
    .filter(({ origin, removed }) => origin === 'added' && !removed)
    .map(({ marker, atNs, code, note, author }): ReviewMarker => {
      return { origin: 'added', id: marker, atNs: String(atNs), code, note, author, corrected: false };
    });
  return [...kept, ...added].sort((a, b) => Number(BigInt(a.atNs) - BigInt(b.atNs)));
}

export function recordedMarkers(db: Database): RecordedMarker[] {
  const rows = db.prepare('SELECT id, at_ns, code, note, author FROM marker ORDER BY id').safeIntegers().all() as {
    id: bigint;
    at_ns: bigint;
    code: string;
    note: string;
    author: string;
  }[];
  return rows.map(({ id, at_ns, ...row }) => ({ ...row, id: Number(id), atNs: at_ns }));
}

function insert(db: Database, { origin, marker, atNs, code, note, removed, author }: MarkerChange): void {
  db.prepare(
    'INSERT INTO marker_change (origin, marker, at_ns, code, note, removed, author, made_wall_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(origin, marker, atNs, code, note, removed ? 1 : 0, author, Date.now());
}

/** Runs a function that reads the annotations; null: there are none yet. */
export function readAnnotations<T>(folder: string, read: (db: Database) => T): T | null {
  if (!existsInside(folder, ANNOTATIONS)) return null;
  using opened = openChecked(folder, 'read');
  return read(opened.db);
}

/** One short transaction, safe on disk when it returns. */
export function changeAnnotations<T>(folder: string, work: (db: Database) => T): T {
  const path = join(folder, ANNOTATIONS);
  try {
    const done = transact(folder, work);
    // Annotations are not in the manifest; a separate receipt proves them.
    const content = { bytes: sizeInside(folder, ANNOTATIONS), content: hashNow(folder, ANNOTATIONS) };
    writeSelfChecked(folder, ANNOTATIONS_RECEIPT, { format: 'fieldroom-annotations-receipt', ...content });
    return done;
  } catch (cause) {
    throw diskError(cause, path);
  }
}

function transact<T>(folder: string, work: (db: Database) => T): T {
  using opened = openChecked(folder, 'create');
  const { db } = opened;
  return db
    .transaction(() => {
      if (db.pragma('user_version', { simple: true }) === 0) db.exec(SCHEMA);
      return work(db);
    })
    .immediate();
}

/** An untrusted file may contain triggers, or a view in place of the table. */
function refuseForeignAnnotations(db: Database, path: string): void {
  const items = db.prepare('SELECT type, name FROM sqlite_master').all() as { type: string; name: string }[];
  for (const { type, name } of items)
    if (type === 'trigger' || (name === 'marker_change' && type !== 'table'))
      throw fieldroomError('store.foreign-index', { where: path, what: `the ${type} ${name}` });
}

function openChecked(folder: string, mode: 'read' | 'create'): Disposable & { db: Database } {
  const path = join(folder, ANNOTATIONS);
  const db = openDatabase(folder, ANNOTATIONS, { mode, timeoutMs: 3000 });
  const opened = { db, [Symbol.dispose]: () => void db.close() };
  // No write-ahead log, because the folder may be copied to a USB stick at any moment.
  if (mode !== 'read') db.pragma('synchronous = FULL');
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version <= VERSION) {
    try {
      refuseForeignAnnotations(db, path);
      return opened;
    } catch (error) {
      db.close();
      throw error;
    }
  }
  db.close();
  throw fieldroomError('store.newer', { path });
}
