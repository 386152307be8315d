import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Resync } from '../../parser.ts';
import { type AntFrame, AntParser, encodeAnt } from './parser.ts';
import { Strap } from './strap.ts';

const bytes = fc.uint8Array({ maxLength: 200 });
const frame = fc
  .tuple(fc.integer({ min: 1, max: 255 }), fc.uint8Array({ minLength: 1, maxLength: 40 }))
  .map(([id, payload]) => encodeAnt(id, payload));
const wire = fc
  .array(fc.oneof(frame, bytes), { maxLength: 12 })
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

function inPieces(data: Uint8Array, cuts: number[]): (AntFrame | Resync)[] {
  const parser = new AntParser();
  const edges = [0, ...cuts.map((cut) => cut % (data.length + 1)).sort((a, b) => a - b), data.length];
  return edges.slice(1).flatMap((end, i) => parser.push(data.slice(edges[i], end)));
}

test('gives the same frames however the bytes are split', () => {
  fc.assert(
    fc.property(wire, fc.array(fc.nat(2000), { maxLength: 30 }), (data, cuts) => {
      expect(inPieces(data, cuts)).toEqual(new AntParser().push(data));
    }),
  );
});

test('a good frame after any garbage is read', () => {
  fc.assert(
    fc.property(bytes, frame, (garbage, good) => {
      // A false start in the garbage claims at most 44 bytes: they are zeros here, so that it cannot reach the frame.
      const out = new AntParser().push(Uint8Array.from([...garbage, ...new Uint8Array(48), ...good]));
      expect(out.at(-1)).toEqual({ type: 'frame', id: good[2], payload: good.slice(3, -1) });
    }),
  );
});

test('every byte is part of a frame, of padding, or counted', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          frame,
          fc.uint8Array({ maxLength: 60 }).map((part) => part.map((byte) => (byte === 0 ? 1 : byte))),
        ),
        { maxLength: 10 },
      ),
      (parts) => {
        const data = Uint8Array.from([
          ...parts.flatMap((part) => [...part]),
          ...new Uint8Array(60),
          ...encodeAnt(1, [1]),
        ]);
        const counted = new AntParser()
          .push(data)
          .reduce((sum, item) => sum + (item.type === 'frame' ? item.payload.length + 4 : item.discardedBytes), 0);
        const zeros = data.filter((byte) => byte === 0).length;
        expect(counted).toBeLessThanOrEqual(data.length);
        expect(counted).toBeGreaterThanOrEqual(data.length - zeros);
      },
    ),
  );
});

test('a strap accepts any pages, and its clock decreases only after a restart', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.uint8Array({ minLength: 0, maxLength: 10 }), fc.nat(100_000)), { maxLength: 50 }),
      (messages) => {
        const strap = new Strap(1);
        let nowNs = 0;
        let before = Number.NEGATIVE_INFINITY;
        for (const [page, waitMs] of messages) {
          nowNs += waitMs * 1e6;
          for (const event of strap.take(page, -50, nowNs)) {
            if (event.type === 'gap' && event.cause === 'strap-restarted') before = Number.NEGATIVE_INFINITY;
            if (event.type === 'gap') expect(event.lost === null || event.lost >= 0).toBe(true);
            if (event.type !== 'beat') continue;
            expect(event.deviceTime).toBeGreaterThanOrEqual(before);
            before = event.deviceTime;
          }
        }
      },
    ),
  );
});

test('bytes waiting for a rest that never arrives are read without it, and nothing stays buffered', () => {
  fc.assert(
    fc.property(wire, frame, (data, good) => {
      const parser = new AntParser();
      parser.push(data);
      parser.giveUp();
      expect(parser.isWaiting).toBe(false);
      expect(parser.push(good).at(-1)).toEqual({ type: 'frame', id: good[2], payload: good.slice(3, -1) });
    }),
  );
});
