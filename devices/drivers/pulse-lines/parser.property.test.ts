import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PulseFrame, PulseLinesParser } from './parser.ts';
import { PULSE_FORMATS } from './settings.ts';

const line = fc.constantFrom(
  '72,833,512',
  'S512',
  'B72',
  'Q833',
  'PSWS,1,LIVE,7,1000,512,72,833,1,95,OK',
  '!!!',
  '{"raw":1}',
  'IR=1, BPM=2, Avg BPM=3',
  '5',
  '1,2',
);
const part = fc.oneof(
  line.map((text) => new TextEncoder().encode(`${text}\r\n`)),
  fc.uint8Array({ maxLength: 80 }),
);
const wire = fc.array(part, { maxLength: 12 }).map((parts) => Uint8Array.from(parts.flatMap((bytes) => [...bytes])));
const format = fc.constantFrom('auto' as const, ...PULSE_FORMATS);

test('gives the same result however the bytes are split', () => {
  fc.assert(
    fc.property(wire, fc.array(fc.nat(1000), { maxLength: 20 }), format, (data, cuts, wanted) => {
      const whole = new PulseLinesParser(wanted, 1).push(data);
      const parser = new PulseLinesParser(wanted, 1);
      const edges = [0, ...cuts.map((cut) => cut % (data.length + 1)).sort((a, b) => a - b), data.length];
      expect(edges.slice(1).flatMap((end, i) => parser.push(data.slice(edges[i], end)))).toEqual(whole);
    }),
  );
});

test('a good line after any garbage is read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (garbage) => {
      const parser = new PulseLinesParser('plotter', 1);
      parser.push(garbage);
      const after = parser.push(new TextEncoder().encode('\n\n72,833,512\r\n')) as PulseFrame[];
      expect(after.at(-1)).toMatchObject({ type: 'sample', of: 'signal', values: [512] });
    }),
  );
});
