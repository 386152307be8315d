import { expect, it } from 'vitest';
import { outsiderCampaign } from '../chaos/outsider/campaign.ts';

it('gives other users and programs of the laptop nothing, and keeps recording', { timeout: 90_000 }, async () => {
  expect((await outsiderCampaign(1000)).faults).toEqual([]);
});
