/**
 * Evidence that nothing is missing: the number of acknowledged commits, the data removed by repair, and the sealed
 * files' hashes.
 */
import type { Migration } from './migration.ts';

export const evidence: Migration = {
  version: 31,
  sql: `
CREATE TABLE acknowledged (id INTEGER PRIMARY KEY CHECK (id = 1), commits INTEGER NOT NULL);
CREATE TABLE lost (
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL REFERENCES stream, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
  commits INTEGER NOT NULL, detail TEXT NOT NULL
);
CREATE TABLE sealed_file (path TEXT PRIMARY KEY, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL) WITHOUT ROWID;
`,
};
