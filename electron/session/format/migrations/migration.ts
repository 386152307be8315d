/**
 * One migration of the index's schema. Released migrations are never edited; changes need a new one. No STRICT tables
 * or other features that SQLite before 3.37 rejects, because labs open sessions with various programs.
 */
export interface Migration {
  /** Becomes `PRAGMA user_version`; higher than that of every step before. */
  version: number;
  sql: string;
  /** Its views read columns that are missing in an older index. */
  addsColumns?: true;
}
