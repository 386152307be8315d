/** Converts publisher times to session time with an index's fits, choosing fits as its views do. */
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

  /** Null if no fit covers the time. */
  toSession(clock: number, publisherNs: number): bigint | null {
    const line = this.#lineAt(clock, publisherNs);
    return line && BigInt(apply(line, publisherNs));
  }

  /**
   * Like `toSession` and `fitAt` for many consecutive times: whole nanoseconds as a number, NaN if no fit covers a
   * time.
   */
  mapper(clock: number): (publisherNs: number) => { sessionNs: number; uncertaintyNs: number } {
    const found = { sessionNs: Number.NaN, uncertaintyNs: Number.NaN };
    const only = this.#lines.get(clock)?.[0];
    // The first choice applies over its whole range, and sealed fits do not overlap: most rows use the same fit as the
    // row before.
    let line: Line | null = only ?? null;
    return (publisherNs) => {
      if (!line || !holds(line, publisherNs) || !(line === only || line.kind === 'sealed'))
        line = this.#lineAt(clock, publisherNs);
      found.sessionNs = line ? apply(line, publisherNs) : Number.NaN;
      found.uncertaintyNs = line ? line.uncertaintyNs : Number.NaN;
      return found;
    };
  }

  /**
   * A range of publisher time that covers a range of session time (possibly slightly more); null: no data can be in it.
   */
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
