/** Everything in an index that can be verified without its media. */
import type { Database } from 'better-sqlite3';
import type { CommitLog } from '../format/commitLog.ts';
import { CHECKED_COLUMNS, packetRowChecksum } from '../format/packetRow.ts';
import { sampleColumns } from '../format/sampleTable.ts';
import { streamsOf } from '../format/streamsOf.ts';
import { checkEvidence } from './evidenceCheck.ts';
import { checkPlots } from './plotCheck.ts';
import { checkBatches } from './sampleCheck.ts';

/** True if SQLite finds no errors, every checksum matches, and no acknowledged data is missing. */
export function isProven(db: Database, log: CommitLog | null): boolean {
  const [first] = db.pragma('integrity_check(1)') as { integrity_check: string }[];
  if (first?.integrity_check !== 'ok' || !packetsHold(db)) return false;
  for (const { number, stream } of streamsOf(db)) {
    if (stream.kind !== 'samples') continue;
    const columns = sampleColumns(stream.channels);
    if (checkBatches(db, number, stream, columns).findings.length > 0) return false;
    if (checkPlots(db, stream, columns).length > 0) return false;
  }
  return checkEvidence(db, log).length === 0;
}

function packetsHold(db: Database): boolean {
  const rows = db.prepare(`SELECT ${CHECKED_COLUMNS.join()}, row_crc32 FROM packet`).raw();
  for (const row of rows.iterate() as IterableIterator<(number | null)[]>)
    if (packetRowChecksum(row.slice(0, CHECKED_COLUMNS.length)) !== row.at(-1)) return false;
  return true;
}
