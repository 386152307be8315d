/**
 * Compares an index's schema with Fieldroom's own: an untrusted index may contain views and triggers that never end.
 */
import type { Database } from 'better-sqlite3';
import { fieldroomError } from '../../common/errors.ts';
import { memoryDatabase } from '../folder/indexFile.ts';
import { MIGRATIONS, SCHEMA_VERSION } from './migrations/index.ts';

interface Item {
  type: string;
  name: string;
  sql: string | null;
}

const ITEMS = 'SELECT type, name, sql FROM sqlite_master';
const STREAM_TABLE = /^(samples|decimated)_[a-z0-9_]+$/;
const references = new Map<number, Map<string, Item>>();

/** The schema after the migrations up to a version. */
function referenceOf(version: number): Map<string, Item> {
  const known = references.get(version);
  if (known) return known;
  const db = memoryDatabase();
  try {
    for (const step of MIGRATIONS.filter((m) => m.version <= version)) db.exec(step.sql);
    const items = new Map((db.prepare(ITEMS).all() as Item[]).map((item) => [item.name, item]));
    references.set(version, items);
    return items;
  } finally {
    db.close();
  }
}

/**
 * Rejects anything that could run untrusted code: triggers, virtual tables, computed columns, other tables with our
 * names. Its views are never used: `defineViews` hides them with Fieldroom's own.
 * @throws FieldroomError `store.foreign-index`; SQLite's error for a damaged one
 */
export function refuseForeign(db: Database, where: string): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  const known = referenceOf(Math.min(version, SCHEMA_VERSION));
  for (const { type, name, sql } of db.prepare(ITEMS).all() as Item[]) {
    const same = known.get(name);
    const what = `the ${type} ${name}`;
    if (type === 'view' && same?.type !== 'table') continue;
    if (type === 'index' && sql === null) continue;
    if (
      same
        ? same.type === type && same.sql === sql
        : type === 'table' && STREAM_TABLE.test(name) && isPlain(db, name, sql)
    )
      continue;
    throw fieldroomError('store.foreign-index', { where, what }, { data: { type, name } });
  }
}

/** Computed columns and constraints with expressions are not allowed. */
function isPlain(db: Database, table: string, sql: string | null): boolean {
  const words = (sql ?? '').replace(/"[^"]*"/g, '');
  if (!/^create table/i.test(words) || /\b(check|generated|default|references|collate|as)\b/i.test(words)) return false;
  return (db.pragma(`table_xinfo("${table}")`) as { hidden: number }[]).every(({ hidden }) => hidden === 0);
}

/** Defines Fieldroom's views of all streams for this connection only, hiding those in the file. */
export function defineViews(db: Database): void {
  db.pragma('temp_store = MEMORY');
  const version = db.pragma('user_version', { simple: true }) as number;
  // `all_samples` is different in each session; Fieldroom never queries it.
  for (const { type, name, sql } of referenceOf(viewsFor(version)).values())
    if (type === 'view' && name !== 'all_samples')
      db.exec((sql as string).replace(/^CREATE VIEW/, 'CREATE TEMP VIEW IF NOT EXISTS'));
}

/** The newest migration whose views work with an index of this version. */
function viewsFor(version: number): number {
  const later = MIGRATIONS.filter((m) => m.version > version);
  const first = later.findIndex((m) => m.addsColumns);
  return (first < 0 ? later : later.slice(0, first)).at(-1)?.version ?? version;
}
