import { IntlMessageFormat } from 'intl-messageformat';
import { z } from 'zod';
import en from '../../resources/locales/errors.en.json' with { type: 'json' };

/**
 * A sentence of the catalogue `resources/locales/errors.en.json`: an error's stable code by area (`device.port-busy`), and
 * after a colon the situation, if one code has several sentences (`device.port-busy:kit`).
 */
export type ErrorKey = keyof typeof en;
/** Values for a sentence's `{placeholders}`; never a secret. */
export type ErrorValues = Readonly<Record<string, unknown>>;

/** The serialised form of an error for the door, logs and `--json`. */
export interface ErrorReport {
  /** Stable, by area: `device.port-busy`, `store.disk-full`. */
  code: string;
  /** One plain English sentence: the problem and its location. */
  message: string;
  /** The next step as one plain sentence; absent if there is none. */
  nextStep?: string;
  /** The values in the sentence; never a secret. */
  data?: Record<string, unknown>;
  /** The sentence's key in the catalogue, so that it can be shown in another language. */
  key?: string;
}

/** Schema that checks a received `ErrorReport`. */
export const errorReportSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  nextStep: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  key: z.string().optional(),
});

interface Details {
  nextStep?: string | undefined;
  data?: Record<string, unknown> | undefined;
  cause?: unknown;
  key?: string | undefined;
}

/** An error with a readable sentence, the next step, and a stable code. Created by `fieldroomError`. */
export class FieldroomError extends Error {
  readonly code: string;
  readonly nextStep: string | undefined;
  readonly data: Record<string, unknown>;
  readonly key: string | undefined;

  constructor(code: string, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'FieldroomError';
    this.code = code;
    this.nextStep = details.nextStep;
    this.data = details.data ?? {};
    this.key = details.key;
  }

  toReport(): ErrorReport {
    return reportOf(this);
  }

  static from(report: z.infer<typeof errorReportSchema>): FieldroomError {
    return new FieldroomError(report.code, report.message, report);
  }
}

/**
 * Creates the error for a sentence in the catalogue.
 * @param values for the placeholders; also sent as the error's `data`
 * @param more `nextStep` replaces the catalogue's if it depends on the situation; `data`: facts that are not in the sentence
 */
export function fieldroomError(
  key: ErrorKey,
  values: ErrorValues = {},
  more: { nextStep?: string | undefined; data?: Record<string, unknown>; cause?: unknown } = {},
): FieldroomError {
  const { message, nextStep } = sentence(en[key], values);
  return new FieldroomError(key.split(':')[0] ?? key, message, {
    nextStep: more.nextStep ?? nextStep,
    data: { ...values, ...more.data },
    ...(more.cause === undefined ? {} : { cause: more.cause }),
    key,
  });
}

/** One sentence of a catalogue in one language. */
export interface CatalogueEntry {
  message: string;
  nextStep?: string;
}

/** Formats a catalogue's sentence with its values. A missing value keeps its braces. */
export function sentence(entry: CatalogueEntry, values: ErrorValues, language = 'en'): CatalogueEntry {
  return {
    message: fill(entry.message, values, language),
    ...(entry.nextStep === undefined ? {} : { nextStep: fill(entry.nextStep, values, language) }),
  };
}

/** Texts are ICU messages, so that plurals are right in every language. */
function fill(text: string, values: ErrorValues, language: string): string {
  if (!text.includes('{')) return text;
  const complete = new Proxy(values, {
    has: () => true,
    get: (all, name: string) => shown(all[name]) ?? `{${name}}`,
    getOwnPropertyDescriptor: (all, name: string) => ({ configurable: true, enumerable: true, value: all[name] }),
  });
  return String(new IntlMessageFormat(text, language, undefined, { ignoreTag: true }).format(complete as never));
}

const shown = (value: unknown): string | number | undefined =>
  value === undefined ? undefined : typeof value === 'number' ? value : String(value);

/** Converts any thrown value to a report; unknown errors get the code `internal`. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof FieldroomError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.nextStep === undefined ? {} : { nextStep: error.nextStep }),
      ...(Object.keys(error.data).length === 0 ? {} : { data: error.data }),
      ...(error.key === undefined ? {} : { key: error.key }),
    };
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
