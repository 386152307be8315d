import { describe, expect, test } from 'vitest';
import { parseHeartRateMeasurement } from './heartRateMeasurement.ts';

const parse = (text: string) => {
  // A view with an offset, as Web Bluetooth may return.
  const bytes = [0xee, ...text.split(' ').map((byte) => Number.parseInt(byte, 16))];
  return parseHeartRateMeasurement(new DataView(Uint8Array.from(bytes).buffer, 1));
};

describe('vectors of section 2b', () => {
  test('72 bpm, contact, one RR of 833 ms', () => {
    const result = parse('16 48 55 03');
    expect(result).toMatchObject({ heartRateBpm: 72, contact: true, energyKj: null });
    expect(result?.rrMs).toEqual([(853 / 1024) * 1000]);
  });
  test('60 bpm, two RR, contact not reported', () => {
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
    expect(parse('04 00')).toEqual({
      heartRateBpm: Number.NaN,
      contact: false,
      energyKj: null,
      rrMs: [],
      oddFields: 0,
    });
  });
});

test('0 beats per minute is a missing value, so that the mean of the others stays right', () => {
  const rates = ['06 54', '06 54', '04 00', '00 00', '06 54'].map((text) => parse(text)?.heartRateBpm ?? -1);
  expect(rates).toEqual([84, 84, Number.NaN, Number.NaN, 84]);
  const told = rates.filter((rate) => !Number.isNaN(rate));
  expect(told.reduce((sum, rate) => sum + rate, 0) / told.length).toBe(84);
  expect(parse('01 00 00')?.heartRateBpm).toBeNaN();
});

test('a packet without a complete rate is refused; another truncated field loses only its own value', () => {
  for (const text of ['16', '01 2C', '00']) expect(parse(text), text).toBeNull();
  expect(parse('08 3C 2A')).toMatchObject({ heartRateBpm: 60, energyKj: null, oddFields: 1 });
  expect(parse('10 3C 00')).toMatchObject({ heartRateBpm: 60, rrMs: [], oddFields: 1 });
  expect(parse('1F 2C 01 2A 00 CD')).toMatchObject({ heartRateBpm: 300, energyKj: 42, rrMs: [], oddFields: 1 });
  expect(parse('10 3C 00 04 F6')).toMatchObject({ heartRateBpm: 60, rrMs: [1000], oddFields: 1 });
});
