/** Accuracy between streams: how far apart two times of different streams may be and still be simultaneous. */
import type { Claim, StreamTiming } from './timing.ts';

/** More groups than this make an unreadable table. */
const MOST_GROUPS = 12;
/** Each side's figure applies to 95 % of its rows, so both apply to at least nine of ten pairs. */
const SHARE = 0.9;

interface Group {
  name: string;
  streams: StreamTiming[];
}

const ORDER = { video: 0, audio: 1, samples: 2 };

/** The groups of streams that are compared: video, then audio, then sensors. */
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
      .flatMap((b) =>
        a === b && a.streams.length < 2 ? [] : [{ a: a.name, b: b.name, withinMs: within(a, b), share: SHARE }],
      ),
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

/** Streams with the same clock share its error: only the bounds of their own rows remain between them. */
function pair(a: StreamTiming, b: StreamTiming): number | null {
  if (!a.stampMs || !b.stampMs) return null;
  const stamps = a.stampMs.p95 + b.stampMs.p95;
  if (a.clocks.length === 1 && b.clocks.length === 1 && a.clocks[0] === b.clocks[0]) return stamps;
  return a.uncertaintyMs && b.uncertaintyMs ? a.uncertaintyMs.p95 + b.uncertaintyMs.p95 + stamps : null;
}
