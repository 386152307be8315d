import { describe, expect, it } from 'vitest';
import { rehearsalArguments } from './rehearsal.ts';

const asked = { FIELDROOM_MICROPHONE_DRIFT_PPM: 'mic-2=50,mic-3=-50.5' };

describe('what a bench asks of the capture window', () => {
  it('reaches it while the app is developed', () => {
    expect(rehearsalArguments(false, asked)).toEqual(['--microphone-drift-ppm=mic-2=50,mic-3=-50.5']);
  });

  it('is not known to a packaged app, nor when nobody asks', () => {
    expect(rehearsalArguments(true, asked)).toEqual([]);
    expect(rehearsalArguments(false, {})).toEqual([]);
    expect(rehearsalArguments(false, { FIELDROOM_MICROPHONE_DRIFT_PPM: 'much' })).toEqual([]);
  });
});
