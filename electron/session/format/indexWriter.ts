/** The prepared statements of the index, other than those of the sample streams. */
import type { Database, Statement } from 'better-sqlite3';
import type { LoggedRow } from './commitLog.ts';
import { LOGGED_TABLES, toLoggedRow } from './loggedRows.ts';
import { CHECKED_COLUMNS } from './packetRow.ts';
import type { FitRow, Gap, SegmentRow, SessionMeta } from './rows.ts';

const PACKETS_AT_ONCE = 16;

/**
 * Columns of `packet`. Pending packets are stored as this many numbers each in one long array, because many objects
 * that live until the next commit slow down garbage collection.
 */
export const PACKET_COLUMNS = ['stream', ...CHECKED_COLUMNS, 'row_crc32'] as const;

export interface StateRow {
  stream: number;
  count: number;
  bytes: number;
  lastSeq: number;
  lastClock: number | null;
  lastPublisherNs: number | null;
  lastEndNs: number | null;
  duplicates: number;
}

export class IndexWriter {
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();
  /** Rows written since the last call, for the commit log. */
  #written: LoggedRow[] = [];

  constructor(db: Database) {
    this.#db = db;
  }

  /** Runs in one transaction; logged rows count only if it succeeds. */
  transaction<T>(work: () => T): T {
    const before = this.#written.length;
    try {
      return this.#db.transaction(work)();
    } catch (error) {
      this.#written.length = before;
      throw error;
    }
  }

  /** Rows of logged tables that were written or removed since the last call. */
  takeWritten(): LoggedRow[] {
    const written = this.#written;
    this.#written = [];
    return written;
  }

  /** Records that a row was changed or removed without `insert`. */
  changed(table: string, id: number): void {
    const row = this.#db.prepare(`SELECT * FROM ${table} WHERE rowid = ?`).safeIntegers().get(id);
    this.#written.push({ table, id, row: row === undefined ? null : toLoggedRow(row as Record<string, unknown>) });
  }

  /** Inserts a row by column names; the statement is prepared once. */
  insert(table: string, row: Record<string, unknown>, verb = 'INSERT'): void {
    const names = Object.keys(row);
    const key = `${verb} ${table} ${names.join()}`;
    let statement = this.#statements.get(key);
    if (!statement) {
      statement = this.#db.prepare(
        `${verb} INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      );
      this.#statements.set(key, statement);
    }
    const { lastInsertRowid, changes } = statement.run(Object.values(row));
    if (changes === 0 || !LOGGED_TABLES.has(table)) return;
    // The session's own id is text; its row is the first.
    const id = table === 'session' ? 1 : Number(row.id ?? lastInsertRowid);
    this.#written.push({ table, id, row: toLoggedRow(table === 'session' ? row : { ...row, id }) });
  }

  /**
   * @param rows the values of one packet after the other, in the order of `PACKET_COLUMNS`. Several rows per statement
   * take half the time.
   */
  packets(rows: readonly number[]): void {
    const many = PACKETS_AT_ONCE * PACKET_COLUMNS.length;
    const whole = rows.length - (rows.length % many);
    for (let i = 0; i < whole; i += many) this.#packets(rows.slice(i, i + many));
    for (let i = whole; i < rows.length; i += PACKET_COLUMNS.length)
      this.#packets(rows.slice(i, i + PACKET_COLUMNS.length));
  }

  #packets(values: number[]): void {
    const rows = values.length / PACKET_COLUMNS.length;
    const key = `packets ${rows}`;
    let statement = this.#statements.get(key);
    if (!statement) {
      const row = `(${PACKET_COLUMNS.map(() => '?').join()})`;
      statement = this.#db.prepare(
        `INSERT INTO packet (${PACKET_COLUMNS.join()}) VALUES ${Array(rows).fill(row).join()}`,
      );
      this.#statements.set(key, statement);
    }
    statement.run(values);
  }

  segment(s: SegmentRow): void {
    this.insert('segment', {
      id: s.id,
      stream: s.stream,
      number: s.number,
      file: s.file,
      clock: s.clock,
      first_seq: s.firstSeq,
      file_start_ns: Math.round(s.fileStartNs),
      reason: s.reason,
      config: s.config,
    });
  }

  gap(g: Gap): void {
    const { id, stream, clock, cause, lost, detail } = g;
    this.insert(
      'gap',
      {
        id,
        stream,
        clock,
        from_ns: g.fromNs,
        to_clock: g.toClock,
        to_ns: g.toNs,
        cause,
        lost,
        missing_seqs: g.missingSeqs,
        detail,
      },
      'INSERT OR REPLACE',
    );
  }

  state(s: StateRow): void {
    this.insert(
      'stream_state',
      {
        stream: s.stream,
        count: s.count,
        bytes: s.bytes,
        last_seq: s.lastSeq,
        last_clock: s.lastClock,
        last_publisher_ns: s.lastPublisherNs,
        last_end_ns: s.lastEndNs,
        duplicates: s.duplicates,
      },
      'INSERT OR REPLACE',
    );
  }

  /** The number of acknowledged commits. */
  commits(commits: number): void {
    this.insert('acknowledged', { id: 1, commits }, 'INSERT OR REPLACE');
  }

  clock(id: number, name: string): void {
    const slash = name.indexOf('/');
    this.insert(
      'clock',
      { id, name, publisher: slash < 0 ? name : name.slice(0, slash), epoch: slash < 0 ? '' : name.slice(slash + 1) },
      'INSERT OR IGNORE',
    );
  }

  fit(clock: number, f: FitRow): void {
    this.insert('fit', {
      clock,
      kind: f.kind,
      from_ns: f.fromNs,
      to_ns: f.toNs,
      reference_ns: f.referenceNs,
      offset_ns: f.offsetNs,
      drift: f.drift,
      uncertainty_ns: f.uncertaintyNs,
    });
  }

  session(meta: SessionMeta): void {
    this.insert('session', {
      id: meta.id,
      study: meta.study,
      name: meta.name,
      zero_wall_ns: meta.zeroWallNs,
      zero_engine_ns: meta.zeroEngineNs,
      clock_epoch: meta.clockEpoch,
      simulated: meta.simulated ? 1 : 0,
      kit: JSON.stringify(meta.kit),
      software: JSON.stringify(meta.software),
    });
  }
}
