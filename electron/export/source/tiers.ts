/** Tiers that an annotation program shows with the media: markers, gaps, assignments, texts of sensors, and people's annotations. */
import type { SampleStream } from '../../common/stream.ts';
import type { ExportSource } from './exportSource.ts';
import { samplesOf } from './samples.ts';

export interface TierItem {
  fromNs: number;
  toNs: number;
  text: string;
}

export interface Tier {
  name: string;
  participant: string;
  /** `recorded` by Fieldroom, or `annotated` by people afterwards. */
  origin: 'recorded' | 'annotated';
  items: TierItem[];
}

/** A moment is shown this long, or until the next one. */
const MOMENT_NS = 500e6;
/** A stream with more texts than this is data, not annotation. */
const MOST_TEXTS = 20_000;

export function tiersOf(source: ExportSource): Tier[] {
  const { endNs } = source;
  const recorded = (name: string, items: TierItem[], participant = ''): Tier => ({
    name,
    participant,
    origin: 'recorded',
    items,
  });
  const moment = (atNs: number, text: string): TierItem => ({ fromNs: atNs, toNs: atNs + MOMENT_NS, text });
  const markers = source.markers.map(({ atNs, code, note }) => moment(atNs, note ? `${code}: ${note}` : code));
  const gaps = [...new Set(source.gaps.map(({ stream }) => stream))].map((id) =>
    recorded(
      `gaps ${id}`,
      source.gaps
        .filter(({ stream, fromNs }) => stream === id && fromNs !== null)
        .map(({ fromNs, toNs, cause, missing }) => ({
          fromNs: fromNs ?? 0,
          toNs: Math.max(toNs ?? endNs, (fromNs ?? 0) + 1e6),
          text: missing > 0 ? `${cause} (${missing})` : cause,
        })),
    ),
  );
  const worn = [
    ...new Set(source.assignments.filter(({ participant }) => participant !== null).map((one) => one.source)),
  ].map((id) =>
    recorded(
      `worn ${id}`,
      source.assignments
        .filter((one) => one.source === id && one.participant !== null)
        .map(({ fromNs, toNs, participant }) => ({
          fromNs: Math.max(0, fromNs),
          toNs: Math.min(toNs, endNs),
          text: participant ?? '',
        }))
        .filter(({ fromNs, toNs }) => toNs > fromNs),
    ),
  );
  const annotated = new Map<string, Tier>();
  for (const { tier, participant, fromNs, toNs, text } of source.annotations) {
    const known = annotated.get(tier) ?? { name: tier, participant, origin: 'annotated' as const, items: [] };
    annotated.set(tier, known);
    known.items.push({ fromNs, toNs, text });
  }
  return [recorded('markers', markers), ...annotated.values(), ...textTiers(source, moment), ...worn, ...gaps].filter(
    ({ items }) => items.length > 0,
  );
}

function textTiers(source: ExportSource, moment: (atNs: number, text: string) => TierItem): Tier[] {
  return source.ofKind.samples
    .filter(({ count }) => count <= MOST_TEXTS)
    .flatMap((stream) => {
      const { channels, id } = stream.stream as SampleStream;
      return channels.flatMap((channel, c): Tier[] => {
        if (channel.type !== 'text') return [];
        const items: TierItem[] = [];
        for (const block of samplesOf(source, stream))
          for (let i = 0; i < block.count; i += 1) {
            const text = (block.columns[c] as (string | null)[])[i];
            if (text !== null && text !== undefined) items.push(moment(block.sessionNs[i] as number, text));
          }
        return [{ name: `${id} ${channel.name}`, participant: '', origin: 'recorded', items }];
      });
    });
}

/** Arranges items in as few rows as possible without overlaps; a momentary item ends where the next one begins. */
export function lanesOf(items: readonly TierItem[], stepNs = 1e6): TierItem[][] {
  const round = (ns: number): number => Math.round(Math.max(0, ns) / stepNs) * stepNs;
  const sorted = items
    .map(({ fromNs, toNs, text }) => ({
      fromNs: round(fromNs),
      toNs: Math.max(round(toNs), round(fromNs) + stepNs),
      text,
      isMoment: Math.abs(toNs - fromNs - MOMENT_NS) < 1,
    }))
    .sort((a, b) => a.fromNs - b.fromNs);
  const lanes: (typeof sorted)[] = [];
  for (const item of sorted) {
    const lane = lanes.find((one) => {
      const last = one.at(-1);
      return !last || last.toNs <= item.fromNs || (last.isMoment && last.fromNs < item.fromNs);
    });
    const last = lane?.at(-1);
    if (last && last.toNs > item.fromNs) last.toNs = item.fromNs;
    if (lane) lane.push(item);
    else lanes.push([item]);
  }
  return lanes.map((lane) => lane.map(({ fromNs, toNs, text }) => ({ fromNs, toNs, text })));
}
