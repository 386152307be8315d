/**
 * Detects which heart strap was just touched: the one whose beats appear, or return after a silence. Pure: times are
 * passed in.
 */

export interface HeardStrap {
  /** Number that the strap sends. */
  strap: string;
  /** Time of its last beat; null: none yet. Milliseconds of any one clock. */
  beatAtMs: number | null;
}

/** Longer than two beats of the slowest heart: a worn strap is never silent for this long. */
export const QUIET_MS = 3500;
/** Straps that respond within this time were picked up together. */
const TOGETHER_MS = 1500;

export class TouchDetector {
  readonly #lastMs = new Map<string, number>();
  #touches: { strap: string; atMs: number }[] = [];

  /** @param heard straps already received at the start: they were touched before */
  constructor(heard: readonly HeardStrap[]) {
    for (const { strap, beatAtMs } of heard) if (beatAtMs !== null) this.#lastMs.set(strap, beatAtMs);
  }

  /** Called several times a second with all straps. */
  look(heard: readonly HeardStrap[]): void {
    for (const { strap, beatAtMs } of heard) {
      if (beatAtMs === null) continue;
      const lastMs = this.#lastMs.get(strap) ?? Number.NEGATIVE_INFINITY;
      this.#lastMs.set(strap, Math.max(lastMs, beatAtMs));
      if (beatAtMs - lastMs <= QUIET_MS) continue;
      this.#touches = [...this.#touches.filter((touch) => touch.strap !== strap), { strap, atMs: beatAtMs }];
    }
  }

  /** The strap touched last; several: it is not clear which was meant; empty: none since `done`. */
  get touched(): string[] {
    const newestMs = Math.max(...this.#touches.map(({ atMs }) => atMs));
    return this.#touches.filter(({ atMs }) => newestMs - atMs <= TOGETHER_MS).map(({ strap }) => strap);
  }

  /** The touched strap has been assigned: wait for the next one. */
  done(): void {
    this.#touches = [];
  }
}

/** The wearers after a strap is assigned, or put aside (null). A child wears one strap. */
export function withWearer(
  wearers: Readonly<Record<string, string>>,
  strap: string,
  participant: string | null,
): Record<string, string> {
  const others = Object.entries(wearers).filter(([number, who]) => number !== strap && who !== participant);
  return Object.fromEntries(participant === null ? others : [...others, [strap, participant]]);
}
