/**
 * Views for common analyses: assignments of participants over time, markers with wall time, the time of every frame as
 * counted by video readers, and the frame at each marker. `all_samples` is recreated whenever a sample stream is added
 * (`sampleTable.ts`).
 */
import type { Migration } from './migration.ts';

/** `all_samples` of a session without sample streams. */
export const EMPTY_ALL_SAMPLES = `CREATE VIEW all_samples AS SELECT NULL AS stream, NULL AS source, NULL AS participant, NULL AS place,
  NULL AS seq, NULL AS session_ns, NULL AS session_s, NULL AS uncertainty_ns, NULL AS channel, NULL AS value, NULL AS text, NULL AS unit WHERE 0`;

export const labViews: Migration = {
  version: 22,
  sql: `
CREATE INDEX assignment_source ON assignment (source, at_ns);
${EMPTY_ALL_SAMPLES};
CREATE VIEW timed_assignment AS
SELECT source, participant, place, from_ns, to_ns FROM (
  SELECT source, participant, place,
    CASE WHEN row_number() OVER w = 1 THEN min(at_ns, 0) ELSE at_ns END AS from_ns,
    coalesce(lead(at_ns) OVER w, 9223372036854775807) AS to_ns
  FROM assignment WINDOW w AS (PARTITION BY source ORDER BY at_ns, id))
UNION ALL
SELECT DISTINCT source, participant, place, 0, 9223372036854775807 FROM stream
WHERE source NOT IN (SELECT source FROM assignment);
CREATE VIEW timed_marker AS
SELECT m.id, m.at_ns AS session_ns, m.at_ns / 1e9 AS session_s, s.zero_wall_ns + m.at_ns AS wall_ns,
  strftime('%Y-%m-%dT%H:%M:%S', (s.zero_wall_ns + m.at_ns) / 1000000000, 'unixepoch')
    || printf('.%03dZ', (s.zero_wall_ns + m.at_ns) / 1000000 % 1000) AS wall_time,
  m.code, m.note, m.author
FROM marker m, session s;
CREATE VIEW frame_time AS
SELECT s.name AS stream, g.file, row_number() OVER (PARTITION BY p.segment ORDER BY p.seq) - 1 AS frame, p.seq,
  p.publisher_ns + f.offset_ns + CAST(round(f.drift * (p.publisher_ns - f.reference_ns)) AS INTEGER) AS session_ns,
  (p.publisher_ns + f.offset_ns + CAST(round(f.drift * (p.publisher_ns - f.reference_ns)) AS INTEGER)) / 1e9 AS session_s,
  f.uncertainty_ns, p.key
FROM packet p JOIN segment g ON g.id = p.segment JOIN stream s ON s.id = p.stream AND s.kind = 'video'
LEFT JOIN fit f ON f.id = (SELECT c.id FROM fit c WHERE c.clock = p.clock AND c.from_ns <= p.publisher_ns
  AND (c.to_ns IS NULL OR p.publisher_ns < c.to_ns) ORDER BY c.kind DESC, c.id DESC LIMIT 1);
CREATE VIEW marker_frame AS
SELECT marker, code, note, at_ns, stream, seq, max(session_ns) AS session_ns, (max(session_ns) - at_ns) / 1e6 AS apart_ms,
  uncertainty_ns, file, offset, length
FROM (
  SELECT m.id AS marker, m.code, m.note, m.at_ns, t.*
  FROM marker m CROSS JOIN stream s CROSS JOIN (SELECT DISTINCT stream, clock FROM segment) g CROSS JOIN fit f
  JOIN timed_packet t ON t.stream = s.name AND t.seq = (SELECT q.seq FROM packet q WHERE q.stream = s.id AND q.clock = g.clock
    AND q.publisher_ns <= f.reference_ns + (m.at_ns - f.reference_ns - f.offset_ns) / (1 + f.drift)
    ORDER BY q.publisher_ns DESC LIMIT 1)
  WHERE s.kind = 'video' AND g.stream = s.id AND f.clock = g.clock AND t.session_ns <= m.at_ns
    AND (f.kind = 'sealed' OR NOT EXISTS (SELECT 1 FROM fit e WHERE e.clock = g.clock AND e.kind = 'sealed')))
GROUP BY marker, stream;
`,
};
