import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeSkeleton, SkeletonParser } from './parser.ts';

const read = (chunks: Uint8Array[]): unknown[] => {
  const parser = new SkeletonParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
};

it('accepts any bytes, and gives the same frames however they are split', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 9 }), (bytes, size) => {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
      expect(read(chunks)).toEqual(read([bytes]));
    }),
  );
});

it('reads good frames after any garbage', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: -32_768, max: 32_767 }), (garbage, value) => {
      // The garbage may end in what looks like the start of a frame; the second good frame is read in any case.
      const frames = read([garbage, encodeSkeleton(7, value), encodeSkeleton(8, value)]);
      expect(frames.at(-1)).toEqual({ type: 'frame', counter: 8, value });
    }),
  );
});
