/** Whole sessions to real servers, read back without the uploader's code. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DestinationSettings } from '../../electron/engine/upload/destination.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { type Arrived, arrivedAtS3, arrivedAtTus, arrivedInFolder } from '../fixtures/upload/arrived.ts';
import { runCommand } from '../fixtures/upload/command.ts';
import { faultProxy } from '../fixtures/upload/faultProxy.ts';
import { runUpload, s3At, tusAt } from '../fixtures/upload/run.ts';
import { rclone, type StorageServer, seaweed, tus } from '../fixtures/upload/servers.ts';
import { filesOf, sealedSession } from '../fixtures/upload/session.ts';

const data = mkdtempSync(join(tmpdir(), 'fieldroom-upload-'));
let folder: string;
let strict: StorageServer;
let loose: StorageServer;

beforeAll(async () => {
  folder = await sealedSession(data, [12e6, 300_000]);
  [strict, loose] = await Promise.all([seaweed(), rclone()]);
});
afterAll(async () => {
  await Promise.all([strict?.[Symbol.asyncDispose](), loose?.[Symbol.asyncDispose]()]);
  rmSync(data, { recursive: true, force: true });
});

/** Checks that all files of the session arrived below `prefix`, byte for byte. */
function expectWhole(arrived: Arrived, prefix = '', from = folder): void {
  const base = `${prefix}pilot/${basename(from)}/`;
  for (const { path, sha256 } of filesOf(from)) expect([path, arrived.get(base + path)]).toEqual([path, sha256]);
}

describe('a strict S3 server', () => {
  it('gets the whole session, proven by its own checksums, under names with spaces and non-ASCII letters', async () => {
    const { result, state } = await runUpload(data, folder, s3At(strict.url, 'Schule am Süd/Klasse 3 b+c'));
    expect(state).toBe('done');
    expectWhole(await arrivedAtS3(strict), 'Schule am Süd/Klasse 3 b+c/');
    expect(new Set(result?.receipt.files.map(({ proof }) => proof.by))).toEqual(new Set(['server-checksum']));
  });

  it('is uploaded to from the command line, checked, and downloaded byte for byte', async () => {
    const to = ['--endpoint', strict.url, '--json'];
    const upload = await runCommand(['upload', folder, '--to', 's3://lessons/cli', ...to]);
    expect(upload.code).toBe(0);
    expect(upload.lines.at(-1)).toMatchObject({ type: 'done', files: filesOf(folder).length });
    expect(upload.lines.filter(({ type }) => type === 'progress').at(-1)).toMatchObject({
      filesDone: filesOf(folder).length,
      secondsLeft: 0,
    });
    const there = `s3://lessons/cli/pilot/${basename(folder)}`;
    expect((await runCommand(['verify', there, ...to])).lines.at(-1)).toMatchObject({
      ok: true,
      checked: { files: 4 },
    });
    const into = join(data, 'back');
    expect((await runCommand(['fetch', there, '--into', into, ...to])).code).toBe(0);
    const back = join(into, 'pilot', basename(folder));
    expect(filesOf(back)).toEqual(filesOf(folder));
    expect((await verifySession(back)).ok).toBe(true);
    const queue = (await runCommand(['uploads', '--data', data, '--json'])).lines.at(-1);
    expect(queue?.uploads).toContainEqual(
      expect.objectContaining({
        session: basename(folder),
        state: 'done',
        filesDone: filesOf(folder).length,
        files: filesOf(folder).length,
      }),
    );
    expect(JSON.stringify(queue)).not.toContain('fieldroom-test-secret');
  });

  it('stays verifiable locally: receipts are not part of the sealed data', async () => {
    expect(await verifySession(folder)).toMatchObject({ ok: true, sealed: true });
  });
});

describe('a loose S3 server', () => {
  it('is not trusted: everything is read back', async () => {
    const { result, state } = await runUpload(data, folder, s3At(loose.url, 'x'));
    expect(state).toBe('done');
    expect(new Set(result?.receipt.files.map(({ proof }) => proof.by))).toEqual(new Set(['read-back']));
    expectWhole(await arrivedAtS3(loose), 'x/');
  });

  it('is read back again after an interruption', async () => {
    await using proxy = await faultProxy(loose.url);
    const isGet = /^GET \/[^?]*\?x-id=GetObject/;
    // Count when they start: several are read in parallel.
    let left = 3;
    proxy.rule = ({ method, url }) =>
      isGet.test(`${method} ${url}`) && left-- > 0 ? { kind: 'truncated-answer' } : null;
    const { state, waits } = await runUpload(data, folder, s3At(proxy.url, 'y'));
    expect([state, proxy.done.length, waits]).toEqual(['done', 3, Array(3).fill('upload.broken-off')]);
    expectWhole(await arrivedAtS3(loose), 'y/');
  });
});

describe('a tus server', () => {
  it('gets the whole session, and its receipt leads the lab to every file', async () => {
    await using server = await tus();
    const { result, state } = await runUpload(data, folder, tusAt(server.url));
    expect(state).toBe('done');
    expectWhole(arrivedAtTus(server));
    const checked = await runCommand(['verify', `tus+${result?.receiptLocation}`, '--json']);
    expect(checked.lines.at(-1)).toMatchObject({ ok: true });
    const into = join(data, 'back-tus');
    expect((await runCommand(['fetch', result?.receiptFile ?? '', '--into', into, '--json'])).code).toBe(0);
    expect(filesOf(join(into, 'pilot', basename(folder)))).toEqual(filesOf(folder));
  });

  it('that does not allow reading gets all bytes, but no receipt', async () => {
    await using server = await tus({ readable: false });
    const { state, code } = await runUpload(data, folder, tusAt(server.url));
    expect([state, code]).toEqual(['failed', 'upload.cannot-verify']);
  });
});

describe('a folder', () => {
  it('gets the whole session; a file that decays there is reported', async () => {
    const stick = join(data, 'stick');
    mkdirSync(stick);
    expect((await runUpload(data, folder, { kind: 'folder', path: stick })).state).toBe('done');
    expectWhole(arrivedInFolder(stick));
    const there = join(stick, 'pilot', basename(folder));
    const camera = join(there, 'media', 'cam-1', '0001.mkv');
    const bytes = readFileSync(camera);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    writeFileSync(camera, bytes);
    const checked = await runCommand(['verify', there, '--json']);
    expect(checked.code).toBe(1);
    expect(JSON.stringify(checked.lines.at(-1))).toContain('media/cam-1/0001.mkv');
  });

  it('that does not exist is never created: the drive is missing', async () => {
    const missing: DestinationSettings = { kind: 'folder', path: join(data, 'no-stick') };
    const { state, code } = await runUpload(data, folder, missing, { deadlineMs: 50 });
    expect([state, code]).toEqual(['waiting', 'upload.no-folder']);
    expect(() => readFileSync(missing.path)).toThrow();
  });
});

describe('freeing local space', () => {
  it('is refused without a receipt, and when the destination has lost a file; otherwise the trash keeps the session', async () => {
    const own = mkdtempSync(join(tmpdir(), 'fieldroom-free-'));
    const session = await sealedSession(own, [200_000]);
    const original = filesOf(session);
    const free = () => runCommand(['free', session, '--deadline', '1s', '--same-disk', '--json']);
    expect((await free()).lines.at(-1)).toMatchObject({ error: { code: 'upload.no-receipt' } });
    const stick = join(own, 'stick');
    mkdirSync(stick);
    await runUpload(own, session, { kind: 'folder', path: stick });
    const camera = join(stick, 'pilot', basename(session), 'media', 'cam-1', '0001.mkv');
    const bytes = readFileSync(camera);
    writeFileSync(camera, bytes.subarray(0, -1));
    expect((await free()).code).toBe(1);
    expect(filesOf(session)).toEqual(original);
    writeFileSync(camera, bytes);
    const freed = (await free()).lines.at(-1);
    expect(freed).toMatchObject({ session: basename(session) });
    expect(() => filesOf(session)).toThrow();
    const emptied = await runCommand(['trash', '--empty', '--data', own, '--json']);
    expect(emptied.lines.at(-1)).toMatchObject({ freedBytes: 0 });
    await runCommand(['trash', '--restore', String(freed?.trash), '--data', own, '--json']);
    expect(filesOf(session)).toEqual(original);
    expect((await verifySession(session)).ok).toBe(true);
    rmSync(own, { recursive: true, force: true });
  });
});
