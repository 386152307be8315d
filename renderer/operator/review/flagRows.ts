/** Arranges the labels of markers in rows so that none covers another, each in the first row with room. Pure. */

export interface Flag {
  /** Pixels from the left of the lane. */
  atPx: number;
  text: string;
}

/** Width of a letter at 12 px, and of the label's edges. */
const LETTER_PX = 7;
const EDGES_PX = 16;
export const FLAG_ROWS = 3;
export const FLAG_LETTERS = 18;

export const widthOf = (text: string): number => Math.min(text.length, FLAG_LETTERS) * LETTER_PX + EDGES_PX;

/** @returns the row of each, from 0; null: there is only room for its line, not for its label */
export function rowsOf(flags: readonly Flag[]): (number | null)[] {
  const ends = Array<number>(FLAG_ROWS).fill(Number.NEGATIVE_INFINITY);
  return flags.map(({ atPx, text }) => {
    const row = ends.findIndex((end) => end <= atPx);
    if (row < 0) return null;
    ends[row] = atPx + widthOf(text);
    return row;
  });
}
