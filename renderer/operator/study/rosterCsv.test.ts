import { expect, it } from 'vitest';
import { readRoster } from './rosterCsv.ts';

it('reads pseudonyms, groups and tables, and ignores names in the sheet', () => {
  const read = readRoster(
    '\uFEFFName;Pseudonym;Group;Table\r\n"Müller; Anna";P01;A;"Table ""1"""\r\nTom;P02;;\r\n\r\n',
  );
  expect(read).toEqual({
    entries: [
      { id: 'P01', group: 'A', table: 'Table "1"' },
      { id: 'P02', group: '', table: '' },
    ],
    ignored: ['name'],
    refused: [],
  });
  expect(JSON.stringify(read)).not.toMatch(/Anna|Tom/);
});

it('reports lines without a valid pseudonym, or with one listed before', () => {
  expect(readRoster('id,table\nP01,1\nAnna Müller,2\nP01,3\nP03')).toEqual({
    entries: [
      { id: 'P01', group: '', table: '1' },
      { id: 'P03', group: '', table: '' },
    ],
    ignored: [],
    refused: [3, 4],
  });
});

it.each(['', 'Anna\nTom', '\u0000\u0001'])('refuses what has no column of pseudonyms: %j', (text) =>
  expect(readRoster(text)).toBeNull(),
);
