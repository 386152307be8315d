/** Short form of the kill campaign; the long form is `npm run chaos -- kill`. */
import { expect, it } from 'vitest';
import { killCampaign } from '../chaos/kill/campaign.ts';

it('kills of the capture window, the device host and the engine lose nothing without a recorded gap', async () => {
  const targets = ['capture', 'device-host', 'engine'] as const;
  const { kills, faults, checked } = await killCampaign({ seed: 11, kills: 3, targets, pauseMs: 1000 });
  expect(faults).toEqual([]);
  expect(kills.map(({ target }) => target).sort()).toEqual([...targets].sort());
  // Each was visible in the state that people see.
  for (const { toldMs } of kills) expect(toldMs).not.toBeNull();
  expect(checked.pictures).toBeGreaterThan(50);
  expect(checked.samples).toBeGreaterThan(300);
});
