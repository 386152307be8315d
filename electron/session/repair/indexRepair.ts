import type { Database } from 'better-sqlite3';
import { fieldroomError } from '../../common/errors.ts';
import type { Finding } from '../check/finding.ts';
import { INDEX } from '../format/manifest.ts';

/** Rebuilds what SQLite can rebuild (its own indexes). @throws FieldroomError `store.damaged` for other damage */
export function repairIndex(db: Database, path: string): Finding[] {
  const faults = (): string[] =>
    (db.pragma('integrity_check(5)') as { integrity_check: string }[])
      .map((row) => row.integrity_check)
      .filter((message) => message !== 'ok');
  const before = faults();
  if (before.length === 0) return [];
  db.exec('REINDEX');
  const [still] = faults();
  if (still !== undefined)
    throw fieldroomError('store.damaged', { path, value: still.split('\n')[0] }, { data: { path } });
  return before.map((message) => ({ code: 'index.damaged', where: INDEX, message }));
}
