import { describe, expect, it } from 'vitest';
import { rehearsalArguments } from './rehearsal.ts';

const asked = { FIELDROOM_MICROPHONE_DRIFT_PPM: 'mic-2=50,mic-3=-50.5' };

describe('bench settings of the capture window', () => {
  it('apply in development', () => {
    expect(rehearsalArguments(false, asked)).toEqual(['--microphone-drift-ppm=mic-2=50,mic-3=-50.5']);
  });

  it('do not apply in a packed app, or when none are set', () => {
    expect(rehearsalArguments(true, asked)).toEqual([]);
    expect(rehearsalArguments(false, {})).toEqual([]);
    expect(rehearsalArguments(false, { FIELDROOM_MICROPHONE_DRIFT_PPM: 'much' })).toEqual([]);
  });
});
