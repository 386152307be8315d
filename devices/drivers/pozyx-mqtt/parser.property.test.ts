import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PozyxMqttParser } from './parser.ts';

const coordinate = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(null),
  fc.string(),
);
const update = fc.record(
  {
    version: fc.constantFrom('1', '2.0'),
    tagId: fc.nat({ max: 99_999 }).map(String),
    success: fc.boolean(),
    timestamp: fc.double({ min: 1.5e9, max: 2e9, noNaN: true }),
    data: fc.record(
      { coordinates: fc.record({ x: coordinate, y: coordinate, z: coordinate }), tagData: fc.jsonValue() },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['tagId'] },
);

const feed = (message: unknown) => new PozyxMqttParser().push(Buffer.from(JSON.stringify(message)));

/** Messages arrive whole, so only the way updates are grouped into messages varies. */
test('one batch, several batches or one message each give the same updates', () => {
  fc.assert(
    fc.property(fc.array(update, { maxLength: 8 }), fc.nat(), (updates, place) => {
      const at = place % (updates.length + 1);
      const whole = feed(updates);
      expect([...feed(updates.slice(0, at)), ...feed(updates.slice(at))]).toEqual(whole);
      expect(updates.flatMap((each) => feed([each]))).toEqual(whole);
      expect(updates.flatMap((each) => feed(each))).toEqual(whole);
    }),
  );
});

test('every update of the documented shape is read with its numbers', () => {
  fc.assert(
    fc.property(update, (each) => {
      const { x, y, z } = each.data?.coordinates ?? {};
      // JSON has no minus zero. Coordinates are independent of each other; if all are missing there is no position.
      const place = [x, y, z].map((value: unknown) => {
        const isText = typeof value === 'string' && /^\s*[-+]?[\d.]/.test(value) && Number.isFinite(Number(value));
        return typeof value === 'number' || isText ? Number(value) + 0 : null;
      });
      expect(feed(each)).toMatchObject([
        {
          tagId: String(Number(each.tagId)),
          success: each.success ?? true,
          position: place.every((value) => value === null) ? null : place,
          timestampUs: each.timestamp === undefined ? null : Math.round(each.timestamp * 1e6),
        },
      ]);
    }),
  );
});

test('arbitrary bytes and JSON never throw, and a good message after them is read', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const parser = new PozyxMqttParser();
        parser.push(bytes);
        expect(parser.push(Buffer.from('[{"tagId":"27196"}]'))).toMatchObject([{ type: 'update', tagId: '27196' }]);
      },
    ),
  );
});
