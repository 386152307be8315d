/**
 * Checks every batch of a sample stream against its checksum and times, recomputed from the rows; and that no row is
 * outside a batch.
 */
import type { Database } from 'better-sqlite3';
import type { Stream } from '../../common/stream.ts';
import { type Block, blockChecksum, clearBlock, newBlock } from '../format/sampleBlock.ts';
import { hasBounds, isNumeric, type SampleColumn, samplesTable } from '../format/sampleTable.ts';
import type { Finding } from './finding.ts';

interface BatchRow {
  firstSeq: number;
  lastSeq: number;
  clock: number;
  crc32: number;
  min: number;
  max: number;
  reached: number;
  disorder: number;
}

/** The sparse time index of a batch, computed from its rows. */
export interface BatchTimes {
  firstSeq: number;
  min: number;
  max: number;
  reached: number;
  disorder: number;
}

export interface BatchCheck {
  samples: number;
  batches: number;
  findings: Finding[];
  /** First sequence numbers of the damaged batches. */
  damaged: number[];
  /** Intact batches whose times in the index are wrong. */
  mistimed: BatchTimes[];
  /** Rows outside every batch. */
  strays: number;
}

/** More than the largest batch on the wire. */
const MOST_ROWS = 70_000;

export function checkBatches(db: Database, number: number, stream: Stream, columns: SampleColumn[]): BatchCheck {
  const findings: Finding[] = [];
  const damaged: number[] = [];
  const mistimed: BatchTimes[] = [];
  let before = { clock: -1, reached: -Infinity };
  const where = samplesTable(stream.id);
  const device = stream.deviceClock !== undefined;
  const bounds = hasBounds(db, stream.id);
  const names = [
    'seq',
    'clock',
    'publisher_ns',
    ...(device ? ['device_time'] : []),
    ...(bounds ? ['early_us'] : []),
    ...columns.map((c) => `"${c.column}"`),
  ].join(', ');
  // One connection cannot run two cursors and be closed safely on an error, so all batches are read at once: they are
  // few.
  const batches = db
    .prepare(
      `SELECT first_seq AS firstSeq, last_seq AS lastSeq, clock, crc32, min_publisher_ns AS min, max_publisher_ns AS max,
       reached_publisher_ns AS reached, disorder_ns AS disorder FROM batch WHERE stream = ? ORDER BY first_seq`,
    )
    .all(number) as BatchRow[];
  const rowsOf = db.prepare(`SELECT ${names} FROM "${where}" WHERE seq BETWEEN ? AND ? ORDER BY seq`).raw();
  let samples = 0;
  let block: Block | null = null;
  for (const batch of batches) {
    const count = batch.lastSeq - batch.firstSeq + 1;
    // A damaged row of `batch` may contain any range.
    const plausible = count > 0 && count <= MOST_ROWS;
    const rows = (plausible ? rowsOf.all(batch.firstSeq, batch.lastSeq) : []) as (number | string | null)[][];
    const range = `samples ${batch.firstSeq} to ${batch.lastSeq}`;
    samples += rows.length;
    if (rows.length !== count || !plausible) {
      damaged.push(batch.firstSeq);
      findings.push({
        code: 'samples.rows-missing',
        where,
        message: plausible ? `${range}: ${count - rows.length} rows are missing` : `${range} are no batch`,
      });
      continue;
    }
    if (!block || block.publisherNs.length < count)
      block = newBlock(
        columns.map((c) => !isNumeric(c)),
        { device, bounds },
        Math.max(count, 4096),
      );
    clearBlock(block);
    fill(block, rows);
    const clocks = rows.every((row) => row[1] === batch.clock);
    if (!clocks || blockChecksum(block) !== batch.crc32) {
      damaged.push(batch.firstSeq);
      findings.push({
        code: 'samples.batch-damaged',
        where,
        message: `${range} are damaged: the checksum does not hold`,
      });
      continue;
    }
    const times = timesOf(block, batch, before.clock === batch.clock ? before.reached : -Infinity);
    before = { clock: batch.clock, reached: times.reached };
    if (isTimed(batch, times)) continue;
    mistimed.push(times);
    findings.push({ code: 'samples.batch-times', where, message: `the index has wrong times for ${range}` });
  }
  const total = db.prepare(`SELECT count(*) FROM "${where}"`).pluck().get() as number;
  if (total !== samples)
    findings.push({ code: 'samples.rows-unknown', where, message: `${total - samples} rows are outside every batch` });
  return { samples, batches: batches.length, findings, damaged, mistimed, strays: total - samples };
}

const isTimed = (batch: BatchRow, { min, max, reached, disorder }: BatchTimes): boolean =>
  batch.min === min && batch.max === max && batch.reached === reached && batch.disorder === disorder;

/** In the same form as `SampleWriter`. */
function timesOf({ publisherNs, count }: Block, { firstSeq }: BatchRow, before: number): BatchTimes {
  let [min, max, reached, disorder] = [Infinity, -Infinity, before, 0];
  for (const ns of publisherNs.subarray(0, count)) {
    min = Math.min(min, ns);
    max = Math.max(max, ns);
    if (ns > reached) reached = ns;
    else disorder = Math.max(disorder, reached - ns);
  }
  return { firstSeq, min, max, reached, disorder };
}

function fill(block: Block, rows: (number | string | null)[][]): void {
  const boundsAt = block.deviceTime ? 4 : 3;
  const firstColumn = block.earlyUs ? boundsAt + 1 : boundsAt;
  rows.forEach((row, i) => {
    block.publisherNs[i] = row[2] as number;
    if (block.deviceTime) block.deviceTime[i] = asNumber(row[3]);
    if (block.earlyUs) block.earlyUs[i] = asNumber(row[boundsAt]);
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
