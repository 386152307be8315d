import type { SessionSummary, StreamSummary } from '../../common/door.ts';
import { readManifest } from '../store/manifest.ts';
import { SessionReader } from '../store/sessionReader.ts';
import type { StreamSummary as StoredSummary } from '../store/summary.ts';

/**
 * The figures of a session, finished or still being recorded.
 * @throws FieldroomError `store.*` when the folder holds no session
 */
export function summarize(folder: string): SessionSummary {
  const reader = new SessionReader(folder);
  try {
    const manifest = readManifest(folder);
    const stored = reader.summary();
    const ends = stored.flatMap(({ lastNs }) => (lastNs === null ? [] : [lastNs]));
    return {
      id: manifest?.session ?? '',
      study: manifest?.study ?? '',
      state: manifest?.state ?? 'damaged',
      folder,
      durationNs: ends.length === 0 ? null : String(ends.reduce((a, b) => (b > a ? b : a))),
      bytes: stored.reduce((sum, { bytes }) => sum + bytes, 0),
      streams: stored.map((stream) => streamSummary(stream, offsetOf(reader, stream.id))),
    };
  } finally {
    reader.close();
  }
}

function streamSummary(
  { id, kind, count, firstNs, lastNs, durationNs, gaps, missing, bytes, uncertaintyNs, files }: StoredSummary,
  offsetNs: bigint | null,
): StreamSummary {
  return {
    id,
    kind,
    count,
    firstNs: text(firstNs),
    lastNs: text(lastNs),
    durationNs: text(durationNs),
    gaps,
    drops: missing,
    bytes,
    offsetNs: text(offsetNs),
    uncertaintyNs,
    files,
  };
}

const text = (ns: bigint | null): string | null => (ns === null ? null : String(ns));

/** Session time minus publisher time where the stream ended, by the best fit there is. */
function offsetOf({ db, clock }: SessionReader, stream: string): bigint | null {
  const last = db
    .prepare(
      'SELECT last_clock AS clock, last_publisher_ns AS ns FROM stream_state JOIN stream ON stream.id = stream WHERE name = ?',
    )
    .get(stream) as { clock: number | null; ns: number | null } | undefined;
  if (!last || last.clock === null || last.ns === null) return null;
  const sessionNs = clock.toSession(last.clock, last.ns);
  return sessionNs === null ? null : sessionNs - BigInt(last.ns);
}
