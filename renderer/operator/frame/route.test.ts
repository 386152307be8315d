import { expect, it } from 'vitest';
import { addressOf, parseRoute } from './route.ts';

it('reads back what it wrote, whatever it contains', () => {
  for (const rest of [[], ['20261122-091500-k3f9'], ['a/b', '100 %', 'ünï']])
    expect(parseRoute(addressOf('sessions', ...rest))).toEqual({ page: 'sessions', rest });
});

it.each([
  ['', { page: '', rest: [] }],
  ['#', { page: '', rest: [] }],
  ['#/live/', { page: 'live', rest: [] }],
  ['#/live/%', { page: 'live', rest: ['%'] }],
])('reads %s', (hash, route) => expect(parseRoute(hash)).toEqual(route));
