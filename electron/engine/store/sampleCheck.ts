/** Every batch of a sample stream against its checksum, made again from the rows; and no row outside of a batch. */
import type { Database } from 'better-sqlite3';
import type { Stream } from '../../common/stream.ts';
import type { Finding } from './finding.ts';
import { type Block, blockChecksum, clearBlock, newBlock } from './sampleBlock.ts';
import { isNumeric, type SampleColumn, samplesTable } from './sampleTable.ts';

interface BatchRow {
  firstSeq: number;
  lastSeq: number;
  clock: number;
  crc32: number;
}

export function checkBatches(
  db: Database,
  number: number,
  stream: Stream,
  columns: SampleColumn[],
): { samples: number; batches: number; findings: Finding[] } {
  const findings: Finding[] = [];
  const where = samplesTable(stream.id);
  const device = stream.deviceClock !== undefined;
  const names = [
    'seq',
    'clock',
    'publisher_ns',
    ...(device ? ['device_time'] : []),
    ...columns.map((c) => `"${c.column}"`),
  ].join(', ');
  // One connection cannot run two cursors and be closed safely on an error, so batches are read whole: they are few.
  const batches = db
    .prepare(
      'SELECT first_seq AS firstSeq, last_seq AS lastSeq, clock, crc32 FROM batch WHERE stream = ? ORDER BY first_seq',
    )
    .all(number) as BatchRow[];
  const rowsOf = db.prepare(`SELECT ${names} FROM "${where}" WHERE seq BETWEEN ? AND ? ORDER BY seq`).raw();
  let samples = 0;
  let block: Block | null = null;
  for (const batch of batches) {
    const rows = rowsOf.all(batch.firstSeq, batch.lastSeq) as (number | string | null)[][];
    const count = batch.lastSeq - batch.firstSeq + 1;
    const range = `samples ${batch.firstSeq} to ${batch.lastSeq}`;
    samples += rows.length;
    if (rows.length !== count) {
      findings.push({
        code: 'samples.rows-missing',
        where,
        message: `${range}: ${count - rows.length} rows are missing`,
      });
      continue;
    }
    if (!block || block.publisherNs.length < count)
      block = newBlock(
        columns.map((c) => !isNumeric(c)),
        device,
        Math.max(count, 4096),
      );
    clearBlock(block);
    fill(block, rows);
    const clocks = rows.every((row) => row[1] === batch.clock);
    if (!clocks || blockChecksum(block) !== batch.crc32)
      findings.push({
        code: 'samples.batch-damaged',
        where,
        message: `${range} are damaged: the checksum does not hold`,
      });
  }
  const total = db.prepare(`SELECT count(*) FROM "${where}"`).pluck().get() as number;
  if (total !== samples)
    findings.push({ code: 'samples.rows-unknown', where, message: `${total - samples} rows belong to no batch` });
  return { samples, batches: batches.length, findings };
}

function fill(block: Block, rows: (number | string | null)[][]): void {
  const firstColumn = block.deviceTime ? 4 : 3;
  rows.forEach((row, i) => {
    block.publisherNs[i] = row[2] as number;
    if (block.deviceTime) block.deviceTime[i] = asNumber(row[3]);
    block.columns.forEach((column, c) => {
      const value = row[firstColumn + c] ?? null;
      if (column instanceof Float64Array) column[i] = asNumber(value);
      else column.push(value as string | null);
    });
  });
  block.count = rows.length;
}

const asNumber = (value: number | string | null | undefined): number =>
  value === null || value === undefined ? Number.NaN : Number(value);
