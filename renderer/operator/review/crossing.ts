/** The next moment at which a channel crosses a value: first coarsely by the extremes of buckets, then exactly by samples. */
import type { Plot, ReviewSamples } from '../../../electron/common/review.ts';

export interface Threshold {
  /** Above the value, or below it. */
  above: boolean;
  value: number;
}

export interface CrossingSource {
  plot(fromNs: number, toNs: number): Promise<Pick<Plot, 'ns' | 'min' | 'max'>>;
  samples(fromNs: number, toNs: number): Promise<Pick<ReviewSamples, 'ns' | 'values'>>;
}

/**
 * @param channel index in the values of a sample
 * @returns session nanoseconds of the first sample beyond the value after one that was not; null: there is none
 */
export async function nextCrossing(
  source: CrossingSource,
  channel: number,
  { above, value }: Threshold,
  fromNs: number,
  toNs: number,
): Promise<number | null> {
  const { ns, min, max } = await source.plot(fromNs, toNs);
  const isBeyond = (one: number): boolean => (above ? one > value : one < value);
  /** Null: the current side is not known yet. */
  let inside: boolean | null = null;
  for (let i = 0; i < ns.length; i += 1) {
    const [low, high] = [min[i], max[i]];
    if (low == null || high == null) continue;
    const some = isBeyond(above ? high : low);
    const all = isBeyond(above ? low : high);
    if (some && !(inside === true && all)) {
      const before = ns[i - 1] ?? fromNs;
      const after = ns[i + 1] ?? toNs;
      const exact = await firstIn(source, channel, isBeyond, Math.max(before, fromNs), after, inside);
      if (exact !== null) return exact;
    }
    inside = all ? true : some ? null : false;
  }
  return null;
}

/** @param before the side at the beginning; null: determined by the first sample */
async function firstIn(
  source: CrossingSource,
  channel: number,
  isBeyond: (value: number) => boolean,
  fromNs: number,
  toNs: number,
  before: boolean | null,
): Promise<number | null> {
  const { ns, values } = await source.samples(fromNs, toNs);
  let inside = before;
  for (let i = 0; i < ns.length; i += 1) {
    const one = values[channel]?.[i];
    if (typeof one !== 'number') continue;
    const beyond = isBeyond(one);
    const at = ns[i] as number;
    if (beyond && inside === false && at > fromNs) return at;
    inside = beyond;
  }
  return null;
}
