import { describe, expect, it } from 'vitest';
import { chooseStrap, wrongMatch } from './strapChoice.ts';

const A = { id: 'AA:00:00:00:00:01', name: 'HR Strap' };
const B = { id: 'AA:00:00:00:00:02', name: 'HR Strap' };
const C = { id: 'AA:00:00:00:00:03', name: 'Polar H10 9B2C' };
const free = new Map<string, string>();
const wish = (match: object, source = 'anna') => ({ source, match });

describe('a strap is', () => {
  it('found by its whole name or a part of it', () => {
    for (const label of ['Polar H10 9B2C', 'h10'])
      expect(chooseStrap(wish({ label }), [A, B, C], free, [])).toEqual({ kind: 'device', device: C, exact: false });
  });

  it.each([{ path: B.id }, { serialNumber: B.id.toLowerCase() }, { label: 'HR', path: B.id }])(
    'found by its id: %o',
    (match) => {
      expect(chooseStrap(wish(match), [A, B, C], free, [])).toEqual({ kind: 'device', device: B, exact: true });
    },
  );

  it('never replaced by another one when the one with the id is away, whatever its name', () => {
    expect(chooseStrap(wish({ label: 'HR Strap', path: A.id }), [B], free, [])).toEqual({
      kind: 'none',
      takenBy: null,
    });
  });

  it('chosen without a name only if there is no other', () => {
    expect(chooseStrap(wish({}), [C], free, [])).toMatchObject({ kind: 'device', device: C });
    expect(chooseStrap(wish({}), [A, C], free, []).kind).toBe('choosing');
  });
});

it('twins are never guessed: a person sees both and chooses one', () => {
  const choice = chooseStrap(wish({ label: 'HR Strap' }), [A, B, C], free, []);
  if (choice.kind !== 'choosing') throw new Error(choice.kind);
  expect(choice.candidates.map(({ label }) => label)).toEqual([`HR Strap (${A.id})`, `HR Strap (${B.id})`]);
  const [, second] = choice.candidates;
  expect(chooseStrap(wish(second?.match ?? {}), [A, B, C], free, [])).toMatchObject({ device: B });
});

describe('with several sources', () => {
  it('excludes a strap that another source names by its id', () => {
    expect(chooseStrap(wish({ label: 'HR' }), [A, B], free, [wish({ path: A.id }, 'ben')])).toMatchObject({
      device: B,
    });
  });

  it('a source that names nothing ignores named straps', () => {
    expect(chooseStrap(wish({}), [A, C], free, [wish({ label: 'Polar' }, 'ben')])).toMatchObject({ device: A });
  });

  it('says which source has the only one', () => {
    expect(chooseStrap(wish({ label: 'Polar' }), [A, C], new Map([[C.id, 'ben']]), [])).toEqual({
      kind: 'none',
      takenBy: 'ben',
    });
  });
});

it('USB numbers in a match are an error in the kit', () => {
  expect(wrongMatch({ vendorId: '0fcf' })).toMatch(/vendorId/);
  expect(wrongMatch({ label: 'Polar' })).toBeNull();
});
