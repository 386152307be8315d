/**
 * Bounds of a packet's true time around its publisher time, as stated by its publisher; NULL: none stated. `early_ns`
 * and `late_ns` of the views add the uncertainty of the clock fit; `uncertainty_ns` is the larger of both.
 */
import type { Migration } from './migration.ts';

export const arrivalBounds: Migration = {
  version: 30,
  addsColumns: true,
  sql: `
ALTER TABLE packet ADD COLUMN early_us INTEGER;
ALTER TABLE packet ADD COLUMN late_us INTEGER;
DROP VIEW timed_packet;
CREATE VIEW timed_packet AS
SELECT s.name AS stream, p.seq,
  p.publisher_ns + f.offset_ns + CAST(round(f.drift * (p.publisher_ns - f.reference_ns)) AS INTEGER) AS session_ns,
  f.uncertainty_ns + 1000 * max(p.early_us, p.late_us) AS uncertainty_ns,
  f.uncertainty_ns + 1000 * p.early_us AS early_ns, f.uncertainty_ns + 1000 * p.late_us AS late_ns,
  f.uncertainty_ns AS clock_uncertainty_ns,
  p.publisher_ns, p.device_ns, p.duration_ns, p.key, g.file, p.offset, p.length, p.crc32
FROM packet p JOIN stream s ON s.id = p.stream JOIN segment g ON g.id = p.segment
LEFT JOIN fit f ON f.id = (SELECT c.id FROM fit c WHERE c.clock = p.clock AND c.from_ns <= p.publisher_ns
  AND (c.to_ns IS NULL OR p.publisher_ns < c.to_ns) ORDER BY c.kind DESC, c.id DESC LIMIT 1);
DROP VIEW frame_time;
CREATE VIEW frame_time AS
SELECT s.name AS stream, g.file, row_number() OVER (PARTITION BY p.segment ORDER BY p.seq) - 1 AS frame, p.seq,
  p.publisher_ns + f.offset_ns + CAST(round(f.drift * (p.publisher_ns - f.reference_ns)) AS INTEGER) AS session_ns,
  (p.publisher_ns + f.offset_ns + CAST(round(f.drift * (p.publisher_ns - f.reference_ns)) AS INTEGER)) / 1e9 AS session_s,
  f.uncertainty_ns + 1000 * max(p.early_us, p.late_us) AS uncertainty_ns, p.key
FROM packet p JOIN segment g ON g.id = p.segment JOIN stream s ON s.id = p.stream AND s.kind = 'video'
LEFT JOIN fit f ON f.id = (SELECT c.id FROM fit c WHERE c.clock = p.clock AND c.from_ns <= p.publisher_ns
  AND (c.to_ns IS NULL OR p.publisher_ns < c.to_ns) ORDER BY c.kind DESC, c.id DESC LIMIT 1);
`,
};
