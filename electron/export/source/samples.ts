/** The samples of a stream in batches, verified against their checksums, with session time; damaged ones are left out and reported. */

import { type Block, blockChecksum, clearBlock, newBlock } from '../../session/format/sampleBlock.ts';
import { hasBounds, isNumeric, samplesTable } from '../../session/format/sampleTable.ts';
import { type ExportSource, isWithheld, type SourceStream } from './exportSource.ts';

/** Samples in order. Arrays have `count` items and are valid until the next block. */
export interface TimedBlock {
  count: number;
  seq: Float64Array;
  sessionNs: Float64Array;
  /** NaN: unknown. */
  uncertaintyNs: Float64Array;
  /** The device's own ticks; NaN: the sample has none; null: the stream has none. */
  deviceTime: Float64Array | null;
  /** Session time by the device's own clock; NaN: none. */
  deviceSessionNs: Float64Array | null;
  /** By channel: numbers (NaN: no value) or texts. */
  columns: (Float64Array | (string | null)[])[];
}

interface BatchRow {
  firstSeq: number;
  lastSeq: number;
  clock: number;
  crc32: number;
}

interface DeviceFit {
  fromSeq: number;
  toSeq: number;
  referenceDevice: number;
  referenceNs: number;
  nsPerTick: number;
}

const BATCHES_AT_ONCE = 256;
const MOST_ROWS = 70_000;

export function* samplesOf(
  source: ExportSource,
  stream: SourceStream,
  fromNs = -Infinity,
  toNs = Infinity,
): Generator<TimedBlock> {
  const { db, clock } = source.reader;
  const info = stream.stream;
  if (info.kind !== 'samples') return;
  const columns = source.reader.columns(info.id);
  const device = info.deviceClock !== undefined;
  const bounds = hasBounds(db, info.id);
  const names = [
    'clock',
    'publisher_ns',
    ...(device ? ['device_time'] : []),
    ...(bounds ? ['early_us'] : []),
    ...columns.map((c) => `"${c.column}"`),
  ];
  const rowsOf = db
    .prepare(`SELECT ${names.join(', ')} FROM "${samplesTable(info.id)}" WHERE seq BETWEEN ? AND ? ORDER BY seq`)
    .raw();
  const batchesAfter = db.prepare(
    `SELECT first_seq AS firstSeq, last_seq AS lastSeq, clock, crc32 FROM batch WHERE stream = ? AND first_seq > ? ORDER BY first_seq LIMIT ${BATCHES_AT_ONCE}`,
  );
  const fits = deviceFits(source, stream.number);
  const damage = damageOf(source, info.id);
  let block: Block | null = null;
  for (let last = -1; ; ) {
    const batches = batchesAfter.all(stream.number, last) as BatchRow[];
    if (batches.length === 0) break;
    for (const batch of batches) {
      last = batch.firstSeq;
      const count = batch.lastSeq - batch.firstSeq + 1;
      const rows = (count > 0 && count <= MOST_ROWS ? rowsOf.all(batch.firstSeq, batch.lastSeq) : []) as (
        | number
        | string
        | null
      )[][];
      if (!block || block.publisherNs.length < count)
        block = newBlock(
          columns.map((c) => !isNumeric(c)),
          { device, bounds },
          Math.max(count, 4096),
        );
      fill(block, rows);
      if (rows.length !== count || rows.some((row) => row[0] !== batch.clock) || blockChecksum(block) !== batch.crc32) {
        damage.add(Math.max(0, count));
        continue;
      }
      const timed = timedBlock(block, batch.firstSeq, clock.mapper(batch.clock), fits);
      const kept = keep(timed, stream, fromNs, toNs, damage);
      if (kept.count > 0) yield kept;
    }
  }
  damage.tell();
}

function fill(block: Block, rows: (number | string | null)[][]): void {
  clearBlock(block);
  const boundsAt = block.deviceTime ? 3 : 2;
  const first = block.earlyUs ? boundsAt + 1 : boundsAt;
  rows.forEach((row, i) => {
    block.publisherNs[i] = row[1] as number;
    if (block.deviceTime) block.deviceTime[i] = asNumber(row[2]);
    if (block.earlyUs) block.earlyUs[i] = asNumber(row[boundsAt]);
    block.columns.forEach((column, c) => {
      const value = row[first + c] ?? null;
      if (column instanceof Float64Array) column[i] = asNumber(value);
      else column.push(value as string | null);
    });
  });
  block.count = rows.length;
}

const asNumber = (value: number | string | null | undefined): number =>
  value === null || value === undefined ? Number.NaN : Number(value);

function timedBlock(
  block: Block,
  firstSeq: number,
  at: (publisherNs: number) => { sessionNs: number; uncertaintyNs: number },
  fits: readonly DeviceFit[],
): TimedBlock {
  const { count } = block;
  const timed: TimedBlock = {
    count,
    seq: Float64Array.from({ length: count }, (_, i) => firstSeq + i),
    sessionNs: new Float64Array(count),
    uncertaintyNs: new Float64Array(count),
    deviceTime: block.deviceTime?.subarray(0, count) ?? null,
    deviceSessionNs: block.deviceTime ? new Float64Array(count).fill(Number.NaN) : null,
    columns: block.columns.map((column) => (column instanceof Float64Array ? column.subarray(0, count) : column)),
  };
  for (let i = 0; i < count; i += 1) {
    const { sessionNs, uncertaintyNs } = at(block.publisherNs[i] as number);
    timed.sessionNs[i] = sessionNs;
    timed.uncertaintyNs[i] = uncertaintyNs + 1000 * (block.earlyUs?.[i] ?? 0);
  }
  if (timed.deviceTime && timed.deviceSessionNs)
    for (let i = 0; i < count; i += 1) {
      const seq = firstSeq + i;
      const fit = fits.findLast((one) => one.fromSeq <= seq);
      const ticks = timed.deviceTime[i] as number;
      if (!fit || seq > fit.toSeq || Number.isNaN(ticks)) continue;
      timed.deviceSessionNs[i] = at(
        fit.referenceNs + Math.round((ticks - fit.referenceDevice) * fit.nsPerTick),
      ).sessionNs;
    }
  return timed;
}

/** Only samples with a session time within [fromNs, toNs) that consent covers. */
function keep(block: TimedBlock, stream: SourceStream, fromNs: number, toNs: number, damage: Damage): TimedBlock {
  const wanted = (ns: number): boolean => ns >= fromNs && ns < toNs && !isWithheld(stream.withheld, ns);
  const rows: number[] = [];
  for (let i = 0; i < block.count; i += 1) {
    const ns = block.sessionNs[i] as number;
    if (Number.isNaN(ns)) damage.untimed += 1;
    else if (wanted(ns)) rows.push(i);
  }
  if (rows.length === block.count) return block;
  const take = <T extends Float64Array | null>(array: T): T =>
    array && (Float64Array.from(rows, (i) => array[i] as number) as T);
  return {
    count: rows.length,
    seq: take(block.seq),
    sessionNs: take(block.sessionNs),
    uncertaintyNs: take(block.uncertaintyNs),
    deviceTime: take(block.deviceTime),
    deviceSessionNs: take(block.deviceSessionNs),
    columns: block.columns.map((column) =>
      column instanceof Float64Array ? take(column) : rows.map((i) => column[i] ?? null),
    ),
  };
}

interface Damage {
  untimed: number;
  add(count: number): void;
  tell(): void;
}

/** Counts what a stream lost through damage, and reports it once. @param unit `samples`, `packets` */
export function damageOf(source: ExportSource, id: string, unit = 'samples'): Damage {
  let lost = 0;
  return {
    untimed: 0,
    add(count) {
      lost += count;
    },
    tell() {
      if (lost > 0)
        source.onDamage(`${id}: ${lost} ${unit} do not agree with their checksum or are missing, and were left out.`);
      if (this.untimed > 0)
        source.onDamage(`${id}: ${this.untimed} ${unit} were left out, because no clock fit gives their session time.`);
    },
  };
}

function deviceFits(source: ExportSource, stream: number): DeviceFit[] {
  return source.reader.db
    .prepare(
      `SELECT from_seq AS fromSeq, to_seq AS toSeq, reference_device AS referenceDevice, reference_ns AS referenceNs, ns_per_tick AS nsPerTick
       FROM device_fit WHERE stream = ? ORDER BY from_seq`,
    )
    .all(stream) as DeviceFit[];
}
