import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMeasurement } from './measurement.ts';
import { checksumOf, GoDirectParser, toReports } from './parser.ts';

const frame = fc
  .tuple(fc.constantFrom(0x98, 0x20), fc.uint8Array({ minLength: 2, maxLength: 251 }))
  .map(([head, rest]) => {
    const bytes = Uint8Array.from([head, rest.length + 4, 0, 0, ...rest]);
    bytes[3] = checksumOf(bytes);
    return bytes;
  });
const reports = fc.oneof(
  frame.map(toReports),
  fc.array(fc.uint8Array({ minLength: 64, maxLength: 64 }), { maxLength: 3 }),
);
const wire = fc
  .array(reports, { maxLength: 8 })
  .map((parts) => Uint8Array.from(parts.flat().flatMap((bytes) => [...bytes])));

test('gives the same frames however the bytes are split', () => {
  fc.assert(
    fc.property(wire, fc.array(fc.nat(5000), { maxLength: 20 }), (data, cuts) => {
      const parser = new GoDirectParser();
      const edges = [0, ...cuts.map((cut) => cut % (data.length + 1)).sort((a, b) => a - b), data.length];
      expect(edges.slice(1).flatMap((end, i) => parser.push(data.slice(edges[i], end)))).toEqual(
        new GoDirectParser().push(data),
      );
    }),
  );
});

test('parses what was encoded', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), (frames) => {
      const parser = new GoDirectParser();
      const got = frames.flatMap(toReports).flatMap((report) => parser.push(report));
      expect(got.map((one) => (one.type === 'resync' ? null : one.bytes))).toEqual(frames);
    }),
  );
});

test('after any reports, a good frame is read once four more reports have arrived', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 64, maxLength: 64 }), { maxLength: 10 }), (garbage) => {
      const parser = new GoDirectParser();
      for (const report of garbage) parser.push(report);
      const good = Uint8Array.of(0x20, 6, 9, 0, 0x0d, 1);
      good[3] = checksumOf(good);
      const out = Array.from({ length: 5 }, () => toReports(good))
        .flat()
        .flatMap((report) => parser.push(report));
      expect(out.filter((one) => one.type === 'measurement').length).toBeGreaterThanOrEqual(1);
      expect(out.at(-1)).toEqual({ type: 'measurement', bytes: good });
    }),
  );
});

test('any measurement is accepted without throwing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 255 }), fc.integer({ min: 5, max: 15 }), (bytes, kind) => {
      if (bytes.length > 4) bytes[4] = kind;
      const result = decodeMeasurement(bytes);
      if (result?.type === 'samples') expect(result.samples.length * result.channels.length * 4).toBeLessThan(256);
    }),
  );
});
