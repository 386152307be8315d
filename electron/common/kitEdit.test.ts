import { describe, expect, it } from 'vitest';
import type { Kit } from './kit.ts';
import { applyEdit, type KitEditStep, kitEditSchema } from './kitEdit.ts';

const apply = (kit: Kit | null, step: KitEditStep): Kit => applyEdit(kit, kitEditSchema.parse(step));
const add = (...sources: Record<string, unknown>[]): KitEditStep => ({ op: 'add', sources, kitName: 'My classroom' });
const camera = (label: string, path?: string) => ({
  kind: 'camera',
  label,
  match: { label: 'c', ...(path ? { path } : {}) },
});
const two = apply(null, add(camera('Front', '#1'), camera('Back', '#2')));

it('creates a kit from the first device', () => {
  expect(two).toMatchObject({ name: 'My classroom', sources: [{ id: 'camera-1' }, { id: 'camera-2' }] });
});

it('applies all of many concurrent edits, even of the same source', () => {
  const steps: KitEditStep[] = [
    { op: 'change', id: 'camera-1', set: { label: 'Board' } },
    { op: 'change', id: 'camera-1', set: { place: 'Window' } },
    { op: 'change', id: 'camera-1', settings: { width: 640, height: 360 } },
    { op: 'change', id: 'camera-1', settings: { frameRate: 15 } },
    { op: 'rename', name: 'Room 12' },
  ];
  const kit = steps.reduce<Kit>(apply, two);
  expect(kit.name).toBe('Room 12');
  expect(kit.sources[0]).toMatchObject({
    label: 'Board',
    place: 'Window',
    settings: { width: 640, height: 360, frameRate: 15 },
  });
});

it('removes a field set to null, and starts with empty settings when the driver changes', () => {
  const named = apply(two, { op: 'change', id: 'camera-1', set: { participant: 'P01' } });
  expect(named.sources[0]).toMatchObject({ participant: 'P01' });
  expect(apply(named, { op: 'change', id: 'camera-1', set: { participant: null } }).sources[0]).not.toHaveProperty(
    'participant',
  );
  const sensor = apply(two, add({ id: 'line', kind: 'serial', driver: 'lines', settings: { baudRate: 9600 } }));
  const other = apply(sensor, { op: 'change', id: 'line', set: { driver: 'nmea' }, freshSettings: true });
  expect(other.sources[2]?.settings).toEqual({});
});

it('gives a new source a unique id and name', () => {
  const kit = apply(two, add(camera('Front', '#3'), { id: 'camera-1', kind: 'screen', label: 'Slides' }));
  expect(kit.sources.map(({ id, label }) => `${id} ${label}`).slice(2)).toEqual([
    'camera-3 Front 2',
    'camera-4 Slides',
  ]);
});

describe('refused edits', () => {
  it.each<[string, KitEditStep, RegExp]>([
    ['a device twice', add(camera('Again', '#2')), /^Back already uses this device\.$/],
    ['a name twice', { op: 'change', id: 'camera-2', set: { label: 'Front' } }, /already called Front/],
    [
      'a port that another source has',
      { op: 'change', id: 'camera-2', set: { match: { label: 'c', path: '#1' } } },
      /^Front already uses/,
    ],
    [
      'a field, named',
      { op: 'change', id: 'camera-2', settings: { width: 3 } },
      /^Back: the field “settings, width” is not valid/,
    ],
    ['a source that is not in the kit', { op: 'remove', id: 'nothing' }, /nothing/],
  ])('%s', (_, step, message) => expect(() => apply(two, step)).toThrow(message));
  it('to remove the last source', () => {
    const one = apply(two, { op: 'remove', id: 'camera-2' });
    expect(() => apply(one, { op: 'remove', id: 'camera-1' })).toThrow(/at least one source/);
  });
});
