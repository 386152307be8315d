/** Gaps formatted for people: a burst of lost frames is one entry with a count, not one row each. Pure. */
import type { ReviewGap } from '../../../electron/common/review.ts';
import { isPause } from './lanes.ts';

export interface GapGroup {
  stream: string;
  cause: string;
  pause: boolean;
  fromNs: number;
  /** Null: it had not ended. */
  toNs: number | null;
  /** Frames, packets or samples lost in all of them. */
  missing: number;
  /** How many gaps it combines. */
  count: number;
}

/** Gaps of one stream and cause that are no further apart than this belong to one burst. */
const NEAR_NS = 5e9;

/** Sorted by time. A gap whose time is not known is omitted. */
export function groupGaps(gaps: readonly ReviewGap[]): GapGroup[] {
  const open = new Map<string, GapGroup>();
  const groups: GapGroup[] = [];
  const known = gaps.filter((gap): gap is ReviewGap & { fromNs: string } => gap.fromNs !== null);
  for (const gap of known.toSorted((a, b) => Number(a.fromNs) - Number(b.fromNs))) {
    const key = `${gap.stream} ${gap.cause}`;
    const [fromNs, toNs] = [Number(gap.fromNs), gap.toNs === null ? null : Number(gap.toNs)];
    const last = open.get(key);
    if (last && last.toNs !== null && fromNs - last.toNs <= NEAR_NS && !last.pause) {
      last.toNs = toNs === null ? null : Math.max(toNs, last.toNs);
      last.missing += gap.missing;
      last.count += 1;
      continue;
    }
    const group = {
      stream: gap.stream,
      cause: gap.cause,
      pause: isPause(gap),
      fromNs,
      toNs,
      missing: gap.missing,
      count: 1,
    };
    open.set(key, group);
    groups.push(group);
  }
  return groups;
}
