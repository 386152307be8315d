/** Lines and names that match no layout: if they keep arriving, they are data of another kind and get a stream. */
import { columnsOfFields } from './columns.ts';
import type { Field, Fields } from './fields.ts';
import { guessColumns, type LinesGuess } from './guess.ts';
import { type Layouts, MAX_LAYOUTS } from './layouts.ts';
import { isSettled } from './opening.ts';
import type { LinePlan } from './plan.ts';
import type { LinesSettings } from './settings.ts';

interface KeptLine {
  line: Uint8Array;
  arrivedNs: number;
}

/** How many lines of one kind are no coincidence, and how many are examined. */
const ROWS = 5;
const WINDOW = 16;
/** How many times a new name must appear. */
const TIMES = 3;

export class Strays {
  readonly #layouts: Layouts;
  readonly #settings: LinesSettings;
  readonly #lines: (KeptLine & { text: string })[] = [];
  readonly #named: (KeptLine & { fields: Fields })[] = [];
  /** Guessing is expensive: after a failure, the next attempt waits for twice as many lines. */
  #wait = ROWS;
  #since = 0;

  constructor(layouts: Layouts, settings: LinesSettings) {
    this.#layouts = layouts;
    this.#settings = settings;
  }

  /** @returns the layout of the last lines, with the lines that have it */
  line(kept: KeptLine, text: string): { guess: LinesGuess; lines: KeptLine[] } | null {
    const { columns, format, delimiter } = this.#settings;
    // Only what the kit names is recorded.
    if (columns !== undefined || this.#layouts.all.length >= MAX_LAYOUTS) return null;
    this.#lines.push({ ...kept, text });
    if (this.#lines.length > WINDOW) this.#lines.shift();
    this.#since += 1;
    if (this.#since < this.#wait) return null;
    this.#since = 0;
    const texts = this.#lines.map((one) => one.text);
    const guess = guessColumns(texts, format, delimiter);
    if (!guess || !isSettled(guess, texts, ROWS) || this.#layouts.covers(guess, this.#settings)) {
      this.#wait = Math.min(this.#wait * 2, 512);
      return null;
    }
    this.#wait = ROWS;
    const lines = guess.fitting.map((i) => this.#lines[i] as KeptLine);
    this.#lines.length = 0;
    return { guess, lines };
  }

  /**
   * @param fields the fields of the line that have no column. @returns a plan for them once they have appeared often
   * enough
   */
  named(kept: KeptLine, fields: Map<string, Field>, plan: LinePlan): { plan: LinePlan; lines: KeptLine[] } | null {
    if (this.#layouts.all.length >= MAX_LAYOUTS) return null;
    this.#named.push({ ...kept, fields });
    if (this.#named.length > WINDOW) this.#named.shift();
    const most = Math.max(...[...fields.keys()].map((key) => this.#named.filter((one) => one.fields.has(key)).length));
    if (most < TIMES) return null;
    const { columns } = columnsOfFields(this.#named.map((one) => one.fields));
    if (columns.length === 0) return null;
    const lines = this.#named.splice(0);
    return { plan: { ...plan, columns, width: columns.length, ownTime: plan.ownTime }, lines };
  }

  /** Lines whose names never appeared often enough. */
  unnamed(): KeptLine[] {
    return this.#named.splice(0);
  }
}
