import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PozyxLinesParser } from './parser.ts';

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set([0, bytes.length, ...places.map((place) => place % (bytes.length + 1))])];
  ends.sort((a, b) => a - b);
  return ends.slice(1).map((end, i) => bytes.subarray(ends[i], end));
}

const mm = fc.integer({ min: -99_999_999, max: 99_999_999 });
const place = fc.record({ id: fc.integer({ min: 0, max: 0xffff }), x: mm, y: mm, z: mm });
const label = (id: number): string => `0x${id.toString(16).toUpperCase()}`;
const good = place.map(({ id, x, y, z }) => Buffer.from(`POS,${label(id)},${x},${y},${z}\r\n`));
const junk = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
const text = fc
  .constantFrom('NOTES:\r\n', '12ms, 34mm, -5dBm\r\n', 'ERROR positioning, local error code: 0xA\r\n', 'POS', ',')
  .map((line) => Buffer.from(line));
const stream = fc
  .array(fc.oneof(good, junk, text), { maxLength: 12 })
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

test('gives the same frames however the bytes are split', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 20 }), (bytes, places) => {
      const parser = new PozyxLinesParser();
      expect(cut(bytes, places).flatMap((chunk) => parser.push(chunk))).toEqual(new PozyxLinesParser().push(bytes));
    }),
  );
});

test('arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 }), (chunks) => {
      const parser = new PozyxLinesParser();
      for (const chunk of chunks) expect(Array.isArray(parser.push(chunk))).toBe(true);
    }),
  );
});

test('a position after any garbage is read, whether or not the garbage ended its line', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4000 }), place, (garbage, { id, x, y, z }) => {
      const parser = new PozyxLinesParser();
      parser.push(garbage);
      const frames = parser.push(Buffer.from(`POS,${label(id)},${x},${y},${z}\r\n`));
      expect(frames.at(-1)).toEqual({ type: 'position', id, x, y, z });
    }),
  );
});
