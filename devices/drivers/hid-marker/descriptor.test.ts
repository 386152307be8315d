import { describe, expect, test } from 'vitest';
import { hex } from '../ant-heart-rate/driverBench.ts';
import { parseReportDescriptor, readField } from './descriptor.ts';
import { descriptorLayout } from './layouts.ts';

/** The pedal of section 5: three buttons and 13 bits of padding. */
const PEDAL = hex(
  '05 0C 09 03 A1 01 05 09 19 01 29 03 15 00 25 01 95 03 75 01 81 02 95 01 75 05 81 01 95 01 75 08 81 01 C0',
);
/** A boot keyboard (HID 1.11 appendix B): modifiers, one constant byte, six keys; LEDs out. */
const KEYBOARD = hex(
  '05 01 09 06 A1 01 05 07 19 E0 29 E7 15 00 25 01 75 01 95 08 81 02 95 01 75 08 81 01 95 05 75 01 05 08 19 01 29 05 91 02 95 01 75 03 91 01 95 06 75 08 15 00 25 65 05 07 19 00 29 65 81 00 C0',
);

describe('the pedal', () => {
  test('has three buttons and 13 bits of padding', () => {
    const { numbered, fields } = parseReportDescriptor(PEDAL);
    expect(numbered).toBe(false);
    expect(
      fields
        .filter((field) => !field.isConstant)
        .map(({ usagePage, usage, bitOffset, bitSize }) => [usagePage, usage, bitOffset, bitSize]),
    ).toEqual([
      [9, 1, 0, 1],
      [9, 2, 1, 1],
      [9, 3, 2, 1],
    ]);
    expect(fields.filter((field) => field.isConstant).reduce((sum, field) => sum + field.bitSize, 0)).toBe(13);
  });
  test('reads its buttons from the descriptor alone', () => {
    const layout = descriptorLayout(parseReportDescriptor(PEDAL));
    expect([...(layout?.read(Uint8Array.of(0b101, 0))?.down ?? [])]).toEqual([
      [1, 'button 1'],
      [3, 'button 3'],
    ]);
    expect(layout?.read(new Uint8Array(0))).toBeNull();
  });
});

test('a keyboard’s array of keys and its modifiers', () => {
  const layout = descriptorLayout(parseReportDescriptor(KEYBOARD));
  const down = layout?.read(hex('02 00 4E 00 04 00 00 00'))?.down;
  expect([...(down?.keys() ?? [])]).toEqual([0xe1, 0x4e, 0x04]);
});

test('numbered reports affect only their own bits, and the state from other reports stays', () => {
  const two = hex(
    '05 09 A1 01 85 01 19 01 29 02 15 00 25 01 95 02 75 01 81 02 95 06 81 01 85 02 19 05 29 05 95 01 75 01 81 02 95 07 81 01 C0',
  );
  const description = parseReportDescriptor(two);
  expect(description.numbered).toBe(true);
  const layout = descriptorLayout(description);
  expect([...(layout?.read(hex('01 02'))?.down.keys() ?? [])]).toEqual([2]);
  expect([...(layout?.read(hex('02 01'))?.down.keys() ?? [])]).toEqual([2, 5]);
  expect([...(layout?.read(hex('09 FF'))?.down.keys() ?? [])]).toEqual([2, 5]);
});

test('push, pop, four-byte usages and signed minima', () => {
  const { fields } = parseReportDescriptor(
    hex('05 01 75 08 95 01 A4 75 10 15 81 25 7F 0B 30 00 01 00 81 06 B4 09 31 81 02'),
  );
  expect(fields).toMatchObject([
    { usagePage: 1, usage: 0x30, bitSize: 16, logicalMin: -127, logicalMax: 127, isRelative: true, bitOffset: 0 },
    { usagePage: 1, usage: 0x31, bitSize: 8, logicalMin: 0, bitOffset: 16 },
  ]);
});

test('fields across bytes are read from the lowest bit', () => {
  expect(readField(hex('F0 0A'), { bitOffset: 4, bitSize: 8 })).toBe(0xaf);
  expect(readField(hex('F0 0A'), { bitOffset: 12, bitSize: 8 })).toBeNull();
});
