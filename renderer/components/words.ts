/** Every sentence of the window comes from one file by language: ICU messages, with values and plurals. */
import { IntlMessageFormat } from 'intl-messageformat';
import { type ErrorReport, sentence } from '../../electron/common/errors.ts';
import { type WordKey, wordsFor } from '../../resources/locales/index.ts';

export type { WordKey };

const { language, words, errors } = wordsFor(globalThis.navigator?.languages ?? []);

/** What screen readers speak in, as `lang` of the page. */
export const spokenLanguage = language;

const formats = new Map<WordKey, IntlMessageFormat>();

export function t(key: WordKey, values: Readonly<Record<string, string | number>> = {}): string {
  const format = formats.get(key) ?? new IntlMessageFormat(words[key], language, undefined, { ignoreTag: true });
  formats.set(key, format);
  return String(format.format(values));
}

/** An error in the window's language; in English where its sentence is not in the catalogue. */
export function errorText({ key, code, message, nextStep, data }: ErrorReport): { message: string; nextStep?: string } {
  const entry = errors[key ?? code];
  return entry ? sentence(entry, data ?? {}, language) : { message, ...(nextStep === undefined ? {} : { nextStep }) };
}

/** A sentence in the form that a number needs, which it calls `count`. */
export const counted = (key: WordKey, count: number, values: Readonly<Record<string, string | number>> = {}): string =>
  t(key, { ...values, count });

const plain = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const number = (value: number): string => plain.format(value);
export const decimal = (value: number): string => oneDecimal.format(value);
