/** Plain ways to write the same rows, each synced every half second. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

export interface PlainResult {
  name: string;
  perSecond: number;
}

const SAFE_MS = 500;
const STEP = 1000;
const row = (i: number): [number, number, number, number, number] => [
  i,
  i * 1_000_000 + 137,
  i,
  i * 5,
  Math.sin(i / 50),
];

/** (a) One prepared insert per row into SQLite, in the process that has the rows. */
export function rawSqlite(folder: string, count: number): PlainResult {
  const db = new Database(join(folder, 'raw.sqlite'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE t (seq INTEGER PRIMARY KEY, ns INTEGER, a REAL, b REAL, c REAL)');
  const insert = db.prepare('INSERT INTO t VALUES (?, ?, ?, ?, ?)');
  const startMs = performance.now();
  db.exec('BEGIN');
  let safeMs = startMs;
  for (let i = 0; i < count; i += 1) {
    insert.run(...row(i));
    if (i % STEP !== 0 || performance.now() - safeMs < SAFE_MS) continue;
    db.exec('COMMIT; BEGIN');
    safeMs = performance.now();
  }
  db.exec('COMMIT');
  const seconds = (performance.now() - startMs) / 1000;
  db.close();
  return { name: '(a) raw SQLite rows, one process', perSecond: count / seconds };
}

/** (b) Lines appended to a CSV file. */
export function csvAppend(folder: string, count: number): PlainResult {
  const file = openSync(join(folder, 'raw.csv'), 'w');
  const startMs = performance.now();
  let safeMs = startMs;
  let text = '';
  for (let i = 0; i < count; i += 1) {
    text += `${row(i).join(',')}\n`;
    if (i % STEP !== 0) continue;
    writeSync(file, text);
    text = '';
    if (performance.now() - safeMs < SAFE_MS) continue;
    fsyncSync(file);
    safeMs = performance.now();
  }
  writeSync(file, text);
  fsyncSync(file);
  const seconds = (performance.now() - startMs) / 1000;
  closeSync(file);
  return { name: '(b) appended to a CSV', perSecond: count / seconds };
}
