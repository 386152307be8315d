/**
 * The languages of the app. A new one is a file beside `en.json` and one line in `LOCALES`; English names the words there
 * are, and says what another language lacks.
 */
import de from './de.json';
import en from './en.json';
import errorsDe from './errors.de.json';
import errorsEn from './errors.en.json';

export type WordKey = keyof typeof en;
export type Words = Readonly<Record<WordKey, string>>;
export type Locales = Readonly<Record<string, Partial<Words>>>;

/** Sentences of errors by key: `errors.<language>.json`. */
export type ErrorWords = Readonly<Record<string, { message: string; nextStep?: string }>>;

export const LOCALES: Locales = { en, de };
const ERRORS: Readonly<Record<string, ErrorWords>> = { en: errorsEn, de: errorsDe };

export interface Spoken {
  /** As it stands in `LOCALES`: `en`. */
  language: string;
  words: Words;
  errors: ErrorWords;
}

/** @param wanted languages as the system prefers them, `de-AT` before `en`; the first that is there is spoken */
export function wordsFor(wanted: readonly string[], locales: Locales = LOCALES): Spoken {
  const known = wanted.flatMap((tag) => [tag, tag.split('-')[0] ?? tag]);
  const language = known.find((tag) => Object.hasOwn(locales, tag)) ?? 'en';
  return { language, words: { ...en, ...locales[language] }, errors: { ...errorsEn, ...ERRORS[language] } };
}
