import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_LINE_BYTES, PozyxParser } from './parser.ts';

/** Splits bytes at the given offsets, whatever they are. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set([0, bytes.length, ...places.map((place) => place % (bytes.length + 1))])].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const reply = fc
  .uint8Array({ maxLength: 74 })
  .map((bytes) => Buffer.from(`D,${Buffer.from(bytes).toString('hex')}\r\n`));
const junk = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
const stream = fc.array(fc.oneof(reply, junk), { maxLength: 12 }).map((parts) => new Uint8Array(Buffer.concat(parts)));

test('gives the same frames however the bytes are split', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 20 }), (bytes, places) => {
      const parser = new PozyxParser();
      expect(cut(bytes, places).flatMap((chunk) => parser.push(chunk))).toEqual(new PozyxParser().push(bytes));
    }),
  );
});

test('arbitrary bytes never throw, and every byte is in a frame, a resync or the bounded remainder', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 }), (chunks) => {
      const parser = new PozyxParser();
      let accounted = 0;
      for (const frame of chunks.flatMap((chunk) => parser.push(chunk))) {
        if (frame.type === 'resync') accounted += frame.discardedBytes;
        else if (frame.type === 'data') accounted += 2 * frame.bytes.length + 3;
        else accounted += frame.text.length + 1;
      }
      const fed = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      expect(accounted).toBeLessThanOrEqual(fed);
      // A CR before each LF belongs to no frame: at most one byte a line.
      const lines = chunks.reduce((sum, chunk) => sum + chunk.filter((byte) => byte === 0x0a).length, 0);
      expect(fed - accounted).toBeLessThanOrEqual(MAX_LINE_BYTES + lines);
    }),
  );
});

test('a good frame after any garbage is read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4000 }), fc.uint8Array({ maxLength: 74 }), (garbage, bytes) => {
      const parser = new PozyxParser();
      parser.push(garbage);
      const frames = parser.push(Buffer.from(`D,${Buffer.from(bytes).toString('hex')}\r\n`));
      expect(frames.at(-1)).toEqual({ type: 'data', bytes: new Uint8Array(bytes) });
    }),
  );
});
