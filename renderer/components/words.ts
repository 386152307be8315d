/** Every sentence of the window comes from one file per language: ICU messages, with values and plurals. */
import { IntlMessageFormat } from 'intl-messageformat';
import { sentence } from '../../electron/common/errors.ts';
import { type Spoken, type WordKey, wordsFor } from '../../resources/locales/index.ts';

export type { WordKey };

const { language, words, errors } = wordsFor(globalThis.navigator?.languages ?? []);
const english = wordsFor(['en']).errors;

/** The language announced by screen readers, as `lang` of the page. */
export const spokenLanguage = language;

const formats = new Map<WordKey, IntlMessageFormat>();

export function t(key: WordKey, values: Readonly<Record<string, string | number>> = {}): string {
  const format = formats.get(key) ?? new IntlMessageFormat(words[key], language, undefined, { ignoreTag: true });
  formats.set(key, format);
  return String(format.format(values));
}

/** An error as received: an `ErrorReport`, or a state or notice, which contains only the sentences. */
export interface ToldError {
  /** Or its area, if only that is known: `livekit`. */
  code: string;
  message: string;
  nextStep?: string | undefined;
  data?: Readonly<Record<string, unknown>> | undefined;
  key?: string | undefined;
}

/** An error in the window's language; in English if its sentence is not in the catalogue. */
export function errorText(
  told: ToldError,
  spoken: Pick<Spoken, 'language' | 'errors'> = { language, errors },
): { message: string; nextStep?: string } {
  const { key, code, message, nextStep = '', data = {} } = told;
  const asTold = { message, ...(nextStep === '' ? {} : { nextStep }) };
  if (spoken.language === 'en') return asTold;
  const keys = key
    ? [key]
    : Object.keys(english).filter((one) => one === code || one.startsWith(`${code}:`) || one.startsWith(`${code}.`));
  for (const one of keys) {
    const [said, ours] = [english[one], spoken.errors[one]];
    if (!said || !ours) continue;
    for (const values of [data, valuesIn(said.message, message)]) {
      if (!values) continue;
      const known = sentence(said, values);
      if (known.message !== message) continue;
      const there = sentence(ours, values, spoken.language);
      // A next step chosen for the situation is not taken from the catalogue.
      return (known.nextStep ?? '') === nextStep ? there : { ...asTold, message: there.message };
    }
  }
  return asTold;
}

/** Both sentences in one line. */
export const errorLine = (told: ToldError): string => {
  const { message, nextStep } = errorText(told);
  return nextStep ? `${message} ${nextStep}` : message;
};

/** Recovers the values from an English text that arrived without them; null: the text does not match the pattern. */
function valuesIn(pattern: string, text: string): Record<string, string> | null {
  if (/\{\w+,/.test(pattern)) return null;
  const parts = pattern.split(/\{(\w+)\}/);
  const source = parts
    .map((part, at) => (at % 2 === 1 ? '(.*?)' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
    .join('');
  const found = new RegExp(`^${source}$`, 's').exec(text);
  const names = parts.filter((_, at) => at % 2 === 1);
  return found && Object.fromEntries(names.map((name, at) => [name, found[at + 1] ?? '']));
}

/** A sentence in the plural form for a number, which is passed as `count`. */
export const counted = (key: WordKey, count: number, values: Readonly<Record<string, string | number>> = {}): string =>
  t(key, { ...values, count });

const plain = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const number = (value: number): string => plain.format(value);
/** `.` or `,`. */
export const decimalPoint = oneDecimal.formatToParts(0.5).find(({ type }) => type === 'decimal')?.value ?? '.';
export const decimal = (value: number): string => oneDecimal.format(value);
