/** Which heart strap was just touched: the one whose beats appear, or come again after a silence. Pure: times are handed in. */

export interface HeardStrap {
  /** Number that the strap sends. */
  strap: string;
  /** When its last beat came; null: none yet. Milliseconds of any one clock. */
  beatAtMs: number | null;
}

/** Longer than two beats of the slowest heart: a strap on a chest is never silent for so long. */
export const QUIET_MS = 3500;
/** Straps that answer within this time were taken into the hand together. */
const TOGETHER_MS = 1500;

export class TouchDetector {
  readonly #lastMs = new Map<string, number>();
  #touches: { strap: string; atMs: number }[] = [];

  /** @param heard what beats already when the watch begins: it was touched before anybody looked */
  constructor(heard: readonly HeardStrap[]) {
    for (const { strap, beatAtMs } of heard) if (beatAtMs !== null) this.#lastMs.set(strap, beatAtMs);
  }

  /** Called some times a second with all straps. */
  look(heard: readonly HeardStrap[]): void {
    for (const { strap, beatAtMs } of heard) {
      if (beatAtMs === null) continue;
      const lastMs = this.#lastMs.get(strap) ?? Number.NEGATIVE_INFINITY;
      this.#lastMs.set(strap, Math.max(lastMs, beatAtMs));
      if (beatAtMs - lastMs <= QUIET_MS) continue;
      this.#touches = [...this.#touches.filter((touch) => touch.strap !== strap), { strap, atMs: beatAtMs }];
    }
  }

  /** The strap touched last; more than one: nobody can tell which was meant; empty: none since `done`. */
  get touched(): string[] {
    const newestMs = Math.max(...this.#touches.map(({ atMs }) => atMs));
    return this.#touches.filter(({ atMs }) => newestMs - atMs <= TOGETHER_MS).map(({ strap }) => strap);
  }

  /** The touched strap is dealt with: the next one is waited for. */
  done(): void {
    this.#touches = [];
  }
}

/** The wearers with one strap given, or laid aside (null). A child wears one strap. */
export function withWearer(
  wearers: Readonly<Record<string, string>>,
  strap: string,
  participant: string | null,
): Record<string, string> {
  const others = Object.entries(wearers).filter(([number, who]) => number !== strap && who !== participant);
  return Object.fromEntries(participant === null ? others : [...others, [strap, participant]]);
}
