/** Sessions and servers of unusual shape: very many files, very many parts, two laptops at once, a lab's own HTTPS. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { arrivedAtS3 } from '../fixtures/upload/arrived.ts';
import { faultProxy } from '../fixtures/upload/faultProxy.ts';
import { runUpload, s3At } from '../fixtures/upload/run.ts';
import { BUCKET, rclone, type StorageServer, seaweed } from '../fixtures/upload/servers.ts';
import { addFiles, filesOf, sealedSession } from '../fixtures/upload/session.ts';
import { tlsFront } from '../fixtures/upload/tlsFront.ts';

/**
 * `FIELDROOM_TEST_WHOLE=1` uses the full sizes, which takes a minute more; the short form still needs several lists of
 * parts.
 */
const WHOLE = process.env.FIELDROOM_TEST_WHOLE === '1';
const FILES = WHOLE ? 5000 : 1200;
const LONG_BYTES = 60e9 / (WHOLE ? 1024 : 4096);
const NAME = 's3.school.test';
const folders: string[] = [];
let server: StorageServer;

beforeAll(async () => {
  server = await seaweed({ domain: NAME });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function laptop(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldroom-laptop-'));
  folders.push(folder);
  return folder;
}

const arrivedOf = (folder: string, prefix: string): Map<string, string> =>
  new Map(filesOf(folder).map(({ path, sha256 }) => [`${prefix}pilot/${basename(folder)}/${path}`, sha256]));

it.concurrent('thousands of small files, with spaces and non-ASCII letters in their names, all arrive', async () => {
  const data = laptop();
  const folder = await sealedSession(data, [100_000]);
  await addFiles(
    folder,
    Array.from({ length: FILES }, (_, i) => ({
      path: `media/Tisch ${i % 7} – hinten, Zoë & 李/${String(i).padStart(4, '0')} a+b%20.mkv`,
      bytes: createHash('sha512').update(`file ${i}`).digest(),
    })),
  );
  const { state } = await runUpload(data, folder, s3At(server.url, 'many'));
  expect(state).toBe('done');
  const arrived = await arrivedAtS3(server, 'many/');
  for (const [key, sha256] of arrivedOf(folder, 'many/')) expect([key, arrived.get(key)]).toEqual([key, sha256]);
});

it.concurrent('a file of very many parts, like one of 60 GB, resumes after its first thousands of parts', async () => {
  // rclone accepts parts of any size; AWS lists parts a thousand at a time.
  await using loose = await rclone();
  await using proxy = await faultProxy(loose.url);
  const PART = 8192;
  const PARTS = Math.ceil(LONG_BYTES / PART);
  const CUT = Math.floor(PARTS * 0.7);
  const data = laptop();
  const folder = await sealedSession(data, [LONG_BYTES]);
  const file = filesOf(folder).find(({ path }) => path.startsWith('media/'));
  const stop = new AbortController();
  const parts = new Map<string, number>();
  let sent = 0;
  proxy.rule = ({ method, url }) => {
    if (method === 'PUT' && url.includes('partNumber=')) {
      parts.set(url, (parts.get(url) ?? 0) + 1);
      sent += 1;
      if (sent === CUT) stop.abort();
    }
    return null;
  };
  const settings = s3At(proxy.url, 'long', PART);
  await runUpload(data, folder, settings, { signal: stop.signal });
  const inFlight = sent - CUT + 8;
  expect((await runUpload(data, folder, settings)).state).toBe('done');
  expect(parts.size).toBeGreaterThanOrEqual(PARTS);
  expect([...parts.values()].filter((times) => times > 1).length).toBeLessThanOrEqual(inFlight);
  const arrived = await arrivedAtS3(loose, 'long/');
  expect(arrived.get(`long/pilot/${basename(folder)}/${file?.path}`)).toBe(file?.sha256);
});

it.concurrent('two laptops send sessions of one study at the same time, and both arrive whole', async () => {
  const own = await Promise.all(
    [laptop(), laptop()].map(async (data) => ({ data, folder: await sealedSession(data, [6e6, 100_000]) })),
  );
  expect(new Set(own.map(({ folder }) => basename(folder))).size).toBe(2);
  const ends = await Promise.all(own.map(({ data, folder }) => runUpload(data, folder, s3At(server.url, 'both'))));
  expect(ends.map(({ state }) => state)).toEqual(['done', 'done']);
  const arrived = await arrivedAtS3(server, 'both/');
  for (const { folder } of own)
    for (const [key, sha256] of arrivedOf(folder, 'both/')) expect([key, arrived.get(key)]).toEqual([key, sha256]);
});

it("the bucket as part of the host name, over HTTPS with the lab's own authority; without that authority the error says so", async () => {
  await using front = await tlsFront(server.url, NAME);
  const data = laptop();
  const folder = await sealedSession(data, [11e6]);
  const settings = { ...s3At(`https://${NAME}:${front.port}`, 'host'), pathStyle: false };
  const refused = await runUpload(data, folder, settings, { deadlineMs: 500 });
  expect(refused.code).toBe('upload.certificate');
  expect(await runUpload(data, folder, { ...settings, caFile: front.caFile } as typeof settings)).toMatchObject({
    state: 'done',
  });
  expect([...front.hosts]).toEqual([`${BUCKET}.${NAME}`]);
  const arrived = await arrivedAtS3(server, 'host/');
  for (const [key, sha256] of arrivedOf(folder, 'host/')) expect([key, arrived.get(key)]).toEqual([key, sha256]);
});
