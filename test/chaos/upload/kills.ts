/**
 * One session uploaded by the command line, which is killed repeatedly at random moments. It must arrive whole, and only
 * parts in flight at a kill may be sent twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ended, startCommand } from '../../fixtures/upload/command.ts';
import { filesOf } from '../../fixtures/upload/session.ts';
import { waitFor } from '../../fixtures/wait.ts';
import type { Random } from '../random.ts';
import { WireLedger } from './ledger.ts';
import type { Storage } from './storages.ts';
import { differences } from './whole.ts';

export interface KillReport {
  kills: number;
  /** Kills while a file was in progress with some of its parts confirmed. */
  midFile: number;
  neededBytes: number;
  /** As counted by the proxy; null without a network. */
  wireBytes: number | null;
  /** Bytes that kills may cost: the parts in flight. */
  allowedBytes: number;
  /** Faults found. */
  faults: string[];
}

/** Limit of concurrent requests (`traffic.ts`). */
const LANES = 8;
/** Where bytes are not counted: kill at a moment within this time. */
const LAST_MOMENT_MS = 1200;
/** A life sends no more than this share of the session. */
const LONGEST_LIFE = 0.6;
const LOOK_MS = 4;
const SENT_MS = 20_000;

/** @param kills upper limit: the upload may finish earlier */
export async function killTrial(
  storage: Storage,
  data: string,
  folder: string,
  prefix: string,
  kills: number,
  random: Random,
): Promise<KillReport> {
  const original = filesOf(folder);
  const neededBytes = original.reduce((sum, { bytes }) => sum + bytes.length, 0);
  storage.proxy?.bodyBytes.clear();
  const args = ['upload', folder, '--data', data, '--to', ...storage.words(prefix), '--limit', '40MB', '--json'];
  const ledger = storage.proxy && new WireLedger(storage.proxy, data);
  const faults: string[] = [];
  let done = 0;
  let midFile = 0;
  let last: Ended | null = null;
  while (last === null) {
    ledger?.begin();
    const life = await liveOnce(args, storage, done < kills ? random.next() : null, neededBytes);
    await waitFor('all that this life sent has come', () => (storage.proxy?.open ?? 0) === 0, SENT_MS);
    faults.push(...(ledger?.end() ?? []));
    if (life.signal !== 'SIGKILL') last = life;
    else done += 1;
    if (last === null && ledger && ledger.confirmedBytes > 0) midFile += 1;
  }
  if (last.code !== 0) faults.push(`the last life ended with ${last.code}: ${last.stderr.slice(-500)}`);
  else faults.push(...differences(folder, original, await storage.arrived(storage.name === 'tus' ? '' : prefix)));
  const wireBytes = storage.proxy ? [...storage.proxy.bodyBytes.values()].reduce((sum, bytes) => sum + bytes, 0) : null;
  const allowedBytes = done * LANES * storage.partBytes + 200_000;
  if (wireBytes !== null && wireBytes > neededBytes + allowedBytes)
    faults.push(`${wireBytes} bytes were sent instead of ${neededBytes}, after ${done} kills`);
  return { kills: done, midFile, neededBytes, wireBytes, allowedBytes, faults };
}

/** @param when 0 to 1: the moment of the life at which it is killed unless it has finished; null: not killed */
async function liveOnce(
  args: readonly string[],
  { proxy }: Storage,
  when: number | null,
  neededBytes: number,
): Promise<Ended> {
  if (when === null) return startCommand(args).ended;
  const started = Promise.withResolvers<void>();
  let over = false;
  const until = proxy ? proxy.totalBytes + when * LONGEST_LIFE * neededBytes : 0;
  const life = startCommand(args, { onLine: () => started.resolve() });
  void life.ended.then(() => {
    over = true;
    started.resolve();
  });
  await started.promise;
  if (proxy) while (!over && proxy.totalBytes < until) await sleep(LOOK_MS);
  else await Promise.race([sleep(when * LAST_MOMENT_MS), life.ended]);
  life.kill();
  return life.ended;
}
