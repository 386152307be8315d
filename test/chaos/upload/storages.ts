/** Storage servers of the campaign: each real, behind the proxy that counts and injects faults. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DestinationSettings } from '../../../electron/engine/upload/destination.ts';
import { type Arrived, arrivedAtS3, arrivedAtTus, arrivedInFolder } from '../../fixtures/upload/arrived.ts';
import { type FaultProxy, faultProxy } from '../../fixtures/upload/faultProxy.ts';
import { s3At, tusAt } from '../../fixtures/upload/run.ts';
import { BUCKET, rclone, type StorageServer, seaweed, tus } from '../../fixtures/upload/servers.ts';

export type StorageName = 'seaweedfs' | 'rclone' | 'tus' | 'folder';

/** Minimum part size of S3. */
export const S3_PART_BYTES = 5 * 1024 * 1024;
export const SMALL_PART_BYTES = 512 * 1024;

export interface Storage extends AsyncDisposable {
  name: StorageName;
  proxy: FaultProxy | null;
  server: StorageServer | null;
  partBytes: number;
  /** A new destination on this server. */
  settings(prefix: string): DestinationSettings;
  /** Value for `--to` on the command line. */
  words(prefix: string): string[];
  arrived(prefix: string): Promise<Arrived>;
  /** Where cheap, removes the stored data before the next session: keys of a tus server are always the same. */
  clear(): Promise<void>;
}

export async function openStorage(name: StorageName): Promise<Storage> {
  if (name === 'folder') return folderStorage();
  const open = { seaweedfs: seaweed, rclone, tus }[name];
  const server = await open();
  const proxy = await faultProxy(server.url);
  const isTus = name === 'tus';
  return {
    ...{ name, proxy, server, partBytes: isTus ? SMALL_PART_BYTES : S3_PART_BYTES },
    settings: (prefix) => (isTus ? { ...tusAt(proxy.url, SMALL_PART_BYTES), prefix } : s3At(proxy.url, prefix)),
    words: (prefix) =>
      isTus
        ? [`tus+${proxy.url}/files`, '--part-size', String(SMALL_PART_BYTES)]
        : [`s3://lessons/${prefix}`, '--endpoint', proxy.url, '--part-size', String(S3_PART_BYTES)],
    arrived: async (prefix) => below(isTus ? arrivedAtTus(server) : await arrivedAtS3(server, `${prefix}/`), prefix),
    async clear() {
      const { folder } = server;
      if (isTus) await server.restart(true);
      if (name === 'rclone') for (const entry of readdirSync(join(folder, BUCKET))) drop(join(folder, BUCKET, entry));
      if (isTus) drop(folder);
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function folderStorage(): Storage {
  const root = mkdtempSync(join(tmpdir(), 'fieldroom-stick-'));
  const at = (prefix: string): string => {
    mkdirSync(join(root, prefix), { recursive: true });
    return join(root, prefix);
  };
  return {
    ...{ name: 'folder', proxy: null, server: null, partBytes: SMALL_PART_BYTES },
    settings: (prefix) => ({ kind: 'folder', path: at(prefix), partBytes: SMALL_PART_BYTES }),
    words: (prefix) => [at(prefix), '--part-size', String(SMALL_PART_BYTES)],
    arrived: async (prefix) => arrivedInFolder(at(prefix)),
    clear: async () => {
      for (const entry of readdirSync(root)) drop(join(root, entry));
    },
    async [Symbol.asyncDispose]() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const drop = (path: string): void => rmSync(path, { recursive: true, force: true });

/** Empty prefix: the command line does not pass one to a tus server. */
const below = (arrived: Arrived, prefix: string): Arrived => {
  const start = prefix ? `${prefix}/` : '';
  return new Map(
    [...arrived].flatMap(([key, hash]) => (key.startsWith(start) ? [[key.slice(start.length), hash]] : [])),
  );
};
