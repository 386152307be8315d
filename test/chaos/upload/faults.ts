/** One session through a network that injects one kind of fault into random requests. */
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AbortMultipartUploadCommand } from '@aws-sdk/client-s3';
import type { Fault, FaultProxy, Seen } from '../../fixtures/upload/faultProxy.ts';
import { type Outcome, runUpload } from '../../fixtures/upload/run.ts';
import { BUCKET, readerOf } from '../../fixtures/upload/servers.ts';
import { filesOf } from '../../fixtures/upload/session.ts';
import type { Random } from '../random.ts';
import type { Storage } from './storages.ts';
import { differences } from './whole.ts';

export const FAULTS = [
  'reset',
  'lost-answer',
  'truncated-answer',
  'status-500',
  'status-503',
  'stall',
  'stall-request',
  'slow',
  'wrong-etag',
  'wrong-checksum',
  'corrupt',
  'expired',
  'skew',
  'full',
  'portal',
  'denied',
  'restart',
  'restart-empty',
  'lost-uploads',
  'file-changed',
] as const;
export type FaultName = (typeof FAULTS)[number];

/** Errors that need a person: the upload must stop and say so. */
export const FOR_A_PERSON: Partial<Record<FaultName, string>> = {
  expired: 'upload.credentials',
  full: 'upload.destination-full',
  denied: 'upload.permission',
  'file-changed': 'upload.file-changed',
};

export interface FaultReport {
  fault: FaultName;
  /** Number of times the fault took place. */
  done: number;
  /** The outcome: `whole`, or the error code. */
  ended: string;
  faults: string[];
}

const STALL_MS = 1500;
const PATIENCE_MS = 30_000;
/** Starting a server on a busy machine takes longer than restoring a network. */
const RESTART_PATIENCE_MS = 60_000;

/** @param most upper limit of faults; after that the network works again */
export async function faultTrial(
  storage: Storage,
  data: string,
  folder: string,
  prefix: string,
  fault: FaultName,
  most: number,
  random: Random,
): Promise<FaultReport> {
  const { proxy } = storage;
  if (!proxy) throw new Error('a folder has no network');
  const original = filesOf(folder);
  proxy.done.length = 0;
  let made = 0;
  let outside = 0;
  const isForPerson = FOR_A_PERSON[fault] !== undefined;
  proxy.rule = (seen) => {
    const one = made < most && random.next() < 0.35 ? makeFault(fault, seen, storage.partBytes, random) : null;
    if (one) made += 1;
    return one;
  };
  const mending = harmOutside(fault, storage, folder, random, () => outside++);
  if (fault === 'lost-uploads') proxy.rule = losesUploads(storage, random.whole(2, 4), () => outside++);
  const run = (): Promise<Outcome> =>
    runUpload(data, folder, storage.settings(prefix), {
      stallMs: STALL_MS,
      deadlineMs: fault.startsWith('restart') ? RESTART_PATIENCE_MS : PATIENCE_MS,
      slots: 4,
      ...mending.options,
    });
  const outcome = await run();
  const faults: string[] = [];
  await mending.mend();
  const ended = outcome.state === 'done' ? 'whole' : outcome.code;
  if (outcome.state === 'done') faults.push(...differences(folder, original, await storage.arrived(prefix)));
  else {
    if (isForPerson && outcome.code !== FOR_A_PERSON[fault])
      faults.push(`${fault} was called ${outcome.code}: ${String(outcome.error)}`);
    if (!isForPerson) faults.push(`${fault} stopped the upload: ${outcome.code} ${String(outcome.error)}`);
    const arrived = await storage.arrived(prefix);
    // If all files and the manifest arrived, only the receipt may be missing.
    const isTold = [...arrived.keys()].some((key) => key.endsWith(`${basename(folder)}/manifest.json`));
    if (isTold)
      faults.push(...differences(folder, original, arrived).map((text) => `the manifest is there, but ${text}`));
    // Once the cause is fixed, the same upload must finish.
    proxy.rule = () => null;
    const again = await run();
    if (again.state !== 'done') faults.push(`it did not resume after ${fault}: ${again.code} ${String(again.error)}`);
    else faults.push(...differences(folder, original, await storage.arrived(prefix)));
  }
  proxy.rule = () => null;
  return { fault, done: proxy.done.length + outside, ended, faults };
}

const BODY = /^(PUT|PATCH)$/;

/** Once, when a part with that number arrives, the server forgets its multipart upload. */
function losesUploads({ server }: Storage, part: number, onDone: () => void): FaultProxy['rule'] {
  let lost = false;
  return ({ method, url }) => {
    const { pathname, searchParams } = new URL(url, 'http://proxy');
    const UploadId = searchParams.get('uploadId');
    if (lost || !server || method !== 'PUT' || !UploadId || Number(searchParams.get('partNumber')) !== part)
      return null;
    lost = true;
    onDone();
    const Key = decodeURIComponent(pathname.slice(`/${BUCKET}/`.length));
    void readerOf(server.url).then(async (client) => {
      await client.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId })).catch(() => undefined);
      client.destroy();
    });
    return null;
  };
}

function makeFault(name: FaultName, { method }: Seen, partBytes: number, random: Random): Fault | null {
  const body = BODY.test(method);
  const at = random.whole(0, partBytes - 1);
  const status = (code: number, word: string, headers: Record<string, string> = {}): Fault => ({
    kind: 'status',
    status: code,
    code: word,
    headers,
  });
  switch (name) {
    case 'reset':
      return { kind: 'reset-request', afterBytes: body ? at : 0 };
    case 'lost-answer':
    case 'truncated-answer':
    case 'stall':
    case 'portal':
      return { kind: name };
    case 'stall-request':
      return body ? { kind: name, afterBytes: at } : null;
    case 'corrupt':
      return body ? { kind: name, atByte: at } : null;
    case 'slow':
      return body ? { kind: name, bytesPerSecond: 4_000_000 } : null;
    case 'wrong-etag':
    case 'wrong-checksum':
      return body ? { kind: name } : null;
    case 'status-500':
      return status(500, 'InternalError');
    case 'status-503':
      return status(503, 'SlowDown', { 'retry-after': '1' });
    case 'expired':
      return method === 'HEAD' ? null : status(401, 'ExpiredToken');
    case 'skew':
      return method === 'HEAD' ? null : status(403, 'RequestTimeTooSkewed');
    case 'full':
      return body ? status(507, 'QuotaExceeded') : null;
    case 'denied':
      return method === 'HEAD' ? null : status(403, 'AccessDenied');
    default:
      return null;
  }
}

/** Faults of the server or the disk rather than the network. */
function harmOutside(name: FaultName, { server }: Storage, folder: string, random: Random, onDone: () => void) {
  let harmed: Promise<void> | null = null;
  const once = (work: () => Promise<void>) => (path: string, state: string) => {
    if (harmed || state !== 'sending' || !path.endsWith('.mkv')) return;
    onDone();
    harmed = work();
  };
  const camera = join(folder, 'media', 'cam-1', '0001.mkv');
  const bytes = readFileSync(camera);
  if (name === 'restart' || name === 'restart-empty') {
    const restart = async (): Promise<void> => server?.restart(name === 'restart-empty');
    return { options: { events: { onFile: once(restart) } }, mend: async () => void (await harmed) };
  }
  if (name === 'file-changed') {
    const change = async (): Promise<void> => {
      const at = random.whole(bytes.length >> 1, bytes.length - 1);
      const file = openSync(camera, 'r+');
      writeSync(file, Uint8Array.of((bytes[at] ?? 0) ^ 255), 0, 1, at);
      closeSync(file);
    };
    return { options: { events: { onFile: once(change) } }, mend: async () => writeFileSync(camera, bytes) };
  }
  return { options: {}, mend: async () => undefined };
}
