/**
 * The first version of the index. Sample streams get their own tables when declared (`sampleTable.ts`). Times: `..._ns`
 * of a `clock` are on that publisher's clock; `session_ns` and `at_ns` are session time.
 */
import type { Migration } from './migration.ts';

export const initial: Migration = {
  version: 10,
  sql: `
CREATE TABLE session (
  id TEXT NOT NULL, study TEXT NOT NULL, name TEXT NOT NULL,
  zero_wall_ns INTEGER NOT NULL, zero_engine_ns INTEGER NOT NULL, clock_epoch TEXT NOT NULL,
  simulated INTEGER NOT NULL, kit TEXT NOT NULL, software TEXT NOT NULL
);
CREATE TABLE engine_run (
  id INTEGER PRIMARY KEY, clock_epoch TEXT NOT NULL, zero_engine_ns INTEGER NOT NULL, zero_wall_ns INTEGER NOT NULL, software TEXT NOT NULL
);
CREATE TABLE lifecycle (
  id INTEGER PRIMARY KEY, state TEXT NOT NULL, at_ns INTEGER, wall_ns INTEGER NOT NULL, detail TEXT NOT NULL
);
CREATE TABLE clock (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, publisher TEXT NOT NULL, epoch TEXT NOT NULL);
CREATE TABLE stream (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, source TEXT NOT NULL, label TEXT NOT NULL, place TEXT NOT NULL,
  participant TEXT, nominal_rate_hz REAL, simulated INTEGER NOT NULL, table_name TEXT, declaration TEXT NOT NULL
);
CREATE TABLE declaration (
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL REFERENCES stream, clock INTEGER NOT NULL, from_seq INTEGER NOT NULL, declaration TEXT NOT NULL
);
CREATE TABLE channel (
  stream INTEGER NOT NULL REFERENCES stream, position INTEGER NOT NULL, name TEXT NOT NULL, column_name TEXT NOT NULL,
  type TEXT NOT NULL, unit TEXT NOT NULL, label TEXT, PRIMARY KEY (stream, position)
) WITHOUT ROWID;
CREATE TABLE stream_state (
  stream INTEGER PRIMARY KEY REFERENCES stream, count INTEGER NOT NULL, bytes INTEGER NOT NULL, last_seq INTEGER NOT NULL,
  last_clock INTEGER, last_publisher_ns INTEGER, last_end_ns INTEGER, duplicates INTEGER NOT NULL
);
CREATE TABLE segment (
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL REFERENCES stream, number INTEGER NOT NULL, file TEXT NOT NULL UNIQUE, clock INTEGER NOT NULL,
  first_seq INTEGER NOT NULL, file_start_ns INTEGER NOT NULL, reason TEXT NOT NULL, config TEXT NOT NULL
);
CREATE TABLE packet (
  stream INTEGER NOT NULL, seq INTEGER NOT NULL, clock INTEGER NOT NULL, publisher_ns INTEGER NOT NULL, device_ns INTEGER,
  duration_ns INTEGER NOT NULL, key INTEGER NOT NULL, segment INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL, crc32 INTEGER NOT NULL,
  PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
CREATE INDEX packet_time ON packet (stream, clock, publisher_ns);
CREATE TABLE batch (
  stream INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, clock INTEGER NOT NULL,
  min_publisher_ns INTEGER NOT NULL, max_publisher_ns INTEGER NOT NULL, reached_publisher_ns INTEGER NOT NULL, disorder_ns INTEGER NOT NULL,
  crc32 INTEGER NOT NULL, PRIMARY KEY (stream, first_seq)
) WITHOUT ROWID;
CREATE INDEX batch_time ON batch (stream, clock, reached_publisher_ns);
CREATE INDEX batch_disorder ON batch (stream, clock, disorder_ns) WHERE disorder_ns > 0;
CREATE TABLE gap (
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL REFERENCES stream, clock INTEGER NOT NULL, from_ns INTEGER NOT NULL,
  to_clock INTEGER, to_ns INTEGER, cause TEXT NOT NULL, lost INTEGER, missing_seqs INTEGER NOT NULL, detail TEXT NOT NULL
);
CREATE TABLE event (
  id INTEGER PRIMARY KEY, at_ns INTEGER, level TEXT NOT NULL, part TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL
);
CREATE TABLE marker (
  id INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, code TEXT NOT NULL, note TEXT NOT NULL, author TEXT NOT NULL
);
CREATE TABLE anchor (id INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, wall_ns INTEGER NOT NULL);
CREATE TABLE probe (
  id INTEGER PRIMARY KEY, clock INTEGER NOT NULL, engine_run INTEGER NOT NULL, wave INTEGER NOT NULL,
  t0_engine_ns INTEGER NOT NULL, t1_publisher_ns INTEGER NOT NULL, t2_publisher_ns INTEGER NOT NULL, t3_engine_ns INTEGER NOT NULL
);
CREATE TABLE fit (
  id INTEGER PRIMARY KEY, clock INTEGER NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('live', 'sealed')), from_ns INTEGER NOT NULL, to_ns INTEGER,
  reference_ns INTEGER NOT NULL, offset_ns INTEGER NOT NULL, drift REAL NOT NULL, uncertainty_ns REAL NOT NULL
);
CREATE INDEX fit_choice ON fit (clock, kind, id);
CREATE TABLE assignment (
  id INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, source TEXT NOT NULL, participant TEXT, place TEXT NOT NULL
);
CREATE TABLE process (
  id INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, name TEXT NOT NULL, pid INTEGER NOT NULL, event TEXT NOT NULL, detail TEXT NOT NULL
);

CREATE VIEW timed_packet AS
SELECT s.name AS stream, p.seq,
  p.publisher_ns + f.offset_ns + CAST(round(f.drift * (p.publisher_ns - f.reference_ns)) AS INTEGER) AS session_ns, f.uncertainty_ns,
  p.publisher_ns, p.device_ns, p.duration_ns, p.key, g.file, p.offset, p.length, p.crc32
FROM packet p JOIN stream s ON s.id = p.stream JOIN segment g ON g.id = p.segment
LEFT JOIN fit f ON f.id = (SELECT c.id FROM fit c WHERE c.clock = p.clock AND c.from_ns <= p.publisher_ns
  AND (c.to_ns IS NULL OR p.publisher_ns < c.to_ns) ORDER BY c.kind DESC, c.id DESC LIMIT 1);
CREATE VIEW timed_gap AS
SELECT s.name AS stream,
  g.from_ns + f.offset_ns + CAST(round(f.drift * (g.from_ns - f.reference_ns)) AS INTEGER) AS from_session_ns,
  g.to_ns + t.offset_ns + CAST(round(t.drift * (g.to_ns - t.reference_ns)) AS INTEGER) AS to_session_ns,
  max(f.uncertainty_ns, coalesce(t.uncertainty_ns, 0)) AS uncertainty_ns,
  g.cause, max(coalesce(g.lost, 0), g.missing_seqs) AS missing, g.lost, g.missing_seqs, g.detail
FROM gap g JOIN stream s ON s.id = g.stream
LEFT JOIN fit f ON f.id = (SELECT c.id FROM fit c WHERE c.clock = g.clock AND c.from_ns <= g.from_ns
  AND (c.to_ns IS NULL OR g.from_ns < c.to_ns) ORDER BY c.kind DESC, c.id DESC LIMIT 1)
LEFT JOIN fit t ON t.id = (SELECT c.id FROM fit c WHERE c.clock = g.to_clock AND c.from_ns <= g.to_ns
  AND (c.to_ns IS NULL OR g.to_ns < c.to_ns) ORDER BY c.kind DESC, c.id DESC LIMIT 1);
`,
};
