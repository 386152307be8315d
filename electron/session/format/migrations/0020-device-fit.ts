/** Lines from a device's own time to its publisher's clock, computed at sealing. */
import type { Migration } from './migration.ts';

export const deviceFit: Migration = {
  version: 20,
  sql: `
CREATE TABLE device_fit (
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL REFERENCES stream, from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL,
  reference_device REAL NOT NULL, reference_ns INTEGER NOT NULL, ns_per_tick REAL NOT NULL, uncertainty_ns REAL NOT NULL
);
CREATE INDEX device_fit_choice ON device_fit (stream, from_seq);
`,
};
