/** Losses formatted for people: `561 frames lost (11 %)`. A requested pause is not a loss. */
import type { SessionSummary, StreamSummary } from '../../electron/common/sessionSummary.ts';
import { counted, type WordKey } from '../components/words.ts';
import { shareText } from './healthWords.ts';

type Kind = StreamSummary['kind'];

const LOST: Readonly<Record<Kind, WordKey>> = { video: 'lost.frame', audio: 'lost.packet', samples: 'lost.sample' };

/** @param kept packets or samples that are safe; null: the share is not shown */
export function lostText(kind: Kind, lost: number, kept: number | null): string {
  if (kept === null) return counted(LOST[kind], lost);
  const share = lost === 0 ? 0 : lost / (lost + kept);
  return `${counted(LOST[kind], lost)} (${shareText(share)})`;
}

export interface Loss {
  /** The source's name. */
  name: string;
  text: string;
  /** Share of what was captured, 0 to 1. */
  share: number;
  /** Code of the most common reason; see `gapReason`. */
  cause: string;
}

/** Each stream that lost data, the worst first. */
export function lossesOf({ streams }: Pick<SessionSummary, 'streams'>): Loss[] {
  return streams
    .filter(({ drops }) => drops > 0)
    .map(({ id, label, kind, drops, count, cause }) => ({
      name: label || id,
      text: lostText(kind, drops, count),
      share: drops / (drops + count),
      cause,
    }))
    .sort((a, b) => b.share - a.share);
}
