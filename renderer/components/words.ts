/** Every sentence of the window comes from one file of words by language; `{name}` is filled in. */
import { type WordKey, wordsFor } from '../../resources/locales/index.ts';

export type { WordKey };

const { language, words } = wordsFor(globalThis.navigator?.languages ?? []);

/** What screen readers speak in, as `lang` of the page. */
export const spokenLanguage = language;

export function t(key: WordKey, values: Readonly<Record<string, string | number>> = {}): string {
  return words[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** `one` for 1, `many` for every other number; `{count}` is the number in the local format. */
export function counted(one: WordKey, many: WordKey, count: number): string {
  return t(count === 1 ? one : many, { count: number(count) });
}

const plain = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const number = (value: number): string => plain.format(value);
export const decimal = (value: number): string => oneDecimal.format(value);
