import { expect, it } from 'vitest';
import { outsiderCampaign } from '../chaos/outsider/campaign.ts';

it('gives another user or program of the laptop nothing, and records on', { timeout: 90_000 }, async () => {
  expect((await outsiderCampaign(1000)).faults).toEqual([]);
});
