import { expect, it } from 'vitest';
import { CELLS, cellRow, cellsOf, readCells } from './bitCells.ts';

const draw = (counter: number, width: number, height: number): Uint8Array => {
  const grey = new Uint8Array(width * height).fill(90);
  cellsOf(counter).forEach((on, cell) => {
    for (let y = 0; y < cellRow(height); y += 1)
      grey.fill(
        on ? 235 : 16,
        y * width + Math.round((cell * width) / CELLS),
        y * width + Math.round(((cell + 1) * width) / CELLS),
      );
  });
  return grey;
};

it.each([0, 1, 299, 65_536, 4_000_000_000])('reads back %d', (counter) => {
  expect(readCells(draw(counter, 320, 180), 320, 180)).toBe(counter);
  expect(readCells(draw(counter, 1280, 720), 1280, 720)).toBe(counter);
});

it('rejects a picture without cells', () => {
  expect(readCells(new Uint8Array(320 * 180).fill(200), 320, 180)).toBeNull();
});
