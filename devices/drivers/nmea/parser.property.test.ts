import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeNmea, NmeaParser } from './parser.ts';
import { NmeaReader } from './position.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const body = fc
  .tuple(
    fc.constantFrom('GPRMC', 'GNGGA', 'GPZDA', 'PUBX'),
    fc.array(fc.stringMatching(/^[0-9A-Z.]{0,10}$/), { maxLength: 10 }),
  )
  .map(([name, fields]) => [name, ...fields].join(','));
const part = fc.oneof(
  body.map((text) => encode(encodeNmea(text))),
  fc.uint8Array({ maxLength: 200 }),
);
const wire = fc.array(part, { maxLength: 10 }).map((parts) => Uint8Array.from(parts.flatMap((bytes) => [...bytes])));

test('gives the same sentences however the bytes are split', () => {
  fc.assert(
    fc.property(wire, fc.array(fc.nat(2000), { maxLength: 20 }), (data, cuts) => {
      const parser = new NmeaParser();
      const edges = [0, ...cuts.map((cut) => cut % (data.length + 1)).sort((a, b) => a - b), data.length];
      expect(edges.slice(1).flatMap((end, i) => parser.push(data.slice(edges[i], end)))).toEqual(
        new NmeaParser().push(data),
      );
    }),
  );
});

test('a good sentence on its own line is read after any garbage', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), body, (garbage, good) => {
      const parser = new NmeaParser();
      parser.push(garbage);
      const out = parser.push(encode(`\n${encodeNmea(good)}`));
      expect(out.at(-1)).toMatchObject({ type: 'sentence', fields: good.split(',').slice(1) });
    }),
  );
});

test('any fields are accepted, and a time is whole milliseconds or absent', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('RMC', 'GGA', 'ZDA', 'XXX'),
      fc.array(
        fc.oneof(fc.string({ maxLength: 12 }), fc.stringMatching(/^[0-9.]{0,9}$/), fc.constantFrom('A', 'N', 'W')),
        { maxLength: 15 },
      ),
      (kind, fields) => {
        const meaning = new NmeaReader().read({ type: 'sentence', talker: 'GP', kind, fields });
        if (meaning) expect(Number.isNaN(meaning.unixMs) || Number.isInteger(meaning.unixMs)).toBe(true);
      },
    ),
  );
});
