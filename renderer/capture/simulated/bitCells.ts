/**
 * A frame number drawn as black and white cells, so that software can read it back from the picture after any codec.
 * One row of cells at the top: 32 bits of the number, lowest first, then 8 check bits (sum of its four bytes).
 */
export const CELLS = 40;

export function cellsOf(counter: number): boolean[] {
  const bytes = [counter & 255, (counter >>> 8) & 255, (counter >>> 16) & 255, (counter >>> 24) & 255];
  const check = bytes.reduce((sum, byte) => sum + byte, 0x5a) & 255;
  return [...bytes, check].flatMap((byte) => Array.from({ length: 8 }, (_, bit) => ((byte >> bit) & 1) === 1));
}

/** Height of the row of cells in a picture. */
export const cellRow = (height: number): number => Math.max(8, Math.floor(height / 8));

/**
 * Reads the number from a greyscale picture, or null if the check fails.
 * @param stride bytes from one line to the next.
 */
export function readCells(grey: Uint8Array, width: number, height: number, stride = width): number | null {
  const y = Math.floor(cellRow(height) / 2);
  const cells = Array.from({ length: CELLS }, (_, cell) => {
    const x = Math.floor(((cell + 0.5) * width) / CELLS);
    let sum = 0;
    for (let dy = -1; dy <= 1; dy += 1)
      for (let dx = -1; dx <= 1; dx += 1) sum += grey[(y + dy) * stride + x + dx] ?? 0;
    return sum / 9 > 127;
  });
  const byte = (at: number): number =>
    cells.slice(at * 8, at * 8 + 8).reduce((value, on, bit) => value + (on ? 2 ** bit : 0), 0);
  const counter = byte(0) + byte(1) * 256 + byte(2) * 65_536 + byte(3) * 16_777_216;
  return cellsOf(counter).every((on, cell) => on === cells[cell]) ? counter : null;
}
