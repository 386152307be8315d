import { describe, expect, it } from 'vitest';
import { type Choice, chooseDevice, type Device, type Wish } from './deviceMatch.ts';

const devices: Device[] = [
  { deviceId: 'a', label: 'HD Webcam (046d:0825)' },
  { deviceId: 'b', label: 'HD Webcam (046d:0825)' },
  { deviceId: 'c', label: 'Document camera' },
];
const choose = (wish: Wish, taken: [string, string][] = [], others: Wish[] = []): Choice =>
  chooseDevice(wish, devices, new Map(taken), [wish, ...others]);

describe('chooseDevice', () => {
  it('takes the first free one for an empty match, but none that another source names', () => {
    expect(choose({ source: 'x', match: {} })).toEqual({ kind: 'device', device: devices[0] });
    expect(choose({ source: 'x', match: {} }, [['a', 'y']])).toEqual({ kind: 'device', device: devices[1] });
    const named: Wish[] = [{ source: 'y', match: { label: 'HD Webcam' } }];
    expect(choose({ source: 'x', match: {} }, [], named)).toEqual({ kind: 'device', device: devices[2] });
  });

  it('finds by a part of the label', () => {
    expect(choose({ source: 'x', match: { label: 'document' } })).toEqual({ kind: 'device', device: devices[2] });
  });

  it('never guesses among twins: a person chooses, and the choice identifies one', () => {
    const choice = choose({ source: 'x', match: { label: 'HD Webcam' } });
    expect(choice).toMatchObject({
      kind: 'choosing',
      candidates: [
        { label: 'HD Webcam (046d:0825) (1 of 2)' },
        { label: 'HD Webcam (046d:0825) (2 of 2)', match: { path: '#2' } },
      ],
    });
    if (choice.kind !== 'choosing') return;
    expect(choose({ source: 'x', match: choice.candidates[1]?.match ?? {} })).toEqual({
      kind: 'device',
      device: devices[1],
    });
  });

  it('takes an index', () => {
    expect(choose({ source: 'x', match: { path: '3' } })).toEqual({ kind: 'device', device: devices[2] });
    expect(choose({ source: 'x', match: { path: '#4' } })).toEqual({ kind: 'none', takenBy: null });
  });

  it('says which source has the device', () => {
    expect(choose({ source: 'x', match: { label: 'document' } }, [['c', 'y']])).toEqual({ kind: 'none', takenBy: 'y' });
  });

  it('finds nothing by a property that browsers do not report', () => {
    expect(choose({ source: 'x', match: { serialNumber: '12' } })).toEqual({ kind: 'none', takenBy: null });
  });
});
