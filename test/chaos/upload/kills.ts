/** One session uploaded by the command line, which is killed again and again at random moments. */
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { journalPath } from '../../../electron/engine/upload/journal.ts';
import { startCommand } from '../../fixtures/upload/command.ts';
import { filesOf } from '../../fixtures/upload/session.ts';
import type { Random } from '../random.ts';
import type { Storage } from './storages.ts';
import { differences } from './whole.ts';

export interface KillReport {
  kills: number;
  /** Kills after which a file was under way with some of its parts confirmed. */
  midFile: number;
  neededBytes: number;
  /** As the proxy counted; null where there is no network. */
  wireBytes: number | null;
  /** Bytes that kills may cost: the parts in flight. */
  allowedBytes: number;
  /** What was wrong. */
  faults: string[];
}

/** Most requests at once (`traffic.ts`). */
const LANES = 8;
/** Where nothing counts bytes: a moment within this time. */
const LAST_MOMENT_MS = 1200;
/** A life sends at most this share of the session. */
const LONGEST_LIFE = 0.6;
const LOOK_MS = 4;

/** @param kills how many at most: the upload may be done earlier */
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
  const known = new Set<string>();
  const faults: string[] = [];
  let done = 0;
  let midFile = 0;
  while (done < kills) {
    const before = new Map(storage.proxy?.bodyBytes);
    if (!(await killOnce(args, storage, random.next(), neededBytes))) break;
    done += 1;
    faults.push(...sentAgain(known, before, storage));
    const confirmed = confirmedParts(data);
    if (confirmed.length > 0) midFile += 1;
    for (const part of confirmed) known.add(part);
  }
  const before = new Map(storage.proxy?.bodyBytes);
  const last = await startCommand(args).ended;
  faults.push(...sentAgain(known, before, storage));
  if (last.code !== 0) faults.push(`the last life ended with ${last.code}: ${last.stderr.slice(-500)}`);
  else faults.push(...differences(folder, original, await storage.arrived(storage.name === 'tus' ? '' : prefix)));
  const wireBytes = storage.proxy ? [...storage.proxy.bodyBytes.values()].reduce((sum, bytes) => sum + bytes, 0) : null;
  const allowedBytes = done * LANES * storage.partBytes + 200_000;
  if (wireBytes !== null && wireBytes > neededBytes + allowedBytes)
    faults.push(`${wireBytes} bytes went over the wire for ${neededBytes}, after ${done} kills`);
  return { kills: done, midFile, neededBytes, wireBytes, allowedBytes, faults };
}

/** @param when 0 to 1: of the moments of a life. @returns false when it was done before the moment came */
async function killOnce(
  args: readonly string[],
  { proxy }: Storage,
  when: number,
  neededBytes: number,
): Promise<boolean> {
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
  return (await life.ended).signal === 'SIGKILL';
}

/** `uploadId/number` of the parts that the journal holds as confirmed, of files that are still under way at an S3 server. */
function confirmedParts(data: string): string[] {
  const journal = new Database(journalPath(data), { readonly: true });
  try {
    const rows = journal
      .prepare(
        "SELECT f.server_id AS id, p.number FROM part p JOIN file f ON f.id = p.file WHERE f.state IN ('sending', 'completing')",
      )
      .all() as { id: string; number: number }[];
    return rows.map(({ id, number }) => `${id}/${number}`);
  } finally {
    journal.close();
  }
}

/** Parts that were confirmed before and of which bytes came again. */
function sentAgain(known: ReadonlySet<string>, before: ReadonlyMap<string, number>, { proxy }: Storage): string[] {
  const faults: string[] = [];
  for (const [request, bytes] of proxy?.bodyBytes ?? []) {
    if (bytes === (before.get(request) ?? 0)) continue;
    const query = new URL(request.split(' ')[1] ?? '', 'http://proxy').searchParams;
    const part = `${query.get('uploadId')}/${query.get('partNumber')}`;
    if (known.has(part)) faults.push(`a part that was confirmed was sent again: ${part}`);
  }
  return faults;
}
