import { expect, it } from 'vitest';
import type { FoundDevice } from '../../../electron/common/found.ts';
import { sourceSchema } from '../../../electron/common/kit.ts';
import { changeStep, newSource, newSources, unused } from './kitEdits.ts';

const found = (kind: FoundDevice['kind'], more: Partial<FoundDevice> = {}): FoundDevice => ({
  kind,
  key: kind,
  label: kind,
  match: { label: kind },
  drivers: [],
  source: null,
  ...more,
});

it('adds everything that is plugged in, but never the own screen automatically', () => {
  const sources = newSources(
    [
      found('camera'),
      found('camera', { match: { label: 'c', path: '#2' } }),
      found('microphone'),
      found('screen', { match: {} }),
      found('serial', { drivers: ['pozyx', 'lines'], label: '/dev/ttyACM0' }),
      found('serial', { match: { path: 'COM3' }, label: 'Arduino Uno (2341:0043)' }),
      found('hid', { drivers: ['hid-marker'] }),
    ],
    null,
  );
  expect(sources.map(({ label }) => label)).toEqual([
    'Camera 1',
    'Camera 2',
    'Microphone 1',
    'Sensor 1',
    'Arduino Uno',
    'Button 1',
  ]);
  expect(sources.slice(3).map(({ driver }) => driver)).toEqual(['pozyx', 'lines', 'hid-marker']);
});

it('gives a new source a unique name', () => {
  const kit = { sources: [{ label: 'Camera 2' }] } as never;
  expect([
    newSource(found('camera'), kit).label,
    newSource(found('camera'), kit, [{ kind: 'camera', label: 'Camera 1' }]).label,
  ]).toEqual(['Camera 1', 'Camera 3']);
});

it('sends only what differs, so that another pending change is kept', () => {
  const camera = sourceSchema.parse({ id: 'front', kind: 'camera', label: 'Front', participant: 'P01' });
  expect(changeStep(camera, { label: 'Door' })).toMatchObject({ set: { label: 'Door' }, settings: {} });
  expect(changeStep(camera, { participant: undefined })).toMatchObject({ set: { participant: null } });
  expect(changeStep(camera, { settings: { ...camera.settings, width: 640, codec: undefined } })).toMatchObject({
    set: {},
    settings: { width: 640, codec: null },
  });
  const sensor = sourceSchema.parse({ id: 's', kind: 'serial', driver: 'lines', settings: { baudRate: 9600 } });
  expect(changeStep(sensor, { driver: 'nmea', settings: {} })).toMatchObject({
    set: { driver: 'nmea' },
    freshSettings: true,
  });
});

it('shows as new only what no source uses', () => {
  expect(unused([found('camera'), found('microphone', { source: 'mic' })]).map(({ kind }) => kind)).toEqual(['camera']);
});
