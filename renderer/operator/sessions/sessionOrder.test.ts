import { describe, expect, it } from 'vitest';
import { type SessionEntry, titleOf } from '../../../electron/common/review.ts';
import { shownSessions, studiesOf } from './sessionOrder.ts';

const NOON = new Date(2026, 10, 30, 12).getTime();
const DAY_MS = 86_400_000;

const entry = (name: string, daysAgo: number, more: Partial<SessionEntry> = {}): SessionEntry =>
  ({
    id: `id-${name}`,
    key: name,
    study: 'physics-7b',
    name,
    notes: '',
    fields: {},
    state: 'sealed',
    startedAtMs: NOON - daysAgo * DAY_MS,
    durationNs: '60000000000',
    bytes: 1,
    participants: [],
    ...more,
  }) as SessionEntry;

const all = [
  entry('Levers', 1, { participants: ['P03'], bytes: 5 }),
  entry('Pendulum', 0, { fields: { Condition: 'B' } }),
  entry('', 20, { study: 'chemistry', durationNs: '900000000000' }),
  entry('Test recording', 0, { study: 'test-recordings' }),
];
const names = (filter: Partial<Parameters<typeof shownSessions>[1]>): string[] =>
  shownSessions(all, { search: '', study: '', order: 'newest', ...filter }, NOON).map(titleOf);

describe('the list of sessions', () => {
  it.each([
    ['yesterday', ['Levers']],
    ['today', ['Pendulum', 'Test recording']],
    ['2026-11-29', ['Levers']],
    ['p03', ['Levers']],
    ['b pendulum', ['Pendulum']],
    ['nothing at all', []],
  ])('finds %s', (search, found) => expect(names({ search }).sort()).toEqual(found));

  it('keeps test recordings apart from lessons', () => {
    expect(names({})).toEqual(['Pendulum', 'Levers', 'chemistry 2026-11-10 12:00']);
    expect(names({ study: 'test-recordings' })).toEqual(['Test recording']);
    expect(studiesOf(all)).toEqual(['chemistry', 'physics-7b', 'test-recordings']);
  });

  it.each([
    ['oldest', 'chemistry 2026-11-10 12:00'],
    ['name', 'chemistry 2026-11-10 12:00'],
    ['longest', 'chemistry 2026-11-10 12:00'],
    ['largest', 'Levers'],
    ['newest', 'Pendulum'],
  ] as const)('sorts by %s', (order, first) => expect(names({ order })[0]).toBe(first));
});
