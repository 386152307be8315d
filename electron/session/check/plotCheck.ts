/** Checks the plot buckets against their rows. */
import type { Database } from 'better-sqlite3';
import type { SampleStream } from '../../common/stream.ts';
import { type Bucket, Decimator, meanOf } from '../format/decimator.ts';
import { decimatedTable, isNumeric, type SampleColumn, samplesTable } from '../format/sampleTable.ts';
import type { Finding } from './finding.ts';

/** A mean depends on the order of its additions, by this share of the largest value among them. */
const SAME_MEAN = 1e-9;
/** Columns before those of the channels, and columns of each: min, max, mean. */
const HEAD = 7;
const OF_CHANNEL = 3;

/** @param onBucket gets every bucket computed from the rows, in order, as a row of the table. */
export function makeBuckets(
  db: Database,
  stream: SampleStream,
  columns: readonly SampleColumn[],
  onBucket: (row: (number | null)[]) => void,
): void {
  const numeric = columns.filter(isNumeric);
  const decimator = new Decimator(numeric.length, (bucket) => onBucket(rowOf(bucket, numeric.length)));
  const names = ['seq', 'clock', 'publisher_ns', ...numeric.map((c) => `"${c.column}"`)].join(', ');
  const rows = db.prepare(`SELECT ${names} FROM "${samplesTable(stream.id)}" ORDER BY seq`).raw();
  const publisherNs = new Float64Array(1);
  const values = numeric.map(() => new Float64Array(1));
  for (const row of rows.iterate() as IterableIterator<(number | null)[]>) {
    publisherNs[0] = row[2] as number;
    values.forEach((column, i) => {
      column[0] = Number(row[3 + i] ?? Number.NaN);
    });
    decimator.push({ firstSeq: row[0] as number, clock: row[1] as number, count: 1, publisherNs, numeric: values });
  }
}

export function checkPlots(db: Database, stream: SampleStream, columns: readonly SampleColumn[]): Finding[] {
  const table = decimatedTable(stream.id);
  const stored = new Map<string, (number | null)[]>();
  for (const row of db.prepare(`SELECT * FROM "${table}"`).raw().iterate() as IterableIterator<(number | null)[]>)
    stored.set(`${row[0]} ${row[1]}`, row);
  let wrong = 0;
  // A later bucket at the same position replaces an earlier one.
  const made = new Map<string, (number | null)[]>();
  makeBuckets(db, stream, columns, (row) => made.set(`${row[0]} ${row[1]}`, row));
  for (const [place, row] of made) {
    const there = stored.get(place);
    if (!there || !isSameBucket(row, there)) wrong += 1;
    stored.delete(place);
  }
  wrong += stored.size;
  if (wrong === 0) return [];
  return [{ code: 'samples.plot', where: table, message: `${wrong} buckets for plots do not agree with the samples` }];
}

export function rebuildPlots(db: Database, stream: SampleStream, columns: readonly SampleColumn[]): void {
  const table = decimatedTable(stream.id);
  const rows: (number | null)[][] = [];
  makeBuckets(db, stream, columns, (row) => rows.push(row));
  db.prepare(`DELETE FROM "${table}"`).run();
  const width = HEAD + OF_CHANNEL * columns.filter(isNumeric).length;
  const insert = db.prepare(`INSERT OR REPLACE INTO "${table}" VALUES (${Array(width).fill('?').join(',')})`);
  for (const row of rows) insert.run(row);
}

function rowOf(b: Bucket, channels: number): (number | null)[] {
  const row: (number | null)[] = [b.level, b.firstSeq, b.lastSeq, b.clock, b.fromNs, b.toNs, b.rows];
  for (let c = 0; c < channels; c += 1) row.push(orNull(b.min[c]), orNull(b.max[c]), orNull(meanOf(b, c)));
  return row;
}

const orNull = (value: number | undefined): number | null =>
  value === undefined || Number.isNaN(value) ? null : value;

/** @param made from the rows; @param stored in the index */
export function isSameBucket(made: readonly (number | null)[], stored: readonly (number | null)[]): boolean {
  return made.every((value, i) => {
    const other = stored[i] ?? null;
    if (value === other) return true;
    const isMean = i >= HEAD && (i - HEAD) % OF_CHANNEL === 2;
    if (!isMean || value === null || other === null) return false;
    const largest = Math.max(Math.abs(made[i - 2] ?? 0), Math.abs(made[i - 1] ?? 0), Number.MIN_VALUE);
    return Math.abs(value / 2 - other / 2) <= (SAME_MEAN / 2) * largest;
  });
}
