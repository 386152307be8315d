/** Session time of publisher times, by the fits of an index: the same choice as its views make. */
import type { Database } from 'better-sqlite3';
import { readFits } from './clockHistory.ts';
import type { FitRow } from './storeApi.ts';

export class SessionClock {
  /** By clock number; sealed fits first, then the latest live one. */
  readonly #fits: Map<number, FitRow[]>;

  constructor(db: Database) {
    const clocks = db.prepare('SELECT id, name FROM clock').all() as { id: number; name: string }[];
    this.#fits = new Map(clocks.map(({ id, name }) => [id, byChoice(readFits(db, id, name))]));
  }

  fitAt(clock: number, publisherNs: number): FitRow | null {
    return (
      this.#fits.get(clock)?.find((f) => f.fromNs <= publisherNs && (f.toNs === null || publisherNs < f.toNs)) ?? null
    );
  }

  /** Null where no fit holds. */
  toSession(clock: number, publisherNs: number): bigint | null {
    const fit = this.fitAt(clock, publisherNs);
    return fit && apply(fit, publisherNs);
  }

  /** A range of publisher time that holds all that lies in a range of session time (and perhaps a little more); null: nothing can. */
  publisherRange(clock: number, fromNs: bigint, toNs: bigint): { fromNs: number; toNs: number } | null {
    let first = Infinity;
    let last = -Infinity;
    for (const fit of this.#fits.get(clock) ?? []) {
      const from = Math.max(fit.fromNs, Math.floor(invert(fit, fromNs)) - 1);
      const to = Math.min(fit.toNs ?? Infinity, Math.ceil(invert(fit, toNs)) + 1);
      if (from > to) continue;
      first = Math.min(first, from);
      last = Math.max(last, to);
    }
    return first <= last ? { fromNs: first, toNs: last } : null;
  }
}

export const apply = (fit: FitRow, publisherNs: number): bigint =>
  BigInt(publisherNs) + fit.offsetNs + BigInt(Math.round(fit.drift * (publisherNs - fit.referenceNs)));

const invert = (fit: FitRow, sessionNs: bigint): number => {
  const shifted = Number(sessionNs - fit.offsetNs);
  return fit.referenceNs + (shifted - fit.referenceNs) / (1 + fit.drift);
};

const byChoice = (fits: FitRow[]): FitRow[] => [
  ...fits.filter((f) => f.kind === 'sealed').reverse(),
  ...fits.filter((f) => f.kind === 'live').reverse(),
];
