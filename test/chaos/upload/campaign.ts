/** `npm run chaos -- upload`: kills and faults, each against a fresh place of a real storage. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealedSession } from '../../fixtures/upload/session.ts';
import { Random } from '../random.ts';
import { markdown } from '../table.ts';
import { FAULTS, type FaultName, type FaultReport, faultTrial } from './faults.ts';
import { type KillReport, killTrial } from './kills.ts';
import { openStorage, type StorageName } from './storages.ts';

export interface CampaignOptions {
  seed: number;
  kills: number;
  /** Faults really done, of all kinds together. */
  faults: number;
  say: (text: string) => void;
}

export interface UploadCampaign {
  seed: number;
  kills: (KillReport & { storage: StorageName })[];
  trials: (FaultReport & { storage: StorageName })[];
  faults: string[];
}

const KILLED: readonly StorageName[] = ['seaweedfs', 'tus', 'rclone', 'folder'];
const SPOILED: readonly StorageName[] = ['seaweedfs', 'tus', 'rclone'];
const KILLS_A_SESSION = 8;
const FAULTS_A_TRIAL = 5;
/** Two files of several parts, one small one, and the index. */
const CAMERAS = [32_000_000, 11_000_000, 200_000];

export async function uploadCampaign({ seed, kills, faults, say }: CampaignOptions): Promise<UploadCampaign> {
  const random = new Random(seed);
  const data = mkdtempSync(join(tmpdir(), 'fieldroom-chaos-upload-'));
  const report: UploadCampaign = { seed, kills: [], trials: [], faults: [] };
  try {
    const folder = await sealedSession(data, CAMERAS);
    for (let round = 0, done = 0; done < kills; round += 1) {
      const name = KILLED[round % KILLED.length] as StorageName;
      await using storage = await openStorage(name);
      const one = await killTrial(storage, data, folder, `k${round}`, Math.min(KILLS_A_SESSION, kills - done), random);
      done += one.kills;
      report.kills.push({ storage: name, ...one });
      report.faults.push(...one.faults.map((fault) => `${name}, killed: ${fault}`));
      say(`kills ${done} of ${kills} (${name}), ${report.faults.length} faults`);
    }
    let done = 0;
    for (const name of SPOILED) {
      await using storage = await openStorage(name);
      const share = (faults * (SPOILED.indexOf(name) + 1)) / SPOILED.length;
      for (let round = 0; done < share; round += 1) {
        const kind = kindsFor(name)[round % kindsFor(name).length] as FaultName;
        const one = await faultTrial(storage, data, folder, `f${round}`, kind, FAULTS_A_TRIAL, random);
        done += one.done;
        report.trials.push({ storage: name, ...one });
        report.faults.push(...one.faults.map((fault) => `${name}, ${kind}: ${fault}`));
        say(`faults ${done} of ${faults} (${name}, ${kind}: ${one.ended}), ${report.faults.length} faults`);
      }
    }
    return report;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** Names and checksums of parts are S3's; a tus server of this kind has neither. */
export function kindsFor(storage: StorageName): FaultName[] {
  if (storage !== 'tus') return [...FAULTS];
  return FAULTS.filter((kind) => !['wrong-etag', 'wrong-checksum', 'skew', 'lost-uploads'].includes(kind));
}

export function uploadTable({ kills, trials }: UploadCampaign): string {
  const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
  const killRows = KILLED.map((name) => {
    const own = kills.filter(({ storage }) => storage === name);
    const needed = sum(own.map((one) => one.neededBytes));
    const wire =
      own.length === 0 || own.some((one) => one.wireBytes === null)
        ? ''
        : (sum(own.map((one) => one.wireBytes ?? 0)) / needed).toFixed(2);
    return [
      name,
      String(own.length),
      String(sum(own.map((one) => one.kills))),
      String(sum(own.map((one) => one.midFile))),
      wire,
      String(sum(own.map((one) => one.faults.length))),
    ];
  });
  const faultRows = FAULTS.filter((kind) => trials.some(({ fault }) => fault === kind)).map((kind) => {
    const own = trials.filter(({ fault }) => fault === kind);
    const ends = [...new Set(own.map(({ ended }) => ended))].join(', ');
    return [
      kind,
      String(own.length),
      String(sum(own.map(({ done }) => done))),
      ends,
      String(sum(own.map((one) => one.faults.length))),
    ];
  });
  return [
    markdown(['storage', 'sessions', 'kills', 'of them in mid-file', 'bytes sent / needed', 'wrong'], killRows),
    '',
    markdown(['fault', 'sessions', 'times done', 'ended', 'wrong'], faultRows),
  ].join('\n');
}
