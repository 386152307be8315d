/** Writes the batches of one sample stream into its tables within the store's transaction. */
import type { Database, Statement } from 'better-sqlite3';
import type { SampleStream } from '../../common/stream.ts';
import type { SampleBatch } from '../../common/wire.ts';
import { type Acked, addToRuns, sumOf } from '../../session/format/commitLog.ts';
import { type Bucket, Decimator, meanOf } from '../../session/format/decimator.ts';
import { appendRows, type Block, blockChecksum, clearBlock, newBlock } from '../../session/format/sampleBlock.ts';
import {
  decimatedTable,
  hasBounds,
  isNumeric,
  type SampleColumn,
  sampleColumns,
  samplesTable,
} from '../../session/format/sampleTable.ts';

/** Rows of one INSERT: fewer calls into SQLite. */
const MANY = 32;

/** A row of `batch`. */
interface Batch {
  clock: number;
  firstSeq: number;
  lastSeq: number;
  fromNs: number;
  toNs: number;
  checksum: number;
}

export class SampleWriter {
  readonly columns: SampleColumn[];
  readonly rowBytes: number;
  readonly #stream: number;
  readonly #device: boolean;
  readonly #bounds: boolean;
  readonly #text: boolean[];
  readonly #many: Statement;
  readonly #one: Statement;
  readonly #batch: Statement;
  readonly #bucket: Statement;
  readonly #parameters: unknown[];
  readonly #decimator: Decimator;
  readonly #numeric: number[];
  #blocks: Block[] = [];
  #spare: Block | null = null;
  #buckets: Bucket[] = [];
  /** Highest publisher time so far on this clock, to detect rows out of time order: as committed, and as written. */
  #committedReached = { clock: -1, ns: -Infinity };
  #reached = { clock: -1, ns: -Infinity };
  #resume: (() => void) | null;
  #writtenBatches: Batch[] = [];
  pendingBytes = 0;

  constructor(db: Database, streamNumber: number, stream: SampleStream, nextSeq: number) {
    this.#stream = streamNumber;
    this.columns = sampleColumns(stream.channels);
    this.#device = stream.deviceClock !== undefined;
    this.#bounds = hasBounds(db, stream.id);
    this.#text = this.columns.map((c) => !isNumeric(c));
    const table = samplesTable(stream.id);
    const names = [
      'seq',
      'clock',
      'publisher_ns',
      ...(this.#device ? ['device_time'] : []),
      ...(this.#bounds ? ['early_us'] : []),
      ...this.columns.map((c) => `"${c.column}"`),
    ];
    // The bounds that a publisher states for a row's time do not count as data.
    this.rowBytes = (names.length - (this.#bounds ? 1 : 0)) * 8;
    const row = `(${names.map(() => '?').join(',')})`;
    const insert = (rows: number): Statement =>
      db.prepare(`INSERT INTO "${table}" (${names.join(',')}) VALUES ${Array(rows).fill(row).join(',')}`);
    this.#many = insert(this.#manyRows);
    this.#one = insert(1);
    this.#parameters = new Array(this.#manyRows * names.length).fill(0);
    this.#batch = db.prepare(
      'INSERT INTO batch (stream, first_seq, last_seq, clock, min_publisher_ns, max_publisher_ns, reached_publisher_ns, disorder_ns, crc32) VALUES (?,?,?,?,?,?,?,?,?)',
    );
    this.#numeric = this.columns.flatMap((c, i) => (isNumeric(c) ? [i] : []));
    const bucketValues = Array(7 + this.#numeric.length * 3)
      .fill('?')
      .join(',');
    this.#bucket = db.prepare(`INSERT OR REPLACE INTO "${decimatedTable(stream.id)}" VALUES (${bucketValues})`);
    this.#decimator = new Decimator(this.#numeric.length, (bucket) => this.#buckets.push(bucket));
    this.#resume = nextSeq === 0 ? null : () => this.#refill(db, table, nextSeq);
  }

  get #manyRows(): number {
    return Math.max(1, Math.min(MANY, Math.floor(8192 / (this.columns.length + 4))));
  }

  /** Rows [from, end) of a batch that are new; its sequence numbers are above all before. */
  add(batch: SampleBatch, from: number, clock: number, bytes: number): void {
    this.#resume?.();
    this.#resume = null;
    const end = batch.publisherNs.length;
    for (let i = from; i < end; ) {
      const seq = batch.firstSeq + i;
      const block = this.#blockFor(seq, clock);
      const take = Math.min(end - i, block.publisherNs.length - block.count);
      const start = block.count;
      appendRows(block, batch, i, take);
      this.#decimator.push({
        firstSeq: seq,
        clock,
        count: take,
        publisherNs: block.publisherNs.subarray(start, block.count),
        numeric: this.#numeric.map((c) => (block.columns[c] as Float64Array).subarray(start, block.count)),
      });
      i += take;
    }
    this.pendingBytes += bytes;
  }

  /** Inserts all pending rows. The caller's transaction decides whether they stay; `committed` clears them. */
  write(): void {
    this.#reached = this.#committedReached;
    this.#writtenBatches = [];
    for (const block of this.#blocks) this.#writeBlock(block);
    for (const bucket of this.#buckets) this.#writeBucket(bucket);
  }

  /** The rows of the last `write`; may be empty. */
  acked(): Acked[] {
    const [first, last] = [this.#writtenBatches[0], this.#writtenBatches.at(-1)];
    if (!first || !last) return [];
    const runs: number[] = [];
    for (const { firstSeq, lastSeq } of this.#writtenBatches) addToRuns(runs, firstSeq, lastSeq);
    const sum = sumOf(this.#writtenBatches.map(({ checksum }) => checksum));
    return [
      {
        stream: this.#stream,
        fromClock: first.clock,
        fromNs: first.fromNs,
        toClock: last.clock,
        toNs: last.toNs,
        sum,
        runs,
      },
    ];
  }

  committed(): void {
    this.#writtenBatches = [];
    this.#committedReached = this.#reached;
    const first = this.#blocks[0];
    if (first) {
      clearBlock(first);
      this.#spare = first;
    }
    this.#blocks = [];
    this.#buckets = [];
    this.pendingBytes = 0;
  }

  #blockFor(seq: number, clock: number): Block {
    const last = this.#blocks.at(-1);
    if (last && last.clock === clock && last.firstSeq + last.count === seq && last.count < last.publisherNs.length)
      return last;
    const block = this.#spare ?? newBlock(this.#text, { device: this.#device, bounds: this.#bounds });
    this.#spare = null;
    block.clock = clock;
    block.firstSeq = seq;
    this.#blocks.push(block);
    return block;
  }

  #writeBlock(block: Block): void {
    const { count, firstSeq, clock, publisherNs, deviceTime, earlyUs, columns } = block;
    const parameters = this.#parameters;
    const many = this.#manyRows;
    let p = 0;
    let min = Infinity;
    let max = -Infinity;
    let reached = this.#reached.clock === clock ? this.#reached.ns : -Infinity;
    let disorder = 0;
    for (let i = 0; i < count; i += 1) {
      const ns = publisherNs[i] as number;
      if (ns < min) min = ns;
      if (ns > max) max = ns;
      if (ns > reached) reached = ns;
      else if (reached - ns > disorder) disorder = reached - ns;
      parameters[p++] = firstSeq + i;
      parameters[p++] = clock;
      parameters[p++] = ns;
      if (deviceTime) parameters[p++] = deviceTime[i];
      if (earlyUs) parameters[p++] = earlyUs[i];
      for (let c = 0; c < columns.length; c += 1) parameters[p++] = (columns[c] as Float64Array)[i];
      if (p === parameters.length) {
        this.#many.run(parameters);
        p = 0;
      } else if (count - i <= count % many) {
        this.#one.run(parameters.slice(0, p));
        p = 0;
      }
    }
    this.#reached = { clock, ns: reached };
    const checksum = blockChecksum(block);
    this.#writtenBatches.push({
      clock,
      firstSeq,
      lastSeq: firstSeq + count - 1,
      fromNs: publisherNs[0] as number,
      toNs: publisherNs[count - 1] as number,
      checksum,
    });
    this.#batch.run(this.#stream, firstSeq, firstSeq + count - 1, clock, min, max, reached, disorder, checksum);
  }

  #writeBucket(b: Bucket): void {
    const values: unknown[] = [b.level, b.firstSeq, b.lastSeq, b.clock, b.fromNs, b.toNs, b.rows];
    for (let c = 0; c < this.#numeric.length; c += 1) {
      const n = b.values[c] as number;
      values.push(b.min[c], b.max[c], n === 0 ? null : meanOf(b, c));
    }
    this.#bucket.run(values);
  }

  /** After a restart: rebuilds the open buckets from the stored rows. */
  #refill(db: Database, table: string, nextSeq: number): void {
    const last = db
      .prepare('SELECT clock, reached_publisher_ns AS ns FROM batch WHERE stream = ? ORDER BY first_seq DESC LIMIT 1')
      .get(this.#stream) as { clock: number; ns: number } | undefined;
    if (last) this.#committedReached = last;
    const names = this.#numeric.map((c) => `"${(this.columns[c] as SampleColumn).column}"`);
    const rows = db
      .prepare(
        `SELECT seq, clock, publisher_ns${names.map((n) => `, ${n}`).join('')} FROM "${table}" WHERE seq >= ? ORDER BY seq`,
      )
      .raw();
    const publisherNs = new Float64Array(1);
    const numeric = names.map(() => new Float64Array(1));
    for (const row of rows.iterate(Decimator.restartSeq(nextSeq)) as IterableIterator<(number | null)[]>) {
      publisherNs[0] = row[2] as number;
      numeric.forEach((column, i) => {
        column[0] = row[3 + i] ?? Number.NaN;
      });
      this.#decimator.push({ firstSeq: row[0] as number, clock: row[1] as number, count: 1, publisherNs, numeric });
    }
  }
}
