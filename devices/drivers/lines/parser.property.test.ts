import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checksum8 } from './checksum.ts';
import { makePlan } from './guess.ts';
import { readNumber } from './numbers.ts';
import { LinesParser } from './parser.ts';
import type { LinePlan } from './plan.ts';
import { linesSettingsSchema } from './settings.ts';

const encoder = new TextEncoder();
const settings = [
  { format: 'csv', columns: [{ name: 'a' }, { name: 'b', type: 'text' }] },
  { format: 'whitespace', columns: [{ name: 'a' }, { name: 'b', column: 'x' }] },
  { format: 'csv', checksum: 'crc8', columns: [{ name: 'a' }, { name: 'b' }], counter: 1 },
  { format: 'json', columns: [{ name: 'a' }, { name: 'b' }] },
  { format: 'key-value', columns: [{ name: 'a' }, { name: 'b', type: 'boolean' }] },
];
const plans = settings.map((one) => makePlan(linesSettingsSchema.parse(one), []) as LinePlan);

/** Bytes that resemble lines: digits, delimiters and line ends are far more frequent than by chance. */
const nearLines = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...encoder.encode('0123456789.-,;: \t\r\n"{}xab=')) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
    ),
    { maxLength: 400 },
  )
  .map((list) => Uint8Array.from(list));

const feed = (plan: LinePlan, bytes: Uint8Array, sizes: readonly number[]): unknown[] => {
  const parser = new LinesParser(plan, 64);
  const frames: unknown[] = [];
  let turn = 0;
  for (let at = 0; at < bytes.length; turn += 1) {
    const size = sizes.length === 0 ? bytes.length : (sizes[turn % sizes.length] as number);
    const part = bytes.slice(at, at + size);
    frames.push(...parser.push(part));
    // The parser must not keep references to its input.
    part.fill(0);
    at += size;
  }
  return frames;
};

it('gives the same frames however the bytes are split, and accepts any bytes', () => {
  fc.assert(
    fc.property(nearLines, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (bytes, sizes) => {
      for (const plan of plans) expect(feed(plan, bytes, sizes)).toEqual(feed(plan, bytes, []));
    }),
    { numRuns: 300 },
  );
});

it('reads a good line after any garbage', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer(), fc.integer(), (garbage, a, b) => {
      const body = encoder.encode(`${a},${b}`);
      const sum = checksum8('crc8', body, 0, body.length).toString(16).padStart(2, '0');
      const frames = feed(plans[2] as LinePlan, Buffer.concat([garbage, encoder.encode(`\n${a},${b},${sum}\n`)]), []);
      expect(frames.at(-1)).toEqual({ type: 'row', values: [a, b], deviceTime: Number.NaN, counter: a });
    }),
  );
});

it('reads numbers exactly as JavaScript does', () => {
  const text = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.tuple(fc.integer(), fc.nat(99_999)).map(([whole, rest]) => `${whole}.${String(rest).padStart(5, '0')}`),
    fc.maxSafeInteger().map(String),
  );
  fc.assert(
    fc.property(text, (number) => {
      const bytes = encoder.encode(number);
      // An integer that a float64 cannot represent is rejected: a different value in its place would be a silent error.
      const changed = /^-?\d+$/.test(number) && BigInt(number) !== BigInt(Number(number));
      expect(readNumber(bytes, 0, bytes.length)).toBe(changed ? null : Number(number));
    }),
    { numRuns: 2000 },
  );
});

it('accounts for every byte: anything that is not a row, header or comment is counted as discarded', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[0-9a-z,]{1,12}$/), { minLength: 1, maxLength: 30 }), (lines) => {
      const parser = new LinesParser(plans[0] as LinePlan);
      const frames = parser.push(encoder.encode(`${lines.join('\n')}\n`));
      expect(frames.length).toBe(lines.length);
      frames.forEach((frame, i) => {
        if (frame.type === 'resync') expect(frame.discardedBytes).toBe(lines[i]?.length);
      });
    }),
  );
});
