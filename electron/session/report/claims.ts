/** What may be claimed: how far apart two times of different streams may be and still be one moment. */
import type { Claim, StreamTiming } from './timing.ts';

/** More groups than this make a table that nobody reads. */
const MOST_GROUPS = 12;
/**
 * How far a stamp may be from what happened, by the sync bench (docs/measurements.md, medians rounded up; a picture's holds
 * half a refresh of the screen it looked at). A camera's own exposure and transport are not in it: nothing here sees them.
 */
const STAMP_MS = { video: 10, audio: 3, samples: 0.1 };

interface Group {
  name: string;
  streams: StreamTiming[];
}

const ORDER = { video: 0, audio: 1, samples: 2 };

/** The groups of streams that claims are about: pictures first, then sound, then sensors. */
export function groupsOf(streams: readonly StreamTiming[]): Group[] {
  const having = streams.filter(({ count }) => count > 0).sort((a, b) => ORDER[a.kind] - ORDER[b.kind]);
  return [...Map.groupBy(having, ({ group }) => group)]
    .map(([name, of]) => ({ name, streams: of }))
    .slice(0, MOST_GROUPS);
}

export function claimsOf(streams: readonly StreamTiming[]): Claim[] {
  const groups = groupsOf(streams);
  return groups.flatMap((a, i) =>
    groups
      .slice(i)
      .flatMap((b) => (a === b && a.streams.length < 2 ? [] : [{ a: a.name, b: b.name, withinMs: within(a, b) }])),
  );
}

/** The widest of all pairs. */
function within(a: Group, b: Group): number | null {
  let widest = 0;
  for (const one of a.streams)
    for (const other of b.streams) {
      if (one === other) continue;
      const apart = pair(one, other);
      if (apart === null) return null;
      widest = Math.max(widest, apart);
    }
  return widest;
}

/** Streams of one clock share its error: only their own stamps are left between them. */
function pair(a: StreamTiming, b: StreamTiming): number | null {
  const stamps = stampMs(a) + stampMs(b);
  if (a.clocks.length === 1 && b.clocks.length === 1 && a.clocks[0] === b.clocks[0]) return stamps;
  return a.uncertaintyMs && b.uncertaintyMs ? a.uncertaintyMs.p95 + b.uncertaintyMs.p95 + stamps : null;
}

/** How far a single stamp may be from the moment that the computer got the data. */
function stampMs({ kind, jitterMs, device }: StreamTiming): number {
  if (kind !== 'samples') return STAMP_MS[kind];
  return STAMP_MS.samples + (device?.arrivalMs?.p95 ?? jitterMs?.p95 ?? 0);
}
