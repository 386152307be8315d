/** One step of the index's schema. Steps are never edited once released: a new one follows. */
export interface Migration {
  /** Becomes `PRAGMA user_version`; higher than that of every step before. */
  version: number;
  sql: string;
}
