import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '@formatjs/icu-messageformat-parser';
import { describe, expect, it } from 'vitest';
import { fieldroomError } from '../../electron/common/errors.ts';
import { LOCALES, wordsFor } from '../../resources/locales/index.ts';
import { errorText } from './words.ts';

const FOLDER = join(import.meta.dirname, '../../resources/locales');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const read = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));

/** Every text of a file by its key; the two sentences of an error by `key.message` and `key.nextStep`. */
function texts(name: string): Record<string, string> {
  const flat = Object.entries(read(name) as Record<string, string | Record<string, string>>).flatMap(([key, said]) =>
    typeof said === 'string' ? [[key, said]] : Object.entries(said).map(([part, text]) => [`${key}.${part}`, text]),
  );
  return Object.fromEntries(flat);
}
const englishOf = (name: string): string => (name.startsWith('errors.') ? 'errors.en.json' : 'en.json');

/** The parameters of an ICU message, including those inside plurals. Which of them need a plural depends on the language. */
const values = (text: string): string => {
  const found = JSON.stringify(parse(text, { ignoreTag: true })).matchAll(/"type":[1-6],"value":"(\w+)"/g);
  return [...new Set([...found].map(([, name]) => name))].sort().join();
};

describe.each(files)('the texts of %s', (name) => {
  const [said, english] = [texts(name), texts(englishOf(name))];
  it('can be chosen', () =>
    expect(Object.keys(LOCALES)).toContain(name.replace(/^errors\./, '').slice(0, -'.json'.length)));
  it('are complete, and contain no others', () =>
    expect(Object.keys(said).sort()).toEqual(Object.keys(english).sort()));
  it('have the same parameters, and none is empty', () => {
    const wrong = Object.entries(said).filter(
      ([key, text]) => text.trim() === '' || values(text) !== values(english[key] ?? ''),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the language of the window', () => {
  const two = { ...LOCALES, eo: { 'record.stop': 'Halti' } };
  const english = texts('en.json');
  it('is the first supported one that the system prefers', () => {
    expect(wordsFor(['xx-YY', 'eo-001', 'en'], two).language).toBe('eo');
    expect(wordsFor(['eo'], two).words['record.stop']).toBe('Halti');
  });
  it('is English by default, also for a text missing in another language', () => {
    expect(wordsFor(['xx'])).toMatchObject({ language: 'en', words: { 'record.stop': english['record.stop'] } });
    expect(wordsFor(['eo'], two).words['record.start']).toBe(english['record.start']);
  });
});

describe('an error in another language', () => {
  const german = wordsFor(['de-AT']);
  const full = fieldroomError('store.disk-full', { where: '/data/index', what: 'opened', reason: '', code: 'ENOSPC' });
  it('contains its values, including translated verbs', () =>
    expect(errorText(full.toReport(), german)).toEqual({
      message: 'Das Laufwerk ist voll: /data/index konnte nicht geöffnet werden.',
      nextStep: 'Geben Sie auf diesem Laufwerk Platz frei, oder wählen Sie einen anderen Datenordner.',
    }));
  it('is recognised by its code and sentences if it arrived without values', () => {
    const { code, message, nextStep } = fieldroomError('device.port-busy:kit', { path: '/dev/ttyUSB0 (a.b)' });
    expect(errorText({ code, message, nextStep }, german)).toEqual({
      message: '/dev/ttyUSB0 (a.b) wird von einer anderen Quelle dieses Kits benutzt.',
      nextStep: 'Geben Sie jeder Quelle im Kit ein eigenes Gerät.',
    });
  });
  it('keeps a sentence and a next step that differ from the catalogue', () => {
    const own = { code: 'store.closed', message: 'Something else.', nextStep: 'Look at it.' };
    expect(errorText(own, german)).toEqual({ message: own.message, nextStep: own.nextStep });
    expect(errorText({ ...own, message: 'The store is closed.' }, german)).toEqual({
      message: 'Der Speicher ist geschlossen.',
      nextStep: 'Look at it.',
    });
  });
  it('is unchanged in English', () => {
    const own = { code: 'store.closed', message: 'Something else.', nextStep: 'Look at it.' };
    expect(errorText(own, wordsFor(['en']))).toEqual({ message: own.message, nextStep: own.nextStep });
  });
});
