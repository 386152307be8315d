/**
 * Guesses the columns of unknown lines, for the preview in Setup and for a kit that names none. It looks at a window of
 * lines and takes the layout that most of them share, so that a banner, a boot log or a status line does not matter.
 */
import { columnsOfFields, columnsOfRows } from './columns.ts';
import { type Fields, jsonLine, keyValueLine, teleplotLine } from './fields.ts';
import { isNoise } from './noise.ts';
import { type Decimal, isTime, NO_NUMBER, numberOf, quantityOf } from './numbers.ts';
import type { LinePlan } from './plan.ts';
import type { LinesColumn, LinesSettings } from './settings.ts';
import { fieldsOf } from './splitFields.ts';

export interface LinesGuess {
  format: Exclude<LinesSettings['format'], 'auto'>;
  delimiter: string;
  decimal: Decimal;
  header: boolean;
  /** Names from the header line, as printed. */
  names: string[];
  columns: LinesColumn[];
  /** Lines of the window that have this layout, by their index in it. */
  fitting: number[];
  ownTime: boolean;
  /** Columns that look like the device's time or counter: suggested to a person, never applied automatically. */
  proposals: { deviceTime?: { column: number | string; tickNs: number }; counter?: { column: number | string } };
}

export const FORMATS = { csv: ',', tsv: '\t', semicolon: ';', whitespace: ' ' } as const;
type DelimitedFormat = keyof typeof FORMATS;

/** The most specific first: of two that read the lines equally well, the earlier one wins. */
const DELIMITERS = ['\t', ';', '|', ', ', ',', ' '] as const;

interface Candidate {
  kind: 'json' | 'teleplot' | 'key-value' | 'delimited';
  delimiter: string;
  /** How much of the window it explains: the number of lines, each weighted by its share of numeric fields. */
  score: number;
  fitting: number[];
  width: number;
}

/** @param lines whole lines in order; a partial first line makes the guess worse */
export function guessColumns(
  lines: readonly string[],
  wanted: LinesSettings['format'] = 'auto',
  delimiter?: string,
): LinesGuess | null {
  const plain = lines.map((line) => {
    const text = line.trim();
    return text === '' || text.startsWith('#') || text.includes('\ufffd') || isNoise(text) ? '' : text;
  });
  const candidates = [
    ...(wanted === 'auto' || wanted === 'json' ? [keyedCandidate('json', plain)] : []),
    ...(wanted === 'auto' || wanted === 'teleplot' ? [keyedCandidate('teleplot', plain)] : []),
    ...((wanted === 'auto' && delimiter === undefined) || wanted === 'key-value'
      ? [keyedCandidate('key-value', plain)]
      : []),
    ...delimitersFor(wanted, delimiter).map((one) => delimitedCandidate(one, lines, plain)),
  ];
  // For equal scores, more fields win; then the order above.
  const best = candidates.reduce<Candidate | null>(
    (a, b) => (a && (a.score > b.score || (a.score === b.score && a.width >= b.width)) ? a : b),
    null,
  );
  if (!best || best.fitting.length === 0) return null;
  return best.kind === 'delimited' ? delimited(best, lines, plain) : keyed(best, plain);
}

function delimitersFor(wanted: LinesSettings['format'], delimiter?: string): readonly string[] {
  if (wanted === 'json' || wanted === 'teleplot' || wanted === 'key-value') return [];
  if (delimiter !== undefined) return [delimiter];
  return wanted === 'auto' ? DELIMITERS : [FORMATS[wanted]];
}

const readers = {
  json: (text: string): Fields | null => (text.startsWith('{') || text.startsWith('[') ? jsonLine(text) : null),
  teleplot: (text: string): Fields | null => {
    const points = teleplotLine(text);
    return points && new Map(points.flatMap(({ fields }) => [...fields]));
  },
  'key-value': (text: string): Fields | null => {
    const line = keyValueLine(text, decimalOf([text]));
    return line && line.rest.length * 2 < text.length ? line.fields : null;
  },
};

/** A line counts if its names appear again in the window; those of a boot log do not. */
function keyedCandidate(kind: keyof typeof readers, plain: readonly string[]): Candidate {
  const lines = plain.map((text) => (text === '' ? null : readers[kind](text)));
  const times = new Map<string, number>();
  for (const fields of lines) for (const key of fields?.keys() ?? []) times.set(key, (times.get(key) ?? 0) + 1);
  const there = lines.filter((fields) => fields !== null).length;
  const least = there > 2 ? 2 : 1;
  const fitting = lines.flatMap((fields, i) => {
    if (!fields) return [];
    const known = [...fields].filter(([key]) => (times.get(key) as number) >= least);
    const told = kind === 'teleplot' || known.some(([, field]) => typeof field.value === 'number');
    return known.length * 2 > fields.size && told ? [i] : [];
  });
  return { kind, delimiter: ',', score: fitting.length, fitting, width: times.size };
}

const isNumeric = (field: string): boolean => quantityOf(field) !== null && field.trim() !== '';

function delimitedCandidate(delimiter: string, lines: readonly string[], plain: readonly string[]): Candidate {
  const rows = plain.map((text, i) => (text === '' ? null : fieldsOf(lines[i] as string, delimiter)));
  const byWidth = new Map<number, { score: number; fitting: number[]; commas: number }>();
  const counts = rows.map((row) => row?.filter((field) => isNumeric(field)).length ?? 0);
  const most = new Map<number, number>();
  rows.forEach((row, i) => {
    if (row) most.set(row.length, Math.max(most.get(row.length) ?? 0, counts[i] as number));
  });
  rows.forEach((row, i) => {
    const numbers = counts[i] as number;
    // A title that contains a number (`9 lives,name,address`) is not a row.
    if (!row || numbers === 0 || numbers * 2 < (most.get(row.length) as number)) return;
    const told = row.filter((field) => field.trim() === '' || isTime(field)).length;
    const known = byWidth.get(row.length) ?? { score: 0, fitting: [], commas: 0 };
    byWidth.set(row.length, known);
    known.score += (numbers + told) / row.length;
    known.fitting.push(i);
    if (row.some((field) => /\d,\d/.test(field))) known.commas += 1;
  });
  const none = { kind: 'delimited', delimiter, score: 0, fitting: [], width: 0 } as const satisfies Candidate;
  let best: Candidate = { ...none, fitting: [] };
  for (const [width, { score, fitting, commas }] of byWidth) {
    // `, ` is a delimiter only if a comma without a blank is a decimal sign; otherwise it is an ordinary comma.
    if (delimiter === ', ' && (commas < fitting.length || width === 1)) continue;
    if (width === 1 && delimiter !== ',') continue;
    const weighed = delimiter === ', ' ? score * 1.01 : score;
    if (weighed > best.score || (weighed === best.score && width > best.width))
      best = { kind: 'delimited', delimiter, score: weighed, fitting, width };
  }
  return best;
}

function delimited(best: Candidate, lines: readonly string[], plain: readonly string[]): LinesGuess {
  const { delimiter, width, fitting } = best;
  const rows = fitting.map((i) => fieldsOf(lines[i] as string, delimiter));
  const isName = (field: string): boolean => numberOf(field) === NO_NUMBER && /\p{L}/u.test(field) && !isTime(field);
  const first = fitting[0] as number;
  const headers = plain.flatMap((text, i) => {
    if (text === '' || fitting.includes(i)) return [];
    const fields = fieldsOf(lines[i] as string, delimiter);
    return fields.length === width && fields.every(isName) && new Set(fields).size === width ? [{ i, fields }] : [];
  });
  // The header closest before the rows; one between them came with a restart.
  const header = headers.findLast(({ i }) => i < first) ?? headers[0];
  // A single word is more likely a greeting than the name of a single column.
  const names = header && (width > 1 || header.i === first - 1) ? header.fields : [];
  const decimal = decimalOf(delimiter === ',' || delimiter === ', ' ? rows.flat() : [rows.flat().join(' ')]);
  const { columns, proposals } = columnsOfRows(rows, names, delimiter === ',' ? null : decimal);
  const format = (Object.entries(FORMATS).find(([, sign]) => sign === delimiter)?.[0] ?? 'csv') as DelimitedFormat;
  const ownDecimal = delimiter === ',' && decimal !== ',' ? '.' : decimal;
  return {
    format,
    delimiter,
    decimal: rows.flat().some((field) => /\d[.,]\d/.test(field)) ? ownDecimal : null,
    header: names.length > 0,
    names,
    columns,
    fitting,
    ownTime: false,
    proposals,
  };
}

function keyed(best: Candidate, plain: readonly string[]): LinesGuess | null {
  const kind = best.kind as keyof typeof readers;
  const texts = best.fitting.map((i) => plain[i] as string);
  const decimal = kind === 'key-value' ? decimalOf(texts) : null;
  const maps = texts.flatMap((text): Fields[] => {
    const fields = kind === 'key-value' ? keyValueLine(text, decimal)?.fields : readers[kind](text);
    return fields ? [fields] : [];
  });
  const { columns, proposals } = columnsOfFields(maps);
  if (columns.length === 0) return null;
  const timed =
    kind === 'teleplot' && texts.some((text) => !Number.isNaN(teleplotLine(text)?.[0]?.timeMs ?? Number.NaN));
  return {
    format: kind,
    delimiter: ',',
    decimal,
    header: false,
    names: [],
    columns,
    fitting: best.fitting,
    ownTime: timed,
    proposals,
  };
}

/** Null if no number shows it. A point anywhere means that commas are used for something else. */
function decimalOf(texts: readonly string[]): Decimal {
  const noTimes = texts.map((text) => text.replace(/\d{1,2}:\d{2}(?::\d{2})?[.,]\d+|\d{1,4}\.\d{1,2}\.\d{2,4}/g, ''));
  if (noTimes.some((text) => /\d\.\d/.test(text))) return noTimes.some((text) => /\d\.\d{3},\d/.test(text)) ? ',' : '.';
  return noTimes.some((text) => /\d,\d/.test(text)) ? ',' : null;
}

/** Settings completed by a guess if necessary: everything a reader needs. Null while more lines are needed. */
export function makePlan(settings: LinesSettings, lines: readonly string[]): LinePlan | null {
  const open = settings.format === 'auto' || settings.columns === undefined;
  const checked =
    settings.checksum === 'none' ? lines : lines.map((line) => line.replace(/[,;*\s][0-9A-Fa-f]{2}\s*$/, ''));
  const guess = open ? guessColumns(checked, settings.format, settings.delimiter) : null;
  return open && !guess ? null : planOf(settings, guess);
}

/** @param guess null if the settings are complete */
export function planOf(settings: LinesSettings, guess: LinesGuess | null): LinePlan {
  const format = guess?.format ?? (settings.format as LinesGuess['format']);
  const isKeyed = format === 'json' || format === 'key-value' || format === 'teleplot';
  const counter =
    settings.counter === undefined
      ? null
      : typeof settings.counter === 'object'
        ? settings.counter.column
        : settings.counter;
  const columns = settings.columns ?? (guess as LinesGuess).columns;
  return {
    format: isKeyed ? format : 'delimited',
    delimiter: settings.delimiter ?? guess?.delimiter ?? (isKeyed ? ',' : FORMATS[format as DelimitedFormat]),
    decimal: settings.decimal ?? guess?.decimal ?? null,
    header: settings.header,
    columns,
    width: settings.columns ? null : columns.length,
    deviceTime: settings.deviceTime?.column ?? null,
    counter,
    checksum: settings.checksum,
    ownTime: format === 'teleplot' && !settings.deviceTime && (guess?.ownTime ?? true),
  };
}
