/** Compares each board's data in the sealed session with everything that the board sent. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Board } from './boards.ts';

interface StoredRow {
  n: number;
  board: number;
  value: number;
  name: string;
  atNs: number;
}

export interface Checked {
  rows: number;
  /** Numbers between the first and the last recorded row that were sent and are missing: each is in a gap. */
  missing: number;
  gaps: number;
  streams: number;
  faults: string[];
}

export function checkBoard(folder: string, source: string, board: Board): Checked {
  const db = new Database(join(folder, 'session.sqlite'), { readonly: true });
  try {
    const streams = db
      .prepare(
        "SELECT id, name, table_name AS tableName, declaration FROM stream WHERE source = ? AND kind = 'samples'",
      )
      .all(source) as { id: number; name: string; tableName: string; declaration: string }[];
    const data = streams.filter(({ name }) => name !== `${source}-text`);
    const faults: string[] = [];
    const rows = data.flatMap(({ tableName, declaration }): StoredRow[] => {
      const { channels } = JSON.parse(declaration) as { channels: { name: string }[] };
      const [first, second, third] = channels.map(({ name }) => name);
      if (!first) return [];
      if (!second || !third) {
        // A value that arrived after the columns were known has its own stream, beside the row.
        const values = db.prepare(`SELECT "${first}" AS value FROM "${tableName}"`).all() as { value: number }[];
        for (const { value } of values) {
          const sent = board.sent.get(Math.floor(value));
          if (sent?.value !== value || sent.name !== first)
            faults.push(`${source}: ${value} under ${first} was never sent`);
        }
        return [];
      }
      const read = db.prepare(
        `SELECT "${first}" AS board, "${second}" AS n, "${third}" AS value, publisher_ns AS atNs FROM "${tableName}"`,
      );
      return (read.all() as Omit<StoredRow, 'name'>[]).map((row) => ({ ...row, name: third }));
    });
    rows.sort((a, b) => a.atNs - b.atNs || a.n - b.n);
    const seen = new Set<number>();
    for (const row of rows) {
      const sent = board.sent.get(row.n);
      if (row.board !== board.kind.id) faults.push(`${source}: a row of board ${row.board}`);
      else if (!sent) faults.push(`${source}: row ${row.n} was never sent`);
      else if (row.value !== null && sent.value !== row.value)
        faults.push(`${source}: row ${row.n} is ${row.value}, but ${sent.value} was sent`);
      else if (row.value !== null && !isName(row.name, sent.name))
        faults.push(`${source}: row ${row.n} of ${sent.name} is under ${row.name}`);
      if (seen.has(row.n)) faults.push(`${source}: row ${row.n} is recorded twice`);
      seen.add(row.n);
    }
    const gaps = db
      .prepare(
        `SELECT from_ns AS fromNs, to_ns AS toNs FROM gap WHERE stream IN (${data.map(({ id }) => id).join(',') || 'NULL'})`,
      )
      .all() as { fromNs: number; toNs: number | null }[];
    const missing = holes(rows, board, gaps, (text) => faults.push(`${source}: ${text}`));
    return { rows: rows.length, missing, gaps: gaps.length, streams: data.length, faults };
  } finally {
    db.close();
  }
}

/** Columns that were found without a header have numbered names. */
const isName = (column: string, sent: string): boolean => column === sent || /^column\d+$/.test(column);

function holes(
  rows: readonly StoredRow[],
  board: Board,
  gaps: readonly { fromNs: number; toNs: number | null }[],
  fault: (text: string) => void,
): number {
  let missing = 0;
  for (const [i, row] of rows.entries()) {
    const next = rows[i + 1];
    if (!next || next.n <= row.n + 1) continue;
    let lost = 0;
    for (let n = row.n + 1; n < next.n; n += 1) if (board.sent.has(n)) lost += 1;
    missing += lost;
    const covered = gaps.some(({ fromNs, toNs }) => fromNs <= next.atNs && (toNs === null || toNs >= row.atNs));
    if (lost > 0 && !covered) fault(`${lost} rows after ${row.n} are missing without a gap`);
  }
  return missing;
}
