/** Short form of the power cut campaign; the long form is `npm run chaos -- power`. */
import { expect, it } from 'vitest';
import { powerCampaign } from '../chaos/power/campaign.ts';
import { MAY_MOUNT } from '../fixtures/loopDisk.ts';

it('a power cut costs no more than a second, and no wrong data is kept', async () => {
  if (!MAY_MOUNT) {
    // Here crash.test.ts and tornFiles.test.ts cover synced data; the campaign states its requirements.
    await expect(powerCampaign({ seed: 5, cuts: 2 })).rejects.toThrow('needs Linux and root');
    return;
  }
  const { cuts, faults, sensorLossMs, mediaLossMs } = await powerCampaign({ seed: 5, cuts: 2 });
  expect(cuts).toBe(2);
  expect(faults).toEqual([]);
  expect(sensorLossMs.length).toBe(2);
  // The recorder syncs at least once a second; copying the image takes part of that time.
  for (const lossMs of [...sensorLossMs, ...mediaLossMs]) expect(lossMs).toBeLessThan(1000);
});
