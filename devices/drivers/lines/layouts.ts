/** The line layouts that a source has used, kept whenever its port is reopened, so that a stream keeps its columns. */
import { DelimitedReader } from './delimitedReader.ts';
import type { LinesGuess } from './guess.ts';
import { planOf } from './guess.ts';
import { KeyedReader } from './keyedReader.ts';
import { makeReader } from './parser.ts';
import type { LinePlan, RowReader } from './plan.ts';
import type { LinesSettings } from './settings.ts';
import { fieldsOf } from './splitFields.ts';
import { Unwrapper } from './unwrapper.ts';

/** Beyond this many kinds of lines, further ones are kept as text. */
export const MAX_LAYOUTS = 8;

export interface Layout {
  plan: LinePlan;
  reader: RowReader;
  /** Suffix of its stream; empty for the first. */
  suffix: string;
  /** Why it differs from the first one; empty for the first. */
  reason: string;
  /** A header printed after its columns had been found without one. */
  lateHeader: string;
}

export class Layouts {
  readonly all: Layout[] = [];
  /** The layout that lines are tried on first. */
  current: Layout | null = null;
  /** Arrival time of the last row. */
  lastNs: number | null = null;
  readonly time: Unwrapper | null;
  readonly counter: Unwrapper | null;

  constructor({ deviceTime, counter }: LinesSettings) {
    this.time = deviceTime ? new Unwrapper(deviceTime.wrapsAt ?? null) : null;
    this.counter =
      counter === undefined ? null : new Unwrapper(typeof counter === 'object' ? (counter.wrapsAt ?? null) : null);
  }

  add(plan: LinePlan, names: readonly string[], reason: string): Layout {
    const number = this.all.length + 1;
    const layout: Layout = {
      plan,
      reader: makeReader(plan, names),
      suffix: number === 1 ? '' : `layout-${number}`,
      reason: number === 1 ? '' : reason,
      lateHeader: '',
    };
    this.all.push(layout);
    this.current ??= layout;
    return layout;
  }

  /** The known layout that matches a guess: the same names, or the same number of fields without names. */
  find(guess: LinesGuess, settings: LinesSettings): Layout | null {
    const plan = planOf(settings, guess);
    const names = guess.names.join('\n');
    return (
      this.all.find((layout) => sameShape(layout.plan, plan) && (names === '' || namesOf(layout) === names)) ?? null
    );
  }

  /** True if such lines belong to a known layout, whether or not they can be read. */
  covers(guess: LinesGuess, settings: LinesSettings): boolean {
    const plan = planOf(settings, guess);
    return this.all.some((layout) => sameShape(layout.plan, plan));
  }

  /** True for the first header that names columns found without names, however often it is printed. */
  isFirstHeader(layout: Layout, text: string): boolean {
    if (namesOf(layout) !== '' || layout.plan.format !== 'delimited') return false;
    if (fieldsOf(text, layout.plan.delimiter).length !== layout.plan.columns.length) return false;
    layout.lateHeader ||= text;
    return layout.lateHeader === text;
  }

  /** True if a further layout is read beside the current one: another width, or other names. */
  isBeside(layout: Layout): boolean {
    const { current } = this;
    return current !== null && layout !== current && !sameShape(layout.plan, current.plan);
  }

  /** Keys that no layout has a column for. */
  unknownKeys(keys: Iterable<string>, format: LinePlan['format']): string[] {
    return [...keys].filter(
      (key) =>
        !this.all.some(
          ({ plan, reader }) => plan.format === format && reader instanceof KeyedReader && reader.keys.includes(key),
        ),
    );
  }
}

export const namesOf = ({ reader }: Layout): string => (reader instanceof DelimitedReader ? reader.header : '');

function sameShape(a: LinePlan, b: LinePlan): boolean {
  if (a.format !== b.format) return false;
  if (a.format === 'delimited') return a.delimiter === b.delimiter && a.columns.length === b.columns.length;
  const keys = new Set(a.columns.map((column) => column.key ?? column.name));
  return b.columns.every((column) => keys.has(column.key ?? column.name));
}
