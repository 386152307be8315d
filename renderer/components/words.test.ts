import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LOCALES, wordsFor } from '../../resources/locales/index.ts';

const FOLDER = join(import.meta.dirname, '../../resources/locales');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const read = (name: string): Record<string, string> => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
const english = read('en.json');
const places = (sentence: string): string[] => [...sentence.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

describe.each(files)('the words of %s', (name) => {
  it('can be chosen', () => expect(Object.keys(LOCALES)).toContain(name.slice(0, -'.json'.length)));
  it('are all there, and no others', () => expect(Object.keys(read(name)).sort()).toEqual(Object.keys(english).sort()));
  it('are filled in at the same places, and none is empty', () => {
    const wrong = Object.entries(read(name)).filter(
      ([key, said]) => said.trim() === '' || places(said).join() !== places(english[key] ?? '').join(),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the language of the window', () => {
  const two = { ...LOCALES, eo: { 'record.stop': 'Halti' } };
  it('is the first that the system wants and that is there', () => {
    expect(wordsFor(['xx-YY', 'eo-001', 'en'], two).language).toBe('eo');
    expect(wordsFor(['eo'], two).words['record.stop']).toBe('Halti');
  });
  it('is English where nothing else is, also for a word that another language lacks', () => {
    expect(wordsFor(['xx'])).toMatchObject({ language: 'en', words: { 'record.stop': english['record.stop'] } });
    expect(wordsFor(['eo'], two).words['record.start']).toBe(english['record.start']);
  });
});
