/** A session's data by session time, in the shapes of the door: packets, plots, samples, and the values at a moment. */
import type { PacketIndex, Plot, ReviewSamples, ValuesAt } from '../../common/review.ts';
import { type SampleColumn, samplesTable } from '../../session/format/sampleTable.ts';
import { plotChannel } from '../../session/read/plot.ts';
import type { SessionReader, Value } from '../../session/read/sessionReader.ts';

interface SegmentConfig {
  codec?: string;
  description?: string;
  codedWidth?: number;
  codedHeight?: number;
  sampleRate?: number;
  numberOfChannels?: number;
  preSkip?: number;
}

export function packetIndex(
  reader: SessionReader,
  id: string,
  fromNs: bigint,
  toNs: bigint,
  limit: number,
): PacketIndex {
  const packets = reader.packets(id, fromNs, toNs, limit);
  const files: PacketIndex['files'] = [];
  const numbers = new Map<string, number>();
  const config = reader.db.prepare('SELECT config FROM segment WHERE file = ?').pluck();
  const numberOf = (file: string): number => {
    let number = numbers.get(file);
    if (number === undefined) {
      number = files.push(fileOf(file, JSON.parse(config.get(file) as string) as SegmentConfig)) - 1;
      numbers.set(file, number);
    }
    return number;
  };
  return {
    seq: packets.map(({ seq }) => seq),
    ns: packets.map(({ sessionNs }) => Number(sessionNs)),
    durationNs: packets.map(({ durationNs }) => durationNs),
    key: packets.map(({ key }) => key),
    file: packets.map(({ file }) => numberOf(file)),
    offset: packets.map(({ offset }) => offset),
    length: packets.map(({ length }) => length),
    files,
  };
}

const fileOf = (file: string, config: SegmentConfig): PacketIndex['files'][number] => ({
  path: file.replace(/^media\//, ''),
  codec: config.codec ?? '',
  description: config.description ?? null,
  width: config.codedWidth ?? null,
  height: config.codedHeight ?? null,
  sampleRate: config.sampleRate ?? null,
  channels: config.numberOfChannels ?? null,
  preSkip: config.preSkip ?? 0,
});

export function plotOf(
  reader: SessionReader,
  input: { stream: string; channel: string; fromNs: bigint; toNs: bigint; points: number },
): Plot {
  const points = plotChannel(reader, input.stream, input.channel, input.fromNs, input.toNs, input.points);
  return {
    ns: points.map(({ fromNs, toNs }) => Number((fromNs + toNs) / 2n)),
    min: points.map(({ min }) => min),
    max: points.map(({ max }) => max),
    mean: points.map(({ mean }) => mean),
  };
}

export function sampleWindow(
  reader: SessionReader,
  id: string,
  fromNs: bigint,
  toNs: bigint,
  limit: number,
): ReviewSamples {
  const { seq, sessionNs, uncertaintyNs, values } = reader.samples(id, fromNs, toNs, limit);
  const stated = uncertaintyNs.map((ns) => (Number.isNaN(ns) ? null : ns));
  return { seq, ns: sessionNs.map(Number), uncertaintyNs: stated, values };
}

/** Search windows, nearest first: a heartbeat is seconds old, a clicker may be idle for an hour. */
const BACK_NS = [5_000_000_000n, 300_000_000_000n, 1n << 62n] as const;
/** Rows out of time order are near the end of a window; no more than this are read. */
const LAST_ROWS = 500;

export function valuesAt(reader: SessionReader, atNs: bigint): ValuesAt {
  return reader.streams().flatMap(({ stream }): ValuesAt => {
    if (stream.kind !== 'samples') return [];
    const columns = reader.columns(stream.id);
    for (const back of BACK_NS) {
      const found = lastSample(reader, stream.id, columns, atNs - back, atNs);
      if (found) return [{ stream: stream.id, ...found }];
    }
    return [];
  });
}

/** The sample with the greatest session time in [fromNs, atNs]. */
function lastSample(
  reader: SessionReader,
  id: string,
  columns: readonly SampleColumn[],
  fromNs: bigint,
  atNs: bigint,
): { seq: number; ns: number; values: Value[] } | null {
  const names = ['seq', 'publisher_ns', ...columns.map(({ column }) => `"${column}"`)].join(', ');
  const select = reader.db
    .prepare(
      `SELECT ${names} FROM "${samplesTable(id)}" WHERE seq BETWEEN ? AND ? AND clock = ? ORDER BY seq DESC LIMIT ?`,
    )
    .raw();
  const [from, at] = [Number(fromNs), Number(atNs)];
  let best: { seq: number; ns: number; values: Value[] } | null = null;
  for (const range of reader.ranges(id, fromNs, atNs)) {
    const toSession = reader.clock.mapper(range.clock);
    let last = range.lastSeq;
    let inside = 0;
    while (last >= range.firstSeq && inside < LAST_ROWS) {
      const rows = select.all(range.firstSeq, last, range.clock, LAST_ROWS) as Value[][];
      for (const [seq, publisherNs, ...values] of rows) {
        const { sessionNs } = toSession(publisherNs as number);
        if (!(sessionNs >= from && sessionNs <= at)) continue;
        inside += 1;
        if (!best || sessionNs > best.ns) best = { seq: seq as number, ns: sessionNs, values };
      }
      if (rows.length < LAST_ROWS) break;
      last = (rows.at(-1)?.[0] as number) - 1;
    }
  }
  return best;
}
