/** The campaign of power cuts in its short form; the long one is `npm run chaos -- power`. */
import { expect, it } from 'vitest';
import { powerCampaign } from '../chaos/power/campaign.ts';
import { MAY_MOUNT } from '../fixtures/loopDisk.ts';

it('a power cut costs a second at most, and nothing wrong is kept', async () => {
  if (!MAY_MOUNT) {
    // Here crash.test.ts and tornFiles.test.ts hold what was synced; the campaign says what it needs.
    await expect(powerCampaign({ seed: 5, cuts: 2 })).rejects.toThrow('needs Linux and root');
    return;
  }
  const { cuts, faults, sensorLossMs, mediaLossMs } = await powerCampaign({ seed: 5, cuts: 2 });
  expect(cuts).toBe(2);
  expect(faults).toEqual([]);
  expect(sensorLossMs.length).toBe(2);
  // Within the recorder's promise to sync at least once a second; the copy itself takes part of it.
  for (const lossMs of [...sensorLossMs, ...mediaLossMs]) expect(lossMs).toBeLessThan(1000);
});
