/** Lines and names that no layout takes: when they keep coming they are data of another kind, and get a stream. */
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

/** Lines of one kind that are no accident, and how many are looked at. */
const ROWS = 5;
const WINDOW = 16;
/** Times that a new name must come. */
const TIMES = 3;

export class Strays {
  readonly #layouts: Layouts;
  readonly #settings: LinesSettings;
  readonly #lines: (KeptLine & { text: string })[] = [];
  readonly #named: (KeptLine & { fields: Fields })[] = [];
  /** A guess costs time: after one in vain the next waits for twice as many lines. */
  #wait = ROWS;
  #since = 0;

  constructor(layouts: Layouts, settings: LinesSettings) {
    this.#layouts = layouts;
    this.#settings = settings;
  }

  /** @returns the layout that the last lines have, with those that have it */
  line(kept: KeptLine, text: string): { guess: LinesGuess; lines: KeptLine[] } | null {
    const { columns, format, delimiter } = this.#settings;
    // What the kit names is what is recorded.
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

  /** @param fields those of the line that no column has. @returns a plan for them once they have come often enough */
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

  /** Lines whose names never came often enough. */
  unnamed(): KeptLine[] {
    return this.#named.splice(0);
  }
}
