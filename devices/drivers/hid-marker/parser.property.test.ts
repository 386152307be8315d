import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Debounce, type TimedEdge } from './debounce.ts';
import { parseReportDescriptor } from './descriptor.ts';
import { DEVICES, descriptorLayout, LAYOUTS } from './layouts.ts';
import { HidMarkerParser, type MarkerEdge } from './parser.ts';

const report = fc.oneof(
  fc.uint8Array({ maxLength: 70 }),
  fc.uint8Array({ minLength: 8, maxLength: 8 }),
  fc.uint8Array({ minLength: 5, maxLength: 5 }),
  fc.uint8Array({ minLength: 2, maxLength: 2 }),
);

test('any reports are accepted, and a held button is pressed and released in turn', () => {
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
      expect(parser.push(Uint8Array.of(2, 0))).toEqual([
        { type: 'edge', button: 2, pressed: true, name: 'centre', bounces: true },
      ]);
    }),
  );
});

test('any bytes as a descriptor are accepted, with a bounded number of fields', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(report, { maxLength: 5 }), (bytes, reports) => {
      const description = parseReportDescriptor(bytes);
      expect(description.fields.length).toBeLessThanOrEqual(1024);
      const layout = descriptorLayout(description);
      for (const one of reports) layout?.read(one);
    }),
  );
});

const edge = (button: number, pressed: boolean): MarkerEdge => ({
  ...{ type: 'edge', button, pressed, name: '', bounces: true },
});

test('bounce never changes the final state, and consecutive edges of a button differ', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 60 }), (waitsMs) => {
      const debounce = new Debounce(10);
      let nowNs = 0;
      let pressed = false;
      const told: boolean[] = [];
      for (const waitMs of waitsMs) {
        nowNs += waitMs * 1e6;
        pressed = !pressed;
        told.push(...debounce.take(edge(1, pressed), nowNs).map(({ edge }) => edge.pressed));
      }
      told.push(...debounce.due(nowNs + 1e9).map(({ edge }) => edge.pressed));
      expect(told.at(-1) ?? false).toBe(pressed);
      expect(told.every((value, i) => value === (i % 2 === 0))).toBe(true);
    }),
  );
});

test('edges of several buttons are reported in order, each button with its final state', () => {
  const edges = fc.array(fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 1, max: 4 })), { maxLength: 60 });
  fc.assert(
    fc.property(edges, (all) => {
      const debounce = new Debounce(10);
      const pressed = new Map<number, boolean>();
      let nowNs = 0;
      const told: TimedEdge[] = [];
      for (const [waitMs, button] of all) {
        nowNs += waitMs * 1e6 + 1;
        pressed.set(button, !pressed.get(button));
        told.push(...debounce.take(edge(button, pressed.get(button) === true), nowNs));
      }
      told.push(...debounce.due(nowNs + 10e6));
      expect(debounce.isHolding).toBe(false);
      const times = told.map(({ arrivedNs }) => arrivedNs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      for (const [button, is] of pressed)
        expect(told.findLast(({ edge }) => edge.button === button)?.edge.pressed ?? false).toBe(is);
    }),
  );
});

test('a release that is held back is reported before a later press of another button', () => {
  const debounce = new Debounce(10);
  const told = [
    ...debounce.take(edge(1, true), 0),
    ...debounce.take(edge(1, false), 4e6),
    ...debounce.take(edge(2, true), 5e6),
    ...debounce.due(10e6),
  ];
  expect(told.map(({ edge: { button, pressed }, arrivedNs }) => [button, pressed, arrivedNs])).toEqual([
    [1, true, 0],
    [1, false, 4e6],
    [2, true, 5e6],
  ]);
});
