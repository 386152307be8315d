/**
 * One step of the index's schema. Steps are never edited once released: a new one follows. No STRICT tables and nothing
 * else that SQLite before 3.37 refuses: a session is opened by whatever program a lab has.
 */
export interface Migration {
  /** Becomes `PRAGMA user_version`; higher than that of every step before. */
  version: number;
  sql: string;
  /** Its views read columns that an older index lacks. */
  addsColumns?: true;
}
