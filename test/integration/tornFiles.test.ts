/** Short form of the torn file campaign; the long form is `npm run chaos -- torn`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tornCampaign } from '../chaos/torn/campaign.ts';
import { type Torn, tornSession, wrongIn } from '../chaos/torn/session.ts';

let root: string;
let torn: Torn;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'fieldroom-torn-'));
  torn = await tornSession(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('every damaged copy opens or is refused with a clear error, and no wrong data is returned', async () => {
  const { faults, byKind } = await tornCampaign({ seed: 7, copies: 42 });
  expect(faults).toEqual([]);
  for (const kind of ['cut', 'zeroed-tail', 'stale-tail', 'swapped-blocks', 'flipped-bit'] as const)
    expect(byKind[kind].mended, kind).toBeGreaterThan(0);
});

it('its check finds one wrong sample, one wrong time, and nothing in a good session', () => {
  expect(wrongIn(torn.folder)).toEqual([]);
  const db = new Database(join(torn.folder, 'session.sqlite'));
  db.exec(
    'UPDATE samples_heart SET ch1 = ch1 + 1 WHERE seq = 50; UPDATE packet SET publisher_ns = publisher_ns + 1 WHERE seq = 9',
  );
  db.close();
  expect(wrongIn(torn.folder)).toEqual(['cam-1 packet 9', 'mic-1 packet 9', 'sample 50']);
});
