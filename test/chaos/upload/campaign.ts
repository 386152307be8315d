/**
 * `npm run chaos -- upload`: kills and faults against real storage servers. Each job is one session with its own seed. A
 * few slots, each with its own servers and data folder, work through the jobs in parallel, since most of the time is
 * waiting.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journalPath } from '../../../electron/engine/upload/journal.ts';
import { sealedSession } from '../../fixtures/upload/session.ts';
import { Random } from '../random.ts';
import { FAULTS, type FaultName, type FaultReport, faultTrial } from './faults.ts';
import { type KillReport, killTrial } from './kills.ts';
import { openStorage, type Storage, type StorageName } from './storages.ts';

export interface CampaignOptions {
  seed: number;
  kills: number;
  /** Number of faults that took place, all kinds together. */
  faults: number;
  /** Restricts the campaign to these kinds. */
  kinds?: readonly FaultName[] | undefined;
  /** No session starts after this many minutes. */
  minutes?: number | undefined;
  /** Sessions in parallel. */
  slots: number;
  say: (text: string) => void;
}

export interface UploadCampaign {
  seed: number;
  kills: (KillReport & { storage: StorageName })[];
  trials: (FaultReport & { storage: StorageName })[];
  faults: string[];
  minutes: number;
}

type Job = { number: number; storage: StorageName; fault: FaultName | null };

export const KILLED: readonly StorageName[] = ['seaweedfs', 'tus', 'rclone', 'folder'];
const SPOILED: readonly StorageName[] = ['seaweedfs', 'tus', 'rclone'];
const KILLS_A_SESSION = 8;
const FAULTS_A_SESSION = 5;
/** The session to upload while killing: two files of several parts, one small file, and the index. */
const LONG_CAMERAS = [32_000_000, 11_000_000, 200_000];
/** The campaign stops after this many sessions that it could not finish for reasons of its own. */
const MOST_BROKEN = 5;
const SHORT_CAMERAS = [16_000_000, 200_000];

export async function uploadCampaign(options: CampaignOptions): Promise<UploadCampaign> {
  const startMs = performance.now();
  const campaign = new Campaign(options);
  const slots = Array.from({ length: options.slots }, () => campaign.slot());
  await Promise.all(slots);
  campaign.report.minutes = (performance.now() - startMs) / 60_000;
  return campaign.report;
}

class Campaign {
  readonly report: UploadCampaign;
  readonly #options: CampaignOptions;
  readonly #endMs: number;
  readonly #kinds: Job[];
  #next = 0;
  /** Faults of the sessions in progress: they count as planned. */
  #killsBegun = 0;
  #killRounds = 0;
  #faultsDone = 0;
  #broken = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#endMs = performance.now() + (options.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
    this.report = { seed: options.seed, kills: [], trials: [], faults: [], minutes: 0 };
    const unknown = options.kinds?.find((kind) => !FAULTS.includes(kind));
    if (unknown) throw new Error(`Unknown fault "${unknown}". Known faults: ${FAULTS.join(', ')}`);
    this.#kinds = FAULTS.filter((kind) => options.kinds?.includes(kind) ?? true).flatMap((fault) =>
      SPOILED.filter((storage) => kindsFor(storage).includes(fault)).map((storage) => ({ number: 0, storage, fault })),
    );
  }

  /** Works through jobs until none are left. */
  async slot(): Promise<void> {
    const data = mkdtempSync(join(tmpdir(), 'fieldroom-chaos-upload-'));
    const open = new Map<StorageName, Storage>();
    try {
      const long = await sealedSession(data, LONG_CAMERAS);
      const short = await sealedSession(data, SHORT_CAMERAS);
      for (let job = this.#job(); job; job = this.#job()) {
        try {
          const storage = open.get(job.storage) ?? (await openStorage(job.storage));
          open.set(job.storage, storage);
          await this.#do(job, storage, data, job.fault ? short : long);
          await storage.clear();
          forgetUploads(data);
        } catch (error) {
          // The session counts as wrong, not as done; the next session gets a new server.
          this.#broke(job, error);
          await open.get(job.storage)?.[Symbol.asyncDispose]();
          open.delete(job.storage);
        }
      }
    } finally {
      for (const storage of open.values()) await storage[Symbol.asyncDispose]();
      rmSync(data, { recursive: true, force: true });
    }
  }

  #broke({ number, storage, fault }: Job, error: unknown): void {
    const text = `session ${number}, ${storage}, ${fault ?? 'killed'}: ${error instanceof Error ? error.stack : String(error)}`;
    this.report.faults.push(text);
    this.#options.say(`! ${text}`);
    this.#broken += 1;
  }

  /** Alternates kills and faults; null when enough is done or time is up. */
  #job(): Job | null {
    const { kills, faults } = this.#options;
    if (performance.now() > this.#endMs || this.#broken >= MOST_BROKEN) return null;
    const mayKill = this.#killsBegun < kills;
    const maySpoil = this.#faultsDone < faults && this.#kinds.length > 0;
    if (!mayKill && !maySpoil) return null;
    const number = this.#next++;
    if (mayKill && (!maySpoil || number % 4 === 0)) {
      const storage = KILLED[this.#killRounds++ % KILLED.length] as StorageName;
      this.#killsBegun += KILLS_A_SESSION;
      return { number, storage, fault: null };
    }
    const kind = this.#kinds.shift() as Job;
    this.#kinds.push(kind);
    return { ...kind, number };
  }

  async #do({ number, storage: name, fault }: Job, storage: Storage, data: string, folder: string): Promise<void> {
    const { seed, kills, faults, say } = this.#options;
    const { report } = this;
    const random = new Random(seed * 100_000 + number);
    const before = performance.now();
    if (fault) {
      const one = await faultTrial(storage, data, folder, `j${number}`, fault, FAULTS_A_SESSION, random);
      this.#faultsDone += one.done;
      report.trials.push({ storage: name, ...one });
      report.faults.push(...one.faults.map((text) => `session ${number}, ${name}, ${fault}: ${text}`));
      say(
        `${this.#faultsDone} faults of ${faults}: ${name}, ${fault}, ${one.done} times, ${one.ended}${since(before)}`,
      );
    } else {
      const one = await killTrial(storage, data, folder, `j${number}`, KILLS_A_SESSION, random);
      report.kills.push({ storage: name, ...one });
      // The process finished before its moment, so it was not killed; other runs make up for it.
      this.#killsBegun -= KILLS_A_SESSION - one.kills;
      report.faults.push(...one.faults.map((text) => `session ${number}, ${name}, killed: ${text}`));
      const done = report.kills.reduce((sum, { kills: times }) => sum + times, 0);
      say(`${done} of ${kills} kills: ${name}, ${one.kills} times${since(before)}`);
    }
  }
}

/** Otherwise the same session sent to a tus server, whose address is always the same, would count as done. */
function forgetUploads(data: string): void {
  for (const tail of ['', '-wal', '-shm']) rmSync(journalPath(data) + tail, { force: true });
}

const since = (ms: number): string => `, ${((performance.now() - ms) / 1000).toFixed(1)} s`;

/** Names and checksums of parts exist only on S3; this kind of tus server has neither, and rclone reports no checksum. */
export function kindsFor(storage: StorageName): FaultName[] {
  if (storage === 'rclone') return FAULTS.filter((kind) => kind !== 'wrong-checksum');
  if (storage !== 'tus') return [...FAULTS];
  return FAULTS.filter((kind) => !['wrong-etag', 'wrong-checksum', 'skew', 'lost-uploads'].includes(kind));
}
