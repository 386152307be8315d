/** Sorting and filtering of the list of sessions. Pure. */
import { matches, type SessionEntry, titleOf } from '../../../electron/common/review.ts';
import { TEST_STUDY } from '../../../electron/common/study.ts';
import type { WordKey } from '../../components/words.ts';

export const ORDERS = ['newest', 'oldest', 'name', 'longest', 'largest'] as const;
export type Order = (typeof ORDERS)[number];

export const ORDER_WORDS: Readonly<Record<Order, WordKey>> = {
  newest: 'sessions.order.newest',
  oldest: 'sessions.order.oldest',
  name: 'sessions.order.name',
  longest: 'sessions.order.longest',
  largest: 'sessions.order.largest',
};

export interface SessionFilter {
  search: string;
  /** Empty: every study except test recordings. */
  study: string;
  order: Order;
}

export function shownSessions(
  sessions: readonly SessionEntry[],
  { search, study, order }: SessionFilter,
  nowMs = Date.now(),
): SessionEntry[] {
  return sessions
    .filter((entry) => (study === '' ? entry.study !== TEST_STUDY || search !== '' : entry.study === study))
    .filter((entry) => matches(entry, search, nowMs))
    .toSorted(COMPARE[order]);
}

/** The available studies, those of people first. */
export const studiesOf = (sessions: readonly SessionEntry[]): string[] => {
  const all = [...new Set(sessions.map(({ study }) => study))].sort();
  return [...all.filter((study) => study !== TEST_STUDY), ...all.filter((study) => study === TEST_STUDY)];
};

const newest = (a: SessionEntry, b: SessionEntry): number =>
  (b.startedAtMs ?? 0) - (a.startedAtMs ?? 0) || b.id.localeCompare(a.id);

const COMPARE: Readonly<Record<Order, (a: SessionEntry, b: SessionEntry) => number>> = {
  newest,
  oldest: (a, b) => newest(b, a),
  name: (a, b) => titleOf(a).localeCompare(titleOf(b), undefined, { numeric: true }) || newest(a, b),
  longest: (a, b) => Number(b.durationNs ?? 0) - Number(a.durationNs ?? 0) || newest(a, b),
  largest: (a, b) => b.bytes - a.bytes || newest(a, b),
};
