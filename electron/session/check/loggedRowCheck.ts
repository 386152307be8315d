/** Checks every row of the commit log against the index. */
import type { Database } from 'better-sqlite3';
import type { CommitLog, LoggedRow, RowValue } from '../format/commitLog.ts';
import { LOGGED_TABLES, toLogged } from '../format/loggedRows.ts';

/** The latest version of each row, by table and id. */
export function lastRows(log: CommitLog): Map<string, Map<number, LoggedRow>> {
  const tables = new Map<string, Map<number, LoggedRow>>();
  for (const { rows } of log.entries)
    for (const row of rows) {
      if (!LOGGED_TABLES.has(row.table)) continue;
      const table = tables.get(row.table) ?? new Map<number, LoggedRow>();
      tables.set(row.table, table.set(row.id, row));
    }
  return tables;
}

/** Logged rows that are missing from the index or changed in it. */
export function wrongRows(db: Database, log: CommitLog): LoggedRow[] {
  const wrong: LoggedRow[] = [];
  for (const [table, rows] of lastRows(log)) {
    const left = new Map(rows);
    const found = db.prepare(`SELECT rowid AS rowid_, * FROM ${table} ORDER BY rowid`).safeIntegers().iterate();
    for (const row of found as IterableIterator<Record<string, unknown>>) {
      const id = Number(row.rowid_);
      const logged = left.get(id);
      if (!logged) continue;
      left.delete(id);
      if (!logged.row || !isSame(logged.row, row)) wrong.push(logged);
    }
    // Rows that repair removed are not missing.
    for (const logged of left.values()) if (logged.row) wrong.push(logged);
  }
  return wrong;
}

const isSame = (logged: Record<string, RowValue>, row: Record<string, unknown>): boolean =>
  Object.entries(logged).every(([name, value]) => value === toLogged(row[name]));
