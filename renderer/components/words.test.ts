import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '@formatjs/icu-messageformat-parser';
import { describe, expect, it } from 'vitest';
import { LOCALES, wordsFor } from '../../resources/locales/index.ts';

const FOLDER = join(import.meta.dirname, '../../resources/locales');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const read = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));

/** Every text of a file by its key; an error's two sentences by `key.message` and `key.nextStep`. */
function texts(name: string): Record<string, string> {
  const flat = Object.entries(read(name) as Record<string, string | Record<string, string>>).flatMap(([key, said]) =>
    typeof said === 'string' ? [[key, said]] : Object.entries(said).map(([part, text]) => [`${key}.${part}`, text]),
  );
  return Object.fromEntries(flat);
}
const englishOf = (name: string): string => (name.startsWith('errors.') ? 'errors.en.json' : 'en.json');

/** The names that an ICU message is filled with, those inside plurals included. */
const values = (text: string): string =>
  [...new Set(JSON.stringify(parse(text, { ignoreTag: true })).match(/"type":[1-6],"value":"\w+"/g))].sort().join();

describe.each(files)('the texts of %s', (name) => {
  const [said, english] = [texts(name), texts(englishOf(name))];
  it('can be chosen', () =>
    expect(Object.keys(LOCALES)).toContain(name.replace(/^errors\./, '').slice(0, -'.json'.length)));
  it('are all there, and no others', () => expect(Object.keys(said).sort()).toEqual(Object.keys(english).sort()));
  it('are filled in at the same places, and none is empty', () => {
    const wrong = Object.entries(said).filter(
      ([key, text]) => text.trim() === '' || values(text) !== values(english[key] ?? ''),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the language of the window', () => {
  const two = { ...LOCALES, eo: { 'record.stop': 'Halti' } };
  const english = texts('en.json');
  it('is the first that the system wants and that is there', () => {
    expect(wordsFor(['xx-YY', 'eo-001', 'en'], two).language).toBe('eo');
    expect(wordsFor(['eo'], two).words['record.stop']).toBe('Halti');
  });
  it('is English where nothing else is, also for a word that another language lacks', () => {
    expect(wordsFor(['xx'])).toMatchObject({ language: 'en', words: { 'record.stop': english['record.stop'] } });
    expect(wordsFor(['eo'], two).words['record.start']).toBe(english['record.start']);
  });
});
