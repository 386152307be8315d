/** Names, units and types of guessed columns. */
import type { Fields } from './fields.ts';
import { type Decimal, isTime, quantityOf } from './numbers.ts';
import type { LinesColumn } from './settings.ts';

interface Proposals {
  deviceTime?: { column: number | string; tickNs: number };
  counter?: { column: number | string };
}
export interface GuessedColumns {
  columns: LinesColumn[];
  proposals: Proposals;
}

const MAX_COLUMNS = 256;

export function columnsOfRows(rows: readonly string[][], names: readonly string[], decimal: Decimal): GuessedColumns {
  const used = new Set<string>();
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: Math.min(width, MAX_COLUMNS) }, (_, i): LinesColumn => {
    const values = rows.map((row) => row[i] as string);
    const { printed, ...rest } = kindOf(values, decimal);
    const said = nameAndUnit(names[i] ?? (values.some((value) => isTime(value)) ? 'time' : `column${i + 1}`));
    return {
      name: unique(said.name, used),
      unit: said.unit || shownUnit(printed),
      ...rest,
      column: i + 1,
      ...(printed === '' ? {} : { printed }),
      ...labelOf(names[i], said),
    };
  });
  const series = columns.map((_, i) => rows.map((row) => quantityOf(row[i] as string, decimal)?.value ?? Number.NaN));
  return { columns, proposals: propose(columns, series) };
}

export function columnsOfFields(lines: readonly Fields[]): GuessedColumns {
  const values = new Map<string, { text: string; unit: string; number: number | null }[]>();
  for (const fields of lines)
    for (const [key, { raw, unit, value }] of fields) {
      const known = values.get(key);
      const number =
        value === null ? Number.NaN : typeof value === 'number' ? value : (quantityOf(value)?.value ?? null);
      if (known) known.push({ text: raw, unit, number });
      else values.set(key, [{ text: raw, unit, number }]);
    }
  const used = new Set<string>();
  const least = lines.length > 2 ? 2 : 1;
  const kept = [...values].filter(([, list]) => list.length >= least).slice(0, MAX_COLUMNS);
  const columns = kept.map(([key, list]): LinesColumn => {
    const isNumber = list.filter(({ number }) => number !== null).length * 2 > list.length;
    const printed = isNumber ? (list.find(({ unit }) => unit !== '')?.unit ?? '') : '';
    const said = nameAndUnit(key);
    return {
      name: unique(said.name, used),
      unit: said.unit || shownUnit(printed),
      type: isNumber ? 'number' : 'text',
      key,
      ...(printed === '' ? {} : { printed }),
      ...labelOf(key, said),
    };
  });
  const series = kept.map(([, list]) => list.map(({ number }) => number ?? Number.NaN));
  return { columns, proposals: propose(columns, series) };
}

/** The majority of the window decides: one `ERR` among numbers does not make a text column. Times stay text. */
function kindOf(values: readonly string[], decimal: Decimal): { type: LinesColumn['type']; printed: string } {
  const read = values.map((value) => (isTime(value) ? null : quantityOf(value, decimal)));
  const numbers = read.filter((quantity) => quantity !== null);
  if (numbers.length * 2 <= values.length) return { type: 'text', printed: '' };
  return { type: 'number', printed: numbers.find(({ unit }) => unit !== '')?.unit ?? '' };
}

/** The name the device printed, if the column had to be renamed. */
const labelOf = (said: string | undefined, { name }: { name: string }): { label?: string } =>
  said === undefined || said === name ? {} : { label: said.slice(0, 120) };

/** Units that boards print in ASCII. */
const UNITS: Readonly<Record<string, string>> = {
  '*C': '°C',
  '*F': '°F',
  ºC: '°C',
  ºF: '°F',
  uV: 'µV',
  uS: 'µS',
  us: 'µs',
};
const shownUnit = (printed: string): string => UNITS[printed] ?? printed;

/** Names such as `Temp (°C)` and `temp [C]`: a unit only if it is in brackets. */
function nameAndUnit(text: string): { name: string; unit: string } {
  const parts = /^(.*?)\s*[([]([^)\]]{1,32})[)\]]\s*(\.\d+)?$/.exec(text);
  const raw = `${parts?.[1] ?? text}${parts?.[3] ?? ''}`
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return {
    name: (/^[A-Za-z]/.test(raw) ? raw : `c_${raw}`).slice(0, 60),
    unit: shownUnit((parts?.[2] ?? '').trim()),
  };
}

function unique(name: string, used: Set<string>): string {
  let candidate = name;
  for (let n = 2; used.has(candidate.toLowerCase()); n += 1) candidate = `${name}_${n}`;
  used.add(candidate.toLowerCase());
  return candidate;
}

function propose(columns: readonly LinesColumn[], series: readonly number[][]): Proposals {
  const proposals: Proposals = {};
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
