/** The campaign of power cuts in its short form; the long one is `npm run chaos -- power`. */
import { expect, it } from 'vitest';
import { powerCampaign } from '../chaos/power/campaign.ts';
import { MAY_MOUNT } from '../fixtures/loopDisk.ts';

// Where no disk may be mounted, crash.test.ts and tornFiles.test.ts hold what was synced; this needs a disk of its own.
it.runIf(MAY_MOUNT)('a power cut costs a second at most, and nothing wrong is kept', async () => {
  const { cuts, faults, sensorLossMs, mediaLossMs } = await powerCampaign({ seed: 5, cuts: 2 });
  expect(cuts).toBe(2);
  expect(faults).toEqual([]);
  expect(sensorLossMs.length).toBe(2);
  // Within the recorder's promise to sync at least once a second; the copy itself takes part of it.
  for (const lossMs of [...sensorLossMs, ...mediaLossMs]) expect(lossMs).toBeLessThan(1000);
});
