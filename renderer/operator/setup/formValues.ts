/** Converts between the text in a settings form and the values in a kit. Pure. */
import type { PlainField } from '../../../electron/common/settingsForm.ts';

export type Settings = Readonly<Record<string, unknown>>;

/** The text shown in a field. */
export function fieldText({ kind }: Pick<PlainField, 'kind'>, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (kind === 'list') return Array.isArray(value) ? value.join(', ') : '';
  if (typeof value === 'object') {
    // A reference with further properties (a counter that wraps) shows its column.
    const { column } = value as { column?: unknown };
    return column === undefined ? '' : String(column);
  }
  return String(value);
}

/** True for values that may be saved: blank is the default, unless the setting is required. */
export function textFits(field: PlainField, text: string): boolean {
  const typed = text.trim();
  if (typed === '') return !field.required;
  if (field.kind === 'number') {
    const value = numberOf(typed);
    const inRange = value >= (field.min ?? -Infinity) && value <= (field.max ?? Infinity);
    return inRange && (!field.whole || Number.isInteger(value));
  }
  return field.pattern === undefined || new RegExp(field.pattern, 'u').test(typed);
}

/** Undefined: the default. */
export function valueOfText(field: PlainField, text: string): unknown {
  const typed = text.trim();
  if (typed === '') return undefined;
  if (field.kind === 'number') return numberOf(typed);
  if (field.kind === 'reference') return /^\d{1,9}$/.test(typed) ? Number(typed) : typed;
  if (field.kind !== 'list') return typed;
  const entries = typed.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

/** The value of a choice, by its text. */
export const choiceOf = ({ choices }: PlainField, text: string): unknown =>
  choices.find(({ value }) => String(value) === text)?.value ?? text;

/** @param value undefined removes the setting */
export function withSetting(settings: Settings, name: string, value: unknown): Settings {
  const { [name]: _, ...rest } = settings;
  return value === undefined ? rest : { ...rest, [name]: value };
}

/** Numbers with the decimal sign of the user's locale. */
const numberOf = (text: string): number =>
  /^[-+]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text.replace(',', '.')) : Number.NaN;

/** A row can be saved when all required values are present. */
export const isComplete = (fields: readonly PlainField[], row: Settings): boolean =>
  fields.every(({ name, required }) => !required || row[name] !== undefined);
