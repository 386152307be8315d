/**
 * The tables of one sample stream: `samples_<id>` (the rows), `decimated_<id>` (plots), and the views `timed_<id>` (rows with
 * session time) and `long_<id>` (one value per row). `all_samples` is the long form of all streams.
 */
import type { Database } from 'better-sqlite3';
import type { Channel, SampleStream } from '../../common/stream.ts';
import { EMPTY_ALL_SAMPLES } from './migrations/0022-lab-views.ts';

export interface SampleColumn {
  channel: Channel;
  /** Its column in the table: the channel's name, with `_` appended if the table already has that column. */
  column: string;
}

const RESERVED = [
  'seq',
  'clock',
  'publisher_ns',
  'device_time',
  'session_ns',
  'session_s',
  'uncertainty_ns',
  'early_us',
  'early_ns',
  'late_ns',
  'clock_uncertainty_ns',
  'device_session_ns',
  'device_uncertainty_ns',
  'level',
  'rows',
  'first_seq',
  'last_seq',
  'from_ns',
  'to_ns',
  'rowid',
  'oid',
  '_rowid_',
];
const SQL_TYPE = { number: 'REAL', integer: 'INTEGER', boolean: 'INTEGER', text: 'TEXT' } as const;

/** Stream ids do not contain `_`, so names are unique. */
const tableSuffix = (id: string): string => id.replaceAll('-', '_');
export const samplesTable = (id: string): string => `samples_${tableSuffix(id)}`;
export const decimatedTable = (id: string): string => `decimated_${tableSuffix(id)}`;
/** Names of the general views; a stream with such an id gets a `_` appended. */
const TAKEN_VIEWS = new Set(['timed_packet', 'timed_gap', 'timed_assignment', 'timed_marker']);
export function timedView(id: string): string {
  const name = `timed_${tableSuffix(id)}`;
  return TAKEN_VIEWS.has(name) ? `${name}_` : name;
}
const longView = (id: string): string => `long_${tableSuffix(id)}`;

/**
 * SQLite's column names are case-insensitive: `Temp` beside `temp` gets a `_`, as do the names of the standard columns.
 */
export function sampleColumns(channels: readonly Channel[]): SampleColumn[] {
  const taken = new Set<string>(RESERVED);
  return channels.map((channel) => {
    let column = channel.name;
    while (taken.has(column.toLowerCase())) column += '_';
    taken.add(column.toLowerCase());
    return { channel, column };
  });
}

export const isNumeric = (column: SampleColumn): boolean => column.channel.type !== 'text';

/** The row's time by the device's own clock, through the line to its publisher's; NULL before sealing. */
const DEVICE_NS = 'd.reference_ns + CAST(round((r.device_time - d.reference_device) * d.ns_per_tick) AS INTEGER)';
const DEVICE_COLUMNS = `${DEVICE_NS} + f.offset_ns + CAST(round(f.drift * (${DEVICE_NS} - f.reference_ns)) AS INTEGER) AS device_session_ns,
    f.uncertainty_ns + d.uncertainty_ns AS device_uncertainty_ns, `;
const deviceJoin = (stream: number): string => `
    LEFT JOIN device_fit d ON d.id = (SELECT e.id FROM device_fit e WHERE e.stream = ${stream} AND e.from_seq <= r.seq
      ORDER BY e.from_seq DESC LIMIT 1) AND r.seq <= d.to_seq`;

/** A sample never arrives after its stamp, so only the clock fit contributes to the later side. */
const EARLY = 'f.uncertainty_ns + 1000 * r.early_us';

/** Whether the table stores how early each sample may have arrived; tables of older versions do not. */
export const hasBounds = (db: Database, id: string): boolean =>
  db.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = 'early_us'").get(samplesTable(id)) !== undefined;

/**
 * Creates what is missing. Column types are affinities, not constraints: 1.5 in an integer channel is stored unchanged.
 */
export function createSampleTables(db: Database, streamNumber: number, stream: SampleStream): void {
  const columns = sampleColumns(stream.channels);
  const device = stream.deviceClock ? 'device_time NUMERIC, ' : '';
  const typed = columns.map((c) => `"${c.column}" ${SQL_TYPE[c.channel.type]}`).join(', ');
  db.exec(
    `CREATE TABLE IF NOT EXISTS "${samplesTable(stream.id)}" (seq INTEGER PRIMARY KEY, clock INTEGER NOT NULL, publisher_ns INTEGER NOT NULL, ${device}early_us INTEGER, ${typed})`,
  );
  const buckets = columns
    .filter(isNumeric)
    .flatMap((c) => [`"${c.column}_min" REAL`, `"${c.column}_max" REAL`, `"${c.column}_mean" REAL`]);
  db.exec(`CREATE TABLE IF NOT EXISTS "${decimatedTable(stream.id)}" (level INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, clock INTEGER NOT NULL,
    from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL, rows INTEGER NOT NULL, ${[...buckets, 'PRIMARY KEY (level, first_seq)'].join(', ')}) WITHOUT ROWID`);
  const raw = [...(stream.deviceClock ? ['r.device_time'] : []), ...columns.map((c) => `r."${c.column}"`)].join(', ');
  const bounds = hasBounds(db, stream.id)
    ? `${EARLY} AS uncertainty_ns, ${EARLY} AS early_ns, f.uncertainty_ns AS late_ns, f.uncertainty_ns AS clock_uncertainty_ns`
    : 'f.uncertainty_ns';
  const session = 'r.publisher_ns + f.offset_ns + CAST(round(f.drift * (r.publisher_ns - f.reference_ns)) AS INTEGER)';
  db.exec(`CREATE VIEW IF NOT EXISTS "${timedView(stream.id)}" AS SELECT r.seq, ${session} AS session_ns, (${session}) / 1e9 AS session_s, ${bounds},
    r.publisher_ns, ${stream.deviceClock ? DEVICE_COLUMNS : ''}${raw} FROM "${samplesTable(stream.id)}" r
    LEFT JOIN fit f ON f.id = (SELECT c.id FROM fit c WHERE c.clock = r.clock AND c.from_ns <= r.publisher_ns
      AND (c.to_ns IS NULL OR r.publisher_ns < c.to_ns) ORDER BY c.kind DESC, c.id DESC LIMIT 1)${stream.deviceClock ? deviceJoin(streamNumber) : ''}`);
  createLongView(db, streamNumber, stream, columns);
  createAllSamples(db);
  const insert = db.prepare(
    'INSERT OR IGNORE INTO channel (stream, position, name, column_name, type, unit, label) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  columns.forEach((c, position) => {
    insert.run(
      streamNumber,
      position,
      c.channel.name,
      c.column,
      c.channel.type,
      c.channel.unit,
      c.channel.label ?? null,
    );
  });
}

/**
 * One value per row, with the wearer of the source at that moment. A stream without assignments keeps its declared
 * participant.
 */
function createLongView(db: Database, streamNumber: number, stream: SampleStream, columns: SampleColumn[]): void {
  const pick = (wanted: (column: SampleColumn) => boolean): string => {
    const cases = columns.flatMap((c, i) => (wanted(c) ? [`WHEN ${i} THEN r."${c.column}"`] : []));
    return cases.length > 0 ? `CASE c.position ${cases.join(' ')} END` : 'NULL';
  };
  const source = `'${stream.source}'`;
  // The assignment in effect; before the first one, the first one.
  const worn = `(SELECT a.participant FROM assignment a WHERE a.source = ${source}
    AND a.at_ns <= max(r.session_ns, (SELECT min(at_ns) FROM assignment WHERE source = ${source}))
    ORDER BY a.at_ns DESC, a.id DESC LIMIT 1)`;
  db.exec(`CREATE VIEW IF NOT EXISTS "${longView(stream.id)}" AS SELECT '${stream.id}' AS stream, s.source,
    CASE WHEN EXISTS (SELECT 1 FROM assignment WHERE source = ${source}) THEN ${worn} ELSE s.participant END AS participant, s.place,
    r.seq, r.session_ns, r.session_s, r.uncertainty_ns, c.name AS channel, ${pick(isNumeric)} AS value, ${pick((c) => !isNumeric(c))} AS text, c.unit
    FROM stream s CROSS JOIN "${timedView(stream.id)}" r CROSS JOIN channel c
    WHERE s.id = ${streamNumber} AND c.stream = ${streamNumber} AND ${pick(() => true)} IS NOT NULL`);
}

/** SQLite allows at most 500 SELECTs in a compound query. */
const VIEW_TERMS = 400;

function createAllSamples(db: Database): void {
  const views = (
    db.prepare("SELECT name FROM stream WHERE kind = 'samples' ORDER BY id").pluck().all() as string[]
  ).map((id) => `SELECT * FROM "${longView(id)}"`);
  const parts = Array.from({ length: Math.ceil(views.length / VIEW_TERMS) }, (_, i) =>
    views.slice(i * VIEW_TERMS, (i + 1) * VIEW_TERMS).join(' UNION ALL '),
  );
  db.exec('DROP VIEW IF EXISTS all_samples');
  if (parts.length <= 1) return void db.exec(parts[0] ? `CREATE VIEW all_samples AS ${parts[0]}` : EMPTY_ALL_SAMPLES);
  parts.forEach((part, i) => {
    db.exec(`DROP VIEW IF EXISTS all_samples_${i + 1}; CREATE VIEW all_samples_${i + 1} AS ${part}`);
  });
  db.exec(
    `CREATE VIEW all_samples AS ${parts.map((_, i) => `SELECT * FROM all_samples_${i + 1}`).join(' UNION ALL ')}`,
  );
}
