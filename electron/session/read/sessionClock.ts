/** Session time of publisher times, by the fits of an index: the same choice as its views make. */
import type { Database } from 'better-sqlite3';
import { readFits } from '../format/clockHistory.ts';
import type { FitRow } from '../format/rows.ts';

interface Line extends FitRow {
  /** Session time at the reference: a session is shorter than 2^53 ns, so the sum with a difference is exact. */
  baseNs: number;
}

export class SessionClock {
  /** By clock number; sealed fits first, then the latest live one. */
  readonly #lines: Map<number, Line[]>;

  constructor(db: Database) {
    const clocks = db.prepare('SELECT id, name FROM clock').all() as { id: number; name: string }[];
    this.#lines = new Map(clocks.map(({ id, name }) => [id, byChoice(readFits(db, id, name)).map(toLine)]));
  }

  fitAt(clock: number, publisherNs: number): FitRow | null {
    return this.#lineAt(clock, publisherNs);
  }

  /** Null where no fit holds. */
  toSession(clock: number, publisherNs: number): bigint | null {
    const line = this.#lineAt(clock, publisherNs);
    return line && BigInt(apply(line, publisherNs));
  }

  /** As `toSession` and `fitAt` for many times in a row: whole nanoseconds as a number, NaN where no fit holds. */
  mapper(clock: number): (publisherNs: number) => { sessionNs: number; uncertaintyNs: number } {
    const found = { sessionNs: Number.NaN, uncertaintyNs: Number.NaN };
    const only = this.#lines.get(clock)?.[0];
    // The first choice holds wherever its range does, and sealed ones do not overlap: most rows are on the line of the last.
    let line: Line | null = only ?? null;
    return (publisherNs) => {
      if (!line || !holds(line, publisherNs) || !(line === only || line.kind === 'sealed'))
        line = this.#lineAt(clock, publisherNs);
      found.sessionNs = line ? apply(line, publisherNs) : Number.NaN;
      found.uncertaintyNs = line ? line.uncertaintyNs : Number.NaN;
      return found;
    };
  }

  /** A range of publisher time that holds all that lies in a range of session time (and perhaps a little more); null: nothing can. */
  publisherRange(clock: number, fromNs: bigint, toNs: bigint): { fromNs: number; toNs: number } | null {
    let first = Infinity;
    let last = -Infinity;
    for (const line of this.#lines.get(clock) ?? []) {
      const from = Math.max(line.fromNs, Math.floor(invert(line, Number(fromNs))) - 1);
      const to = Math.min(line.toNs ?? Infinity, Math.ceil(invert(line, Number(toNs))) + 1);
      if (from > to) continue;
      first = Math.min(first, from);
      last = Math.max(last, to);
    }
    return first <= last ? { fromNs: first, toNs: last } : null;
  }

  #lineAt(clock: number, publisherNs: number): Line | null {
    return this.#lines.get(clock)?.find((line) => holds(line, publisherNs)) ?? null;
  }
}

const holds = (line: FitRow, publisherNs: number): boolean =>
  line.fromNs <= publisherNs && (line.toNs === null || publisherNs < line.toNs);

function apply(line: Line, publisherNs: number): number {
  const since = publisherNs - line.referenceNs;
  return line.baseNs + since + Math.round(line.drift * since);
}

const invert = (line: Line, sessionNs: number): number =>
  line.referenceNs + (sessionNs - line.baseNs) / (1 + line.drift);

const toLine = (fit: FitRow): Line => ({ ...fit, baseNs: Number(BigInt(Math.round(fit.referenceNs)) + fit.offsetNs) });

const byChoice = (fits: FitRow[]): FitRow[] => [
  ...fits.filter((f) => f.kind === 'sealed').reverse(),
  ...fits.filter((f) => f.kind === 'live').reverse(),
];
