import type { SessionSummary, StreamSummary } from '../common/sessionSummary.ts';
import { formatBytes, formatDuration } from '../common/units.ts';
import { table } from './terminal.ts';

/** A session's figures as text: one row per stream. */
export function summaryText(summary: SessionSummary): string {
  const rows = summary.streams.map((stream) => [
    stream.id,
    stream.kind,
    String(stream.count),
    stream.firstNs === null ? 'none' : formatDuration(BigInt(stream.firstNs)),
    stream.durationNs === null ? 'none' : formatDuration(BigInt(stream.durationNs)),
    String(stream.gaps),
    String(stream.drops),
    formatBytes(stream.bytes),
    clock(stream),
  ]);
  const length = summary.durationNs === null ? 'no data' : formatDuration(BigInt(summary.durationNs));
  return [
    `Session ${summary.id} of study ${summary.study}: ${length}, ${formatBytes(summary.bytes)}, ${summary.state}`,
    '',
    table(['stream', 'kind', 'packets', 'starts at', 'length', 'gaps', 'drops', 'size', 'clock'], rows),
    '',
    `Folder: ${summary.folder}`,
  ].join('\n');
}

/** Uncertainty of a stream's clock: how accurate its times are relative to the session. */
function clock({ uncertaintyNs }: StreamSummary): string {
  return uncertaintyNs === null ? 'unknown' : `±${(uncertaintyNs / 1e6).toFixed(3)} ms`;
}
