/** The packets of one commit, grouped by stream, in the form of the commit log. */
import { type Acked, addToRuns, sumOf } from '../../session/format/commitLog.ts';
import { PACKET_COLUMNS } from '../../session/format/indexWriter.ts';

const WIDTH = PACKET_COLUMNS.length;
const at = (name: (typeof PACKET_COLUMNS)[number]): number => PACKET_COLUMNS.indexOf(name);
const [STREAM, SEQ, CLOCK, NS, DURATION, SUM] = [
  at('stream'),
  at('seq'),
  at('clock'),
  at('publisher_ns'),
  at('duration_ns'),
  at('row_crc32'),
];

/**
 * @param rows the values of one packet after the other, in the order of `PACKET_COLUMNS`; ascending `seq` within each
 * stream
 */
export function ackedPackets(rows: readonly number[]): Acked[] {
  const streams = new Map<number, { acked: Acked; checksums: number[] }>();
  for (let i = 0; i < rows.length; i += WIDTH) {
    const of = (column: number): number => rows[i + column] as number;
    const [stream, clock, ns] = [of(STREAM), of(CLOCK), of(NS)];
    let found = streams.get(stream);
    if (!found) {
      const acked = { stream, fromClock: clock, fromNs: ns, toClock: clock, toNs: ns, sum: 0, runs: [] };
      found = { acked, checksums: [] };
      streams.set(stream, found);
    }
    addToRuns(found.acked.runs, of(SEQ));
    found.acked.toClock = clock;
    found.acked.toNs = ns + of(DURATION);
    found.checksums.push(of(SUM));
  }
  return [...streams.values()].map(({ acked, checksums }) => ({ ...acked, sum: sumOf(checksums) }));
}
