/** Describes a driver to Setup: turns the driver's schema into form fields for its settings. */
import { z } from 'zod';
import type { DriverInfo, PlainField, SettingsField } from '../electron/common/settingsForm.ts';
import type { AnyDriver } from './driver.ts';

/** The part of JSON Schema that settings use, plus what `.meta()` adds. */
interface Node {
  type?: string;
  title?: string;
  description?: string;
  unit?: string;
  secret?: boolean;
  advanced?: boolean;
  editor?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Node[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  pattern?: string;
  properties?: Record<string, Node>;
  required?: string[];
  items?: Node;
  additionalProperties?: Node | boolean;
}

export const describeDriver = (driver: AnyDriver): DriverInfo => ({
  id: driver.id,
  title: driver.title,
  kinds: [...driver.kinds],
  settings: fieldsOf(z.toJSONSchema(driver.settings, { io: 'input', unrepresentable: 'any' }) as Node),
});

const fieldsOf = ({ properties = {}, required = [] }: Node): SettingsField[] =>
  Object.entries(properties).map(([name, node]) => fieldOf(name, node, required.includes(name)));

/** Tables and groups only: their fields are plain ones. */
const plainFieldsOf = (node: Node): PlainField[] => fieldsOf(node).map(({ fields: _, ...plain }) => plain);

function fieldOf(name: string, node: Node, required: boolean): SettingsField {
  const plain: PlainField = {
    name,
    label: node.title ?? spoken(name),
    help: node.description ?? '',
    unit: node.unit ?? unitOf(name),
    kind: 'text',
    ...(node.default === undefined ? {} : { default: node.default }),
    whole: false,
    choices: [],
    required,
    advanced: node.advanced ?? false,
    ...(node.editor === undefined ? {} : { editor: node.editor }),
  };
  return { ...plain, fields: [], ...kindOf(node) };
}

/** Properties that depend on the field's type. */
function kindOf(node: Node): Partial<SettingsField> & Pick<SettingsField, 'kind'> {
  const choices = choicesOf(node);
  if (choices.length > 0) return { kind: 'choice', choices };
  const parts = node.anyOf?.filter(({ type }) => type !== 'object') ?? [];
  if (parts.length > 0) {
    const types = parts.flatMap((part) => part.anyOf ?? [part]).map(({ type }) => type);
    return types.includes('string') ? { kind: 'reference' } : kindOf(parts[0] as Node);
  }
  switch (node.type) {
    case 'boolean':
      return { kind: 'switch' };
    case 'number':
    case 'integer': {
      const min = node.minimum ?? node.exclusiveMinimum;
      const max = node.maximum ?? node.exclusiveMaximum;
      const whole = node.type === 'integer';
      return { kind: 'number', whole, ...(isBound(min) ? { min } : {}), ...(isBound(max) ? { max } : {}) };
    }
    case 'array':
      return arrayKind(node.items ?? {});
    case 'object':
      if (node.properties) return { kind: 'group', fields: plainFieldsOf(node) };
      return { kind: 'pairs' };
    default:
      return {
        kind: node.secret ? 'secret' : 'text',
        ...(node.pattern === undefined ? {} : { pattern: node.pattern }),
      };
  }
}

function arrayKind(items: Node): Partial<SettingsField> & Pick<SettingsField, 'kind'> {
  if (items.properties) return { kind: 'rows', fields: plainFieldsOf(items) };
  const choices = choicesOf(items);
  return choices.length > 0 ? { kind: 'choices', choices } : { kind: 'list' };
}

/** Bounds that only mean "a safe integer" are not real bounds. */
const isBound = (value: number | undefined): value is number =>
  value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;

/** A choice is an enumeration, or a boolean combined with words (`true`, `false`, `auto`). */
function choicesOf(node: Node): SettingsField['choices'] {
  const all = node.enum ?? node.anyOf?.flatMap((part) => valuesOf(part) ?? [null]) ?? [];
  if (all.length === 0 || all.some((value) => value === null)) return [];
  return (all as (string | number | boolean)[]).map((value) => ({
    value,
    label: CHOICE_WORDS[String(value)] ?? spoken(String(value)),
  }));
}

const valuesOf = ({ type, const: only, enum: some }: Node): unknown[] | null =>
  some ?? (only === undefined ? (type === 'boolean' ? [true, false] : null) : [only]);

const CHOICE_WORDS: Readonly<Record<string, string>> = {
  true: 'Yes',
  false: 'No',
  auto: 'Automatic',
  csv: 'Commas (CSV)',
  tsv: 'Tabs (TSV)',
  semicolon: 'Semicolons',
  whitespace: 'Blanks',
  'key-value': 'key: value',
  json: 'JSON',
  teleplot: 'Teleplot',
  crc8: 'CRC-8',
  '.': 'Point',
  ',': 'Comma',
};

/** Turns `heightMm` into "Height". */
function spoken(name: string): string {
  const words = name
    .replace(/(?<=[a-z])(?:Mm|Ms|Hz|Ns|Bytes)$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[-_]/g, ' ')
    .toLowerCase();
  return `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`;
}

const UNITS = [
  [/Mm$/, 'mm'],
  [/Ms$/, 'ms'],
  [/Hz$/, 'Hz'],
  [/Ns$/, 'ns'],
  [/Bytes$/, 'bytes'],
] as const;
const unitOf = (name: string): string => UNITS.find(([end]) => end.test(name))?.[1] ?? '';
