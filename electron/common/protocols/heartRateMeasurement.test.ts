import { describe, expect, test } from 'vitest';
import { parseHeartRateMeasurement } from './heartRateMeasurement.ts';

const parse = (text: string) => {
  // A view with an offset, as Web Bluetooth may hand one out.
  const bytes = [0xee, ...text.split(' ').map((byte) => Number.parseInt(byte, 16))];
  return parseHeartRateMeasurement(new DataView(Uint8Array.from(bytes).buffer, 1));
};

describe('vectors of section 2b', () => {
  test('72 bpm, contact, one RR of 833 ms', () => {
    const result = parse('16 48 55 03');
    expect(result).toMatchObject({ heartRateBpm: 72, contact: true, energyKj: null });
    expect(result?.rrMs).toEqual([(853 / 1024) * 1000]);
  });
  test('60 bpm, two RR, contact not told', () => {
    const result = parse('10 3C 00 04 F6 03');
    expect(result).toMatchObject({ heartRateBpm: 60, contact: null });
    expect(result?.rrMs[0]).toBe(1000);
    expect(result?.rrMs[1]).toBeCloseTo(990.2, 1);
  });
  test('300 bpm in two bytes, 42 kJ, RR 200.2 ms', () => {
    const result = parse('1F 2C 01 2A 00 CD 00');
    expect(result).toMatchObject({ heartRateBpm: 300, contact: true, energyKj: 42 });
    expect(result?.rrMs[0]).toBeCloseTo(200.2, 1);
  });
  test('contact lost', () => {
    expect(parse('04 00')).toEqual({ heartRateBpm: 0, contact: false, energyKj: null, rrMs: [] });
  });
});

test('a packet shorter than its flags demand is refused', () => {
  for (const text of ['16', '01 2C', '08 3C 2A', '10 3C 00', '1F 2C 01 2A 00 CD', '09 2C 01 2A']) {
    expect(parse(text), text).toBeNull();
  }
});
