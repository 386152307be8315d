/** What the columns of unknown lines probably are: for the preview in the wizard, and for a kit that names none. */
import { numberOf } from './numbers.ts';
import { jsonPairs, keyValuePairs, type LinePlan } from './rowReader.ts';
import type { LinesColumn, LinesSettings } from './settings.ts';

export interface LinesGuess {
  format: Exclude<LinesSettings['format'], 'auto'>;
  delimiter: string;
  header: boolean;
  columns: LinesColumn[];
  /** Columns that look like the device's own time or counter: a proposal for a person, never taken by itself. */
  proposals: { deviceTime?: { column: number | string; tickNs: number }; counter?: { column: number | string } };
}

const FORMATS = { csv: ',', tsv: '\t', semicolon: ';', whitespace: ' ' } as const;
type DelimitedFormat = keyof typeof FORMATS;

/** @param lines whole lines, the first ones of the device; a partial first line does harm. */
export function guessColumns(
  lines: readonly string[],
  wanted: LinesSettings['format'] = 'auto',
  delimiter?: string,
): LinesGuess | null {
  const plain = lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !line.includes('�'));
  const last = plain.at(-1);
  if (last === undefined) return null;
  if (wanted === 'json' || (wanted === 'auto' && plain.every((line) => jsonPairs(line))))
    return keyed('json', plain.map(jsonPairs));
  const looksKeyed = plain.filter((line) => keyValuePairs(line)).length * 2 > plain.length;
  if (wanted === 'key-value' || (wanted === 'auto' && delimiter === undefined && looksKeyed))
    return keyed('key-value', plain.map(keyValuePairs));
  const format = wanted === 'auto' ? bestFormat(plain) : (wanted as DelimitedFormat);
  return delimited(format, delimiter ?? FORMATS[format], plain);
}

/** The delimiter that gives most fields in the same number in each line. */
function bestFormat(lines: string[]): DelimitedFormat {
  let best: DelimitedFormat = 'csv';
  let most = 1;
  for (const format of ['tsv', 'semicolon', 'csv', 'whitespace'] as const) {
    const widths = lines.map((line) => split(line, FORMATS[format]).length);
    const width = widths.at(-1) as number;
    if (widths.filter((w) => w === width).length * 2 > widths.length && width > most) {
      best = format;
      most = width;
    }
  }
  return best;
}

const split = (line: string, delimiter: string): string[] =>
  (delimiter === ' ' ? line.split(/[ \t]+/) : line.split(delimiter)).map((field) =>
    field.trim().replace(/^"(.*)"$/, '$1'),
  );

function delimited(format: DelimitedFormat, delimiter: string, lines: string[]): LinesGuess {
  const rows = lines.map((line) => split(line, delimiter));
  const width = (rows.at(-1) as string[]).length;
  const isName = (field: string): boolean => numberOf(field) === null && /\p{L}/u.test(field);
  const headerAt = rows.findIndex((row) => row.length === width && row.every(isName));
  const data = rows.filter((row, i) => row.length === width && i !== headerAt);
  const header = headerAt >= 0 && (data.length === 0 || data.some((row) => !row.every(isName)));
  const used = new Set<string>();
  const columns = Array.from({ length: width }, (_, i): LinesColumn => {
    const values = data.map((row) => row[i] as string);
    const { name, unit } = nameAndUnit(header ? ((rows[headerAt] as string[])[i] as string) : `column${i + 1}`);
    return {
      name: unique(name, used),
      unit,
      type: values.every((value) => numberOf(value) !== null) ? 'number' : 'text',
      column: i + 1,
    };
  });
  const series = columns.map((_, i) => data.map((row) => numberOf(row[i] as string) ?? Number.NaN));
  return { format, delimiter, header, columns, proposals: propose(columns, series) };
}

function keyed(format: 'json' | 'key-value', maps: ReturnType<typeof jsonPairs>[]): LinesGuess | null {
  const values = new Map<string, unknown[]>();
  for (const map of maps) for (const [key, value] of map ?? []) values.set(key, [...(values.get(key) ?? []), value]);
  if (values.size === 0) return null;
  const used = new Set<string>();
  const columns = [...values].slice(0, 256).map(([key, list]): LinesColumn => {
    const { name, unit } = nameAndUnit(key);
    return {
      name: unique(name, used),
      unit,
      type: list.every((value) => value === null || typeof value === 'number') ? 'number' : 'text',
      key,
    };
  });
  const series = columns.map((column) => (values.get(column.key as string) ?? []).map(Number));
  return { format, delimiter: ',', header: false, columns, proposals: propose(columns, series) };
}

/** `Temp (°C)`, `temp [C]` and `temp_c` style names: the unit only where brackets say so. */
function nameAndUnit(text: string): { name: string; unit: string } {
  const parts = /^(.*?)\s*[([]([^)\]]{1,32})[)\]]\s*$/.exec(text);
  const raw = (parts?.[1] ?? text)
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return { name: (/^[A-Za-z]/.test(raw) ? raw : `c_${raw}`).slice(0, 60), unit: (parts?.[2] ?? '').trim() };
}

function unique(name: string, used: Set<string>): string {
  let candidate = name;
  for (let n = 2; used.has(candidate.toLowerCase()); n += 1) candidate = `${name}_${n}`;
  used.add(candidate.toLowerCase());
  return candidate;
}

function propose(columns: LinesColumn[], series: number[][]): LinesGuess['proposals'] {
  const proposals: LinesGuess['proposals'] = {};
  columns.forEach((column, i) => {
    const values = series[i] as number[];
    const steps = values.slice(1).map((value, k) => value - (values[k] as number));
    if (steps.length === 0 || !steps.every((step) => step > 0 && Number.isInteger(step))) return;
    const ref = column.column ?? (column.key as string);
    const tickNs =
      /(^|_)(us|micros)($|_)/i.test(column.name) || column.unit === 'µs' || column.unit === 'us'
        ? 1_000
        : /(^|_)(ms|millis|time|timestamp|t)($|_)/i.test(column.name) || column.unit === 'ms'
          ? 1_000_000
          : 0;
    if (tickNs > 0 && !proposals.deviceTime) proposals.deviceTime = { column: ref, tickNs };
    else if (steps.every((step) => step === 1) && !proposals.counter) proposals.counter = { column: ref };
  });
  return proposals;
}

/** Settings and, where they leave something open, a guess: all that a reader needs. Null while more lines are needed. */
export function makePlan(settings: LinesSettings, lines: readonly string[]): LinePlan | null {
  const open = settings.format === 'auto' || settings.columns === undefined;
  const checked =
    settings.checksum === 'none' ? lines : lines.map((line) => line.replace(/[,;*\s][0-9A-Fa-f]{2}\s*$/, ''));
  const guess = open ? guessColumns(checked, settings.format, settings.delimiter) : null;
  if (open && !guess) return null;
  const format = guess?.format ?? (settings.format as LinesGuess['format']);
  const isKeyed = format === 'json' || format === 'key-value';
  const counter =
    settings.counter === undefined
      ? null
      : typeof settings.counter === 'object'
        ? settings.counter.column
        : settings.counter;
  return {
    format: isKeyed ? format : 'delimited',
    delimiter: settings.delimiter ?? (isKeyed ? ',' : FORMATS[format]),
    header: settings.header,
    columns: settings.columns ?? (guess as LinesGuess).columns,
    deviceTime: settings.deviceTime?.column ?? null,
    counter,
    checksum: settings.checksum,
  };
}
