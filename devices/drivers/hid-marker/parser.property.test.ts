import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Debounce } from './debounce.ts';
import { parseReportDescriptor } from './descriptor.ts';
import { DEVICES, descriptorLayout, LAYOUTS } from './layouts.ts';
import { HidMarkerParser } from './parser.ts';

const report = fc.oneof(
  fc.uint8Array({ maxLength: 70 }),
  fc.uint8Array({ minLength: 8, maxLength: 8 }),
  fc.uint8Array({ minLength: 5, maxLength: 5 }),
  fc.uint8Array({ minLength: 2, maxLength: 2 }),
);

test('any reports are survived, and a button that is held is pressed and released in turn', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...DEVICES.filter((device) => device !== 'iclicker' && device !== 'powermate')),
      fc.array(report, { maxLength: 40 }),
      (device, reports) => {
        const parser = new HidMarkerParser(LAYOUTS[device]);
        const down = new Set<number>();
        for (const edge of reports.flatMap((one) => parser.push(one))) {
          if (edge.type !== 'edge') continue;
          expect(down.has(edge.button)).toBe(!edge.pressed);
          if (edge.pressed) down.add(edge.button);
          else down.delete(edge.button);
        }
      },
    ),
  );
});

test('after any garbage a good report is read', () => {
  fc.assert(
    fc.property(fc.array(report, { maxLength: 20 }), (garbage) => {
      const parser = new HidMarkerParser(LAYOUTS['infinity-pedal']);
      for (const one of garbage) parser.push(one);
      parser.push(Uint8Array.of(0, 0));
      expect(parser.push(Uint8Array.of(2, 0))).toEqual([{ type: 'edge', button: 2, pressed: true, name: 'centre' }]);
    }),
  );
});

test('any bytes as a descriptor are survived, with a bounded number of fields', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(report, { maxLength: 5 }), (bytes, reports) => {
      const description = parseReportDescriptor(bytes);
      expect(description.fields.length).toBeLessThanOrEqual(1024);
      const layout = descriptorLayout(description);
      for (const one of reports) layout?.read(one);
    }),
  );
});

test('bounce never changes what it comes to, and no two edges of a button are alike', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 60 }), (waitsMs) => {
      const debounce = new Debounce(10);
      let nowNs = 0;
      let pressed = false;
      const told: boolean[] = [];
      for (const waitMs of waitsMs) {
        nowNs += waitMs * 1e6;
        pressed = !pressed;
        told.push(
          ...debounce.take({ type: 'edge', button: 1, pressed, name: '' }, nowNs).map(({ edge }) => edge.pressed),
        );
      }
      told.push(...debounce.due(nowNs + 1e9).map(({ edge }) => edge.pressed));
      expect(told.at(-1) ?? false).toBe(pressed);
      expect(told.every((value, i) => value === (i % 2 === 0))).toBe(true);
    }),
  );
});
