import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHeartRateMeasurement } from './heartRateMeasurement.ts';

const view = (bytes: readonly number[]) => new DataView(Uint8Array.from(bytes).buffer);

test('any bytes are handled', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const result = parseHeartRateMeasurement(view([...bytes]));
      if (result) expect(result.rrMs.length).toBeLessThanOrEqual(bytes.length / 2);
    }),
  );
});

test('reads exactly what a device encodes', () => {
  const u16 = fc.integer({ min: 0, max: 65_535 });
  const packet = fc.record({
    bpm: u16,
    wide: fc.boolean(),
    contact: fc.constantFrom(null, true, false),
    energyKj: fc.option(u16),
    rr: fc.array(u16, { maxLength: 9 }),
  });
  fc.assert(
    fc.property(packet, ({ bpm, wide, contact, energyKj, rr }) => {
      const rate = wide ? bpm : bpm & 0xff;
      const low = (value: number) => [value & 0xff, value >> 8];
      const flags =
        (wide ? 1 : 0) |
        (contact === null ? 0 : contact ? 6 : 4) |
        (energyKj === null ? 0 : 8) |
        (rr.length > 0 ? 16 : 0);
      const bytes = [
        flags,
        ...(wide ? low(rate) : [rate]),
        ...(energyKj === null ? [] : low(energyKj)),
        ...rr.flatMap(low),
      ];
      expect(parseHeartRateMeasurement(view(bytes))).toEqual({
        heartRateBpm: rate === 0 ? Number.NaN : rate,
        contact,
        energyKj,
        rrMs: rr.filter((ticks) => ticks > 0).map((ticks) => (ticks * 1000) / 1024),
        oddFields: 0,
      });
    }),
  );
});
