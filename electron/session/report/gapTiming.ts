/** A stream's missing data, with times and causes. */
import type { Database } from 'better-sqlite3';
import type { GapsOfCause, GapTiming, StreamTiming } from './timing.ts';

/** Only the longest are listed; the totals include all. */
const LISTED = 60;

interface Row {
  fromNs: bigint | null;
  toNs: bigint | null;
  cause: string;
  missing: bigint;
  detail: string;
}

export function gapTimings(
  db: Database,
  stream: string,
  lengthS: number,
): Pick<StreamTiming, 'missing' | 'gapSeconds' | 'gapsByCause' | 'gaps' | 'gapCount'> {
  const rows = db
    .prepare(
      'SELECT from_session_ns AS fromNs, to_session_ns AS toNs, cause, missing, detail FROM timed_gap WHERE stream = ? ORDER BY 1',
    )
    .safeIntegers()
    .all(stream) as Row[];
  const gaps = rows.map(
    ({ fromNs, toNs, cause, missing, detail }): GapTiming => ({
      fromS: fromNs === null ? null : Number(fromNs) / 1e9,
      toS: toNs === null ? null : Number(toNs) / 1e9,
      cause,
      missing: Number(missing),
      detail,
    }),
  );
  const seconds = ({ fromS, toS }: GapTiming): number =>
    fromS === null ? 0 : Math.max(0, Math.min(toS ?? lengthS, lengthS) - Math.max(0, fromS));
  const byCause = [...Map.groupBy(gaps, ({ cause }) => cause)].map(
    ([cause, of]): GapsOfCause => ({
      cause,
      gaps: of.length,
      seconds: of.reduce((sum, gap) => sum + seconds(gap), 0),
      longestS: of.reduce((most, gap) => Math.max(most, seconds(gap)), 0),
      missing: of.reduce((sum, { missing }) => sum + missing, 0),
    }),
  );
  const listed = new Set([...gaps].sort((a, b) => seconds(b) - seconds(a)).slice(0, LISTED));
  return {
    missing: gaps.reduce((sum, { missing }) => sum + missing, 0),
    gapSeconds: unionSeconds(gaps, lengthS),
    gapsByCause: byCause.sort((a, b) => b.seconds - a.seconds),
    gaps: gaps.filter((gap) => listed.has(gap)),
    gapCount: gaps.length,
  };
}

/** Gaps may overlap: time in any of them counts once. Rows are ordered by start. */
function unionSeconds(gaps: readonly GapTiming[], lengthS: number): number {
  let reached = 0;
  let sum = 0;
  for (const { fromS, toS } of gaps) {
    if (fromS === null) continue;
    const from = Math.max(reached, fromS);
    const to = Math.min(toS ?? lengthS, lengthS);
    if (to > from) sum += to - from;
    reached = Math.max(reached, to);
  }
  return sum;
}
