/** Where the flags of markers stand so that none covers another: in rows, the first that has room. Pure. */

export interface Flag {
  /** Pixels from the left of the lane. */
  atPx: number;
  text: string;
}

/** Of a flag's letters, as they are drawn at 12 px, and of its edges. */
const LETTER_PX = 7;
const EDGES_PX = 16;
export const FLAG_ROWS = 3;
export const FLAG_LETTERS = 18;

export const widthOf = (text: string): number => Math.min(text.length, FLAG_LETTERS) * LETTER_PX + EDGES_PX;

/** @returns the row of each, from 0; null: there is no room for its label, only for its line */
export function rowsOf(flags: readonly Flag[]): (number | null)[] {
  const ends = Array<number>(FLAG_ROWS).fill(Number.NEGATIVE_INFINITY);
  return flags.map(({ atPx, text }) => {
    const row = ends.findIndex((end) => end <= atPx);
    if (row < 0) return null;
    ends[row] = atPx + widthOf(text);
    return row;
  });
}
