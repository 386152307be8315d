/** Lines with named values: `key: value`, JSON objects and Teleplot's `>name:time:value`. Pure functions of text. */
import { type Decimal, NO_NUMBER, numberOf, type Quantity, quantityOf, TIME_SOURCE } from './numbers.ts';

/** One named value. `value` is a number only if the text is exactly one. */
export interface Field {
  raw: string;
  value: number | string | null;
  /** The unit as printed after the number. */
  unit: string;
}
export type Fields = Map<string, Field>;

const MAX_FIELDS = 1024;
const SEPARATORS = /[\s,;|]*/uy;
/**
 * A key begins with a letter, may contain blanks, dots and dashes, and may end with its unit in brackets. A time is not
 * a key.
 */
const KEY = /([\p{L}_][\p{L}\p{N}_ ./%#°²³µ-]{0,60}?(?:\s?[([][^)\]:=,;]{1,24}[)\]])?)\s*[:=](?!\/\/)\s*/uy;
const QUOTED = /"([^"]*)"/y;
const TIME = new RegExp(`${TIME_SOURCE}(?=[\\s,;|\\])]|$)`, 'uy');
const QUANTITY =
  /((?:0x[0-9a-f]+)|[-+−–]?(?:\d+(?:[.,]\d+)*\.?|[.,]\d+)(?:e[-+]?\d+)?)(?:\s?([\p{L}%‰°º*µ][\p{L}\d%‰°º*µ/·²³^.-]{0,11})(?!\s*[:=]|[\p{L}\d]))?(?=[\s,;|)\]]|$)/iuy;
/** Text runs to a separator, to the next key, or to the end. */
const WORDS = /[^,;|\t]+?(?=\s*[,;|\t]|\s+[\p{L}_][\p{L}\p{N}_.]*\s*[:=]|\s*$)/uy;

const take = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

export interface KeyedLine {
  fields: Fields;
  /** Text that belongs to no key. */
  rest: string;
}

const ODD_START = new RegExp(`^\\[?(${TIME_SOURCE})\\]?\\s*(?:->|[,;|])?\\s*`, 'u');

/**
 * Reads `temp: 21,5 °C; hum=40%`. Several values of one key become `key`, `key.2`, `key.3`; a leading time becomes
 * `time`.
 * @returns null if the line has no key at all
 */
export function keyValueLine(text: string, decimal: Decimal = null): KeyedLine | null {
  const fields: Fields = new Map();
  const rest: string[] = [];
  let at = 0;
  let key = '';
  let values = 0;
  const stamp = ODD_START.exec(text);
  if (stamp) {
    at = stamp[0].length;
    fields.set('time', { raw: stamp[1] as string, value: stamp[1] as string, unit: '' });
  }
  const add = (field: Field): void => {
    values += 1;
    if (fields.size < MAX_FIELDS) fields.set(values === 1 ? key : `${key}.${values}`, field);
  };
  while (at < text.length) {
    at += take(SEPARATORS, text, at)?.[0].length ?? 0;
    if (at >= text.length) break;
    const named = take(KEY, text, at);
    if (named) {
      key = (named[1] as string).trim();
      values = 0;
      at += named[0].length;
    }
    const read = valueAt(text, at, decimal, add, key !== '');
    if (read > 0) at += read;
    else {
      const words = take(WORDS, text, at)?.[0] ?? text.slice(at);
      const word = words.trim();
      if (named) add({ raw: word, value: word === '' ? null : word, unit: '' });
      else if (word !== '') rest.push(word);
      at += Math.max(1, words.length);
    }
  }
  return values === 0 && fields.size === (stamp ? 1 : 0) ? null : { fields, rest: rest.join(' ') };
}

/** Reads quoted text, a time, a number or a list of numbers. @returns the number of characters consumed; 0: plain words */
function valueAt(text: string, at: number, decimal: Decimal, add: (field: Field) => void, named: boolean): number {
  if (!named) return 0;
  const quoted = take(QUOTED, text, at);
  if (quoted) {
    add(fieldOf(quoted[1] as string, decimal));
    return quoted[0].length;
  }
  const time = take(TIME, text, at);
  if (time?.[0].includes(':') || (time && /^\d{4}-/.test(time[0]))) {
    add({ raw: time[0], value: time[0], unit: '' });
    return time[0].length;
  }
  const quantity = take(QUANTITY, text, at);
  if (!quantity) return 0;
  const [whole, number = '', unit = ''] = quantity;
  const list = numberOf(number, decimal) === NO_NUMBER ? number.split(',') : [];
  if (list.length > 1 && list.every((one) => numberOf(one, '.') !== NO_NUMBER))
    for (const one of list) add({ raw: one, value: numberOf(one, '.'), unit });
  else add({ raw: whole, value: numberOf(number, decimal) ?? whole, unit });
  return whole.length;
}

function fieldOf(raw: string, decimal: Decimal): Field {
  const quantity: Quantity | null = quantityOf(raw, decimal);
  return quantity && !Number.isNaN(quantity.value)
    ? { raw, value: quantity.value, unit: quantity.unit }
    : { raw, value: raw, unit: '' };
}

/** Numbers that `JSON.parse` would change keep their text, so that the reader sees what was printed. */
const LARGE = /\d{16}|[eE][+-]?\d{3}/;

/** A JSON object's plain values, nested ones as `a.b` and list entries as `a.0`; null if the line is not an object. */
export function jsonLine(text: string): Fields | null {
  let json: unknown;
  try {
    json = LARGE.test(text) ? JSON.parse(text, keepLarge) : JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null) return null;
  const fields: Fields = new Map();
  const walk = (value: unknown, path: string, depth: number): void => {
    if (typeof value === 'object' && value !== null) {
      if (depth < 6)
        for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`, depth + 1);
    } else if (fields.size < MAX_FIELDS) fields.set(path, jsonField(value));
  };
  walk(json, '', 0);
  return fields.size > 0 ? fields : null;
}

function jsonField(value: unknown): Field {
  if (value === null) return { raw: '', value: null, unit: '' };
  if (typeof value === 'boolean') return { raw: String(value), value: value ? 1 : 0, unit: '' };
  if (typeof value === 'number') return { raw: String(value), value, unit: '' };
  return { raw: String(value), value: String(value), unit: '' };
}

function keepLarge(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && numberOf(source, '.') === NO_NUMBER ? source : value;
}

export interface TeleplotPoint {
  /** The device's time in ms; NaN if the line has none. */
  timeMs: number;
  fields: Fields;
}

/**
 * `>name:value`, `>name:time:value;time:value§unit|flags`, one row per point. Source: github.com/nesnes/teleplot,
 * "Telemetry format". Flag `t` means text, `xy` a point whose time comes last.
 * @returns null if the line is not in Teleplot format
 */
export function teleplotLine(text: string): TeleplotPoint[] | null {
  const parts = /^>([^:|§]{1,80}):([^|§]*)(?:§([^|]*))?(?:\|(.*))?$/u.exec(text);
  if (!parts) return null;
  const [, name = '', body = '', told = '', flags = ''] = parts;
  const key = (name.split(',')[0] as string).trim();
  const isText = /(^|,)t(,|$)/.test(flags);
  if (isText) {
    const stamped = /^(\d+(?:\.\d+)?):(.*)$/s.exec(body);
    const raw = stamped?.[2] ?? body;
    return [
      { timeMs: stamped ? Number(stamped[1]) : Number.NaN, fields: new Map([[key, { raw, value: raw, unit: '' }]]) },
    ];
  }
  const points = body.split(';').filter((point) => point.trim() !== '');
  const read = points.map((point): TeleplotPoint => {
    const cells = point.split(':');
    const fields: Fields = new Map();
    const put = (at: string, cell: string): void => {
      const field = fieldOf(cell.trim(), '.');
      fields.set(at, { ...field, unit: told || field.unit });
    };
    if (flags.includes('xy') && cells.length >= 2) {
      put(`${key}.x`, cells[0] as string);
      put(`${key}.y`, cells[1] as string);
      return { timeMs: cells[2] === undefined ? Number.NaN : Number(cells[2]), fields };
    }
    put(key, cells.at(-1) as string);
    return { timeMs: cells.length > 1 ? Number(cells[0]) : Number.NaN, fields };
  });
  return read.length > 0 ? read : null;
}
