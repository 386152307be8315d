/** Short form of `npm run chaos -- upload`: killed uploaders, and faulty networks and servers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../chaos/random.ts';
import { type FaultName, FOR_A_PERSON, faultTrial } from '../chaos/upload/faults.ts';
import { killTrial } from '../chaos/upload/kills.ts';
import { openStorage, type Storage } from '../chaos/upload/storages.ts';
import { sealedSession } from '../fixtures/upload/session.ts';

const data = mkdtempSync(join(tmpdir(), 'fieldroom-trouble-'));
const random = new Random(7);
let folder: string;
let strict: Storage;
let tus: Storage;

beforeAll(async () => {
  folder = await sealedSession(data, [17_000_000, 200_000]);
  [strict, tus] = await Promise.all([openStorage('seaweedfs'), openStorage('tus')]);
});
afterAll(async () => {
  await Promise.all([strict?.[Symbol.asyncDispose](), tus?.[Symbol.asyncDispose]()]);
  rmSync(data, { recursive: true, force: true });
});

describe('an uploader killed at random moments', () => {
  it('ten times resumes with S3, tus and a folder: everything arrives whole, and only parts in flight are sent twice', async () => {
    // More parts than are sent in parallel, so that some are confirmed when it is killed.
    const long = await sealedSession(data, [32_000_000]);
    const own = await killTrial(tus, data, folder, 'kills', 3, random);
    let kills = own.kills;
    const faults = [...own.faults];
    for (let round = 0; kills < 9; round += 1) {
      const one = await killTrial(strict, data, long, `kills-${round}`, 9 - kills, random);
      faults.push(...one.faults);
      kills += one.kills;
    }
    await using stick = await openStorage('folder');
    for (let round = 0; kills < 10; round += 1) {
      const one = await killTrial(stick, data, folder, `kills-${round}`, 1, random);
      faults.push(...one.faults);
      kills += one.kills;
    }
    expect(faults).toEqual([]);
  });
});

const S3_FAULTS: FaultName[] = [
  ...([
    'reset',
    'lost-answer',
    'truncated-answer',
    'status-503',
    'stall-request',
    'wrong-etag',
    'corrupt',
    'skew',
  ] as const),
  ...(['portal', 'expired', 'full', 'file-changed', 'restart-empty', 'lost-uploads'] as const),
];

describe('with faults, an upload ends whole or says what to do, and never claims more', () => {
  it.each(S3_FAULTS)('S3: %s', async (fault) => {
    const { faults, ended, done } = await faultTrial(strict, data, folder, `f-${fault}`, fault, 2, random);
    expect(faults).toEqual([]);
    if (done > 0 && FOR_A_PERSON[fault]) expect(ended).toBe(FOR_A_PERSON[fault]);
  });

  it.each(['reset', 'lost-answer', 'status-500', 'corrupt', 'restart-empty', 'file-changed'] as const)(
    'tus: %s',
    async (fault) => {
      const { faults } = await faultTrial(tus, data, folder, `f-${fault}`, fault, 2, random);
      expect(faults).toEqual([]);
    },
  );
});
