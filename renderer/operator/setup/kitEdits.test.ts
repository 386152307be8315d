import { expect, it } from 'vitest';
import type { FoundDevice } from '../../../electron/common/found.ts';
import { kitSchema } from '../../../electron/common/kit.ts';
import { changed, freeId, kitOfFound, unused, withDevice, withoutSource } from './kitEdits.ts';

const found = (kind: FoundDevice['kind'], more: Partial<FoundDevice> = {}): FoundDevice => ({
  kind,
  key: kind,
  label: kind,
  match: { label: kind },
  drivers: [],
  source: null,
  ...more,
});

it('makes a valid kit of whatever is plugged in', () => {
  const kit = kitOfFound([
    found('camera'),
    found('camera', { match: { label: 'c', path: '#2' } }),
    found('microphone'),
    found('screen', { match: {} }),
    found('serial', { drivers: ['pozyx', 'lines'] }),
    found('serial', { match: { path: 'COM3' } }),
    found('hid', { drivers: ['hid-marker'] }),
  ]);
  expect(kitSchema.parse(JSON.parse(JSON.stringify(kit)))).toEqual(kit);
  expect(kit.sources.map(({ label }) => label)).toEqual([
    'Camera 1',
    'Camera 2',
    'Microphone 1',
    'Screen 1',
    'Sensor 1',
    'Sensor 2',
    'Button 1',
  ]);
  expect(kit.sources.slice(4).map(({ driver }) => driver)).toEqual(['pozyx', 'lines', 'hid-marker']);
});

it('gives a new source an id that no other has, also after one was taken out', () => {
  const kit = kitOfFound([found('camera'), found('camera')]);
  const less = withoutSource(kit, 'camera-1');
  expect(freeId(less, 'camera')).toBe('camera-1');
  expect(withDevice(less, found('camera')).sources.map(({ id }) => id)).toEqual(['camera-2', 'camera-1']);
});

it('changes one source, refuses what no kit may hold, and leaves the kit before as it was', () => {
  const kit = kitOfFound([found('camera'), found('camera')]);
  const named = changed(kit, 'camera-2', { label: 'Door', participant: 'P01' });
  expect(named.sources[1]).toMatchObject({ label: 'Door', participant: 'P01' });
  expect(changed(named, 'camera-2', { participant: undefined }).sources[1]).not.toHaveProperty('participant');
  expect(kit.sources[1]?.label).toBe('Camera 2');
  expect(() => changed(kit, 'camera-2', { participant: 'Anna Müller' })).toThrow();
});

it('shows as new only what no source has', () => {
  expect(unused([found('camera'), found('microphone', { source: 'mic' })]).map(({ kind }) => kind)).toEqual(['camera']);
});
