/** Uploads of the running recorder: what is sent when, by a separate process, to real servers. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants, getPriority, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DestinationSettings } from '../../electron/common/destinations.ts';
import type { UploadEntry } from '../../electron/common/uploads.ts';
import type { EngineOptions } from '../../electron/engine/engine.ts';
import { isThere } from '../../electron/engine/processes.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { sensorKit, type TestEngine, testEngine } from '../fixtures/engine.ts';
import { arrivedAtS3, arrivedAtTus, arrivedInFolder } from '../fixtures/upload/arrived.ts';
import { faultProxy } from '../fixtures/upload/faultProxy.ts';
import { s3At, tusAt } from '../fixtures/upload/run.ts';
import { KEYS, type StorageServer, seaweed, tus } from '../fixtures/upload/servers.ts';
import { filesOf, sealedSession } from '../fixtures/upload/session.ts';
import { waitFor } from '../fixtures/wait.ts';

const STUDY = 'pilot';
const PACE = { deadlineMs: 500, firstPauseMs: 50, backOffMs: 100, holdMs: 500 };

const places: string[] = [];
afterAll(() => {
  for (const place of places) rmSync(place, { recursive: true, force: true });
});

/** A data folder with one finished session of about this many bytes. */
async function prepared(bytes: number): Promise<{ dataFolder: string; session: string }> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'fieldroom-uploader-'));
  places.push(dataFolder);
  return { dataFolder, session: await sealedSession(dataFolder, [bytes]) };
}

const engineOn = (dataFolder: string, more: Partial<EngineOptions> = {}): Promise<TestEngine> =>
  testEngine({ dataFolder, uploadPace: PACE, ...more });

/** Adds the destination and enables uploading. @returns its id */
async function turnOn({ door }: TestEngine, settings: DestinationSettings): Promise<string> {
  const { id } = await door.call('destinations.save', { id: null, name: 'Lab', settings });
  await door.call('uploads.study', { study: STUDY, on: true, destinations: [id] });
  return id;
}

/** Resolves with the only upload once it matches. */
const upload = ({ door }: TestEngine, what: string, is: (entry: UploadEntry) => boolean): Promise<UploadEntry> =>
  waitFor(
    what,
    async () => {
      const { uploads } = await door.call('uploads.get', {}).catch(() => ({ uploads: [] as UploadEntry[] }));
      return uploads[0] && is(uploads[0]) ? uploads[0] : null;
    },
    60_000,
  );
const done = (engine: TestEngine): Promise<UploadEntry> => upload(engine, 'done', ({ state }) => state === 'done');

function expectWhole(arrived: Map<string, string>, session: string): void {
  for (const { path, sha256 } of filesOf(session))
    expect([path, arrived.get(`${STUDY}/${basename(session)}/${path}`)]).toEqual([path, sha256]);
}

describe('a new destination', () => {
  it('is not contacted before uploading is enabled for the study; then the session is uploaded automatically', async () => {
    const { dataFolder, session } = await prepared(3e6);
    await using server = await tus();
    await using proxy = await faultProxy(server.url);
    await using engine = await engineOn(dataFolder);
    const { id } = await engine.door.call('destinations.save', { id: null, name: 'Lab', settings: tusAt(proxy.url) });
    await engine.door.call('uploads.study', { study: STUDY, on: false, destinations: [id] });
    await new Promise((later) => setTimeout(later, 1500));
    expect(await engine.door.call('uploads.get', {})).toMatchObject({ pid: null, uploads: [] });
    expect(proxy.requests).toBe(0);

    await engine.door.call('uploads.study', { study: STUDY, on: true, destinations: [id] });
    const entry = await done(engine);
    expectWhole(arrivedAtTus(server), session);
    expect(entry).toMatchObject({ files: entry.filesDone, bytes: entry.doneBytes, destination: id, error: null });
    expect(readdirSync(session).some((name) => name.startsWith('receipt-upload-'))).toBe(true);
    const { pid } = await engine.door.call('uploads.get', {});
    expect(getPriority(pid as number)).toBe(constants.priority.PRIORITY_LOW);
  });

  it('reports in words what is wrong when it is tested, and leaves nothing behind when it works', async () => {
    const { dataFolder } = await prepared(1000);
    const stick = join(dataFolder, '..', `${basename(dataFolder)}-stick`);
    places.push(stick);
    await using engine = await engineOn(dataFolder);
    const settings = { kind: 'folder' as const, path: stick };
    const { id } = await engine.door.call('destinations.save', { id: null, name: 'Stick', settings });
    const test = async () => (await engine.door.call('destinations.test', { id })).steps;
    expect((await test())[0]).toMatchObject({ name: 'write', error: { code: 'upload.no-folder' } });
    mkdirSync(stick);
    expect(await test()).toEqual([{ name: 'write' }, { name: 'read back' }, { name: 'remove' }]);
    expect(readdirSync(stick)).toEqual([]);
  });
});

describe('an upload in progress', () => {
  it('resumes after the last part when its process is killed', async () => {
    const { dataFolder, session } = await prepared(12e6);
    await using server = await tus();
    await using proxy = await faultProxy(server.url);
    await using engine = await engineOn(dataFolder);
    await engine.door.call('uploads.limit', { bytesPerSecond: 3_000_000 });
    await turnOn(engine, tusAt(proxy.url));
    for (const share of [0.2, 0.5]) {
      await upload(engine, `${share} of it`, ({ bytes, doneBytes }) => bytes > 0 && doneBytes > bytes * share);
      const { pid } = await engine.door.call('uploads.get', {});
      process.kill(pid as number, 'SIGKILL');
      await waitFor('another uploader', async () => {
        const now = (await engine.door.call('uploads.get', {}).catch(() => null))?.pid ?? null;
        return now !== null && now !== pid ? now : null;
      });
    }
    await engine.door.call('uploads.limit', { bytesPerSecond: null });
    await done(engine);
    expectWhole(arrivedAtTus(server), session);
    const all = filesOf(session).reduce((sum, { bytes }) => sum + bytes.length, 0);
    // Each kill may cost what was in flight: one part in each of a few slots.
    expect(proxy.totalBytes).toBeLessThan(all + 2 * 4 * 1024 * 1024);
  });

  it('sends nothing while a session is being recorded, and resumes afterwards', async () => {
    const { dataFolder, session } = await prepared(8e6);
    await using server = await tus();
    await using proxy = await faultProxy(server.url);
    await using engine = await engineOn(dataFolder);
    await engine.door.call('uploads.limit', { bytesPerSecond: 2_000_000 });
    await turnOn(engine, tusAt(proxy.url));
    await upload(engine, 'some of it', ({ doneBytes }) => doneBytes > 1e6);
    await engine.door.call('kit.load', { kit: sensorKit('light'), path: null });
    await engine.door.call('session.start', {});
    await new Promise((later) => setTimeout(later, 1000));
    const before = { bytes: proxy.totalBytes, requests: proxy.requests };
    await new Promise((later) => setTimeout(later, 2000));
    expect({ bytes: proxy.totalBytes, requests: proxy.requests }).toEqual(before);
    const { recording, uploads } = await engine.door.call('uploads.get', {});
    expect([recording, uploads[0]?.hold]).toEqual([true, 'recording']);
    await engine.door.call('session.stop', {});
    await engine.door.call('uploads.limit', { bytesPerSecond: null });
    await done(engine);
    expectWhole(arrivedAtTus(server), session);
  });

  it('waits while the destination is offline, says so, and resumes automatically when it is back', async () => {
    const { dataFolder, session } = await prepared(1e6);
    const stick = join(dataFolder, '..', `${basename(dataFolder)}-stick`);
    places.push(stick);
    await using engine = await engineOn(dataFolder);
    await turnOn(engine, { kind: 'folder', path: stick });
    const waiting = await upload(engine, 'waiting', ({ state, error }) => state === 'waiting' && error !== null);
    expect(waiting.error).toMatchObject({ code: 'upload.no-folder' });
    expect(existsSync(stick)).toBe(false);
    mkdirSync(stick);
    await done(engine);
    expectWhole(arrivedInFolder(stick), session);
  });

  it('is paused and reordered by hand, and stays put while off or paused', async () => {
    const { dataFolder, session } = await prepared(4e6);
    const second = await sealedSession(dataFolder, [100_000]);
    const stick = join(dataFolder, '..', `${basename(dataFolder)}-stick`);
    places.push(stick);
    mkdirSync(stick);
    await using engine = await engineOn(dataFolder);
    await engine.door.call('uploads.pauseAll', { paused: true });
    await turnOn(engine, { kind: 'folder', path: stick });
    await upload(engine, 'in the queue', ({ hold }) => hold === 'paused');
    const { uploads } = await engine.door.call('uploads.get', {});
    // Both were created in the same second, so their order is not defined yet.
    expect(uploads.map((one) => one.session).sort()).toEqual([basename(session), basename(second)].sort());
    await engine.door.call('uploads.order', { ids: uploads.map(({ id }) => id).reverse() });
    await engine.door.call('uploads.pause', { id: uploads[0]?.id as number });
    await engine.door.call('uploads.pauseAll', { paused: false });
    await upload(engine, 'one paused and one done', ({ state }) => state === 'paused');
    await waitFor('the other one done', async () =>
      (await engine.door.call('uploads.get', {})).uploads.some(({ state }) => state === 'done') ? true : null,
    );
    expect(existsSync(join(stick, STUDY, uploads[0]?.session as string))).toBe(false);
    await engine.door.call('uploads.resume', { id: uploads[0]?.id as number });
    await upload(engine, 'both', ({ state }) => state === 'done');
    await waitFor('all done', async () =>
      (await engine.door.call('uploads.get', {})).uploads.every(({ state }) => state === 'done') ? true : null,
    );
    expectWhole(arrivedInFolder(stick), session);
  });
});

describe('keys', () => {
  const keys = { accessKeyId: KEYS.accessKeyId, secretAccessKey: KEYS.secretAccessKey };
  let server: StorageServer;
  beforeAll(async () => {
    server = await seaweed();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it('are in no file, command line or environment, and wrong keys are reported; with the right ones it resumes automatically', async () => {
    const { dataFolder, session } = await prepared(6e6);
    const wrong = { ...keys, secretAccessKey: 'wrong-secret-42' };
    let pid = 0;
    {
      await using engine = await engineOn(dataFolder);
      const id = await turnOn(engine, s3At(server.url, 'keys'));
      await upload(engine, 'waiting for keys', ({ hold }) => hold === 'keys');
      await engine.door.call('destinations.keys', { id, keys: wrong });
      const failed = await upload(engine, 'failed', ({ state }) => state === 'failed');
      // A HEAD response has no text that would distinguish wrong keys from a missing permission.
      expect(failed.error?.code).toMatch(/^upload\.(?:credentials|permission)$/);
      await engine.door.call('destinations.keys', { id, keys });
      await done(engine);
      pid = (await engine.door.call('uploads.get', {})).pid as number;
      for (const file of ['cmdline', 'environ'])
        if (process.platform === 'linux') expectNone(readFileSync(`/proc/${pid}/${file}`), `${file} of the uploader`);
      expectNone(Buffer.from(JSON.stringify(await engine.door.call('uploads.get', {}))), 'the answer of the door');
    }
    expectWhole(new Map([...(await arrivedAtS3(server, 'keys/'))].map(([key, sha]) => [key.slice(5), sha])), session);
    expect(isThere(pid)).toBe(false);
    let looked = 0;
    for (const entry of readdirSync(dataFolder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) {
        looked += 1;
        expectNone(readFileSync(join(entry.parentPath, entry.name)), join(entry.parentPath, entry.name));
      }
    expect(looked).toBeGreaterThan(5);
  });

  it('have to be entered again for a new recorder, which then resumes', async () => {
    const { dataFolder, session } = await prepared(500_000);
    let id = '';
    {
      await using engine = await engineOn(dataFolder);
      id = await turnOn(engine, s3At(server.url, 'again'));
      await upload(engine, 'waiting for keys', ({ hold }) => hold === 'keys');
    }
    await using engine = await engineOn(dataFolder);
    await upload(engine, 'waiting for keys again', ({ hold }) => hold === 'keys');
    await engine.door.call('destinations.keys', { id, keys });
    await done(engine);
    expectWhole(new Map([...(await arrivedAtS3(server, 'again/'))].map(([key, sha]) => [key.slice(6), sha])), session);
  });
});

function expectNone(bytes: Buffer, where: string): void {
  for (const secret of [KEYS.secretAccessKey, 'wrong-secret-42'])
    if (bytes.includes(secret)) throw new Error(`a secret is in ${where}`);
}

describe('freeing local space', () => {
  it('happens only while the destination proves all of it, and the trash can restore it', async () => {
    const { dataFolder, session } = await prepared(400_000);
    const original = filesOf(session);
    const stick = join(dataFolder, '..', `${basename(dataFolder)}-stick`);
    places.push(stick);
    mkdirSync(stick);
    await using engine = await engineOn(dataFolder);
    const { sessions } = await engine.door.call('sessions.list', {});
    const { key = '' } = sessions[0] ?? {};
    await expect(engine.door.call('uploads.free', { key })).rejects.toMatchObject({ code: 'upload.no-receipt' });
    await turnOn(engine, { kind: 'folder', path: stick });
    await done(engine);
    const camera = join(stick, STUDY, basename(session), 'media', 'cam-1', '0001.mkv');
    const bytes = readFileSync(camera);
    const rotten = Buffer.from(bytes);
    rotten[1000] = (rotten[1000] ?? 0) ^ 1;
    writeFileSync(camera, rotten);
    await expect(engine.door.call('uploads.free', { key })).rejects.toMatchObject({ code: 'upload.same-disk' });
    const free = () => engine.door.call('uploads.free', { key, accept: ['same-disk'] });
    await expect(free()).rejects.toMatchObject({ code: 'upload.not-whole' });
    expect(filesOf(session)).toEqual(original);

    writeFileSync(camera, bytes);
    const freed = await free();
    expect(existsSync(session)).toBe(false);
    expect(await upload(engine, 'freed', ({ state }) => state === 'freed')).toMatchObject({ hold: null });
    await engine.door.call('trash.restore', { id: freed.id });
    expect(filesOf(session)).toEqual(original);
    expect((await verifySession(session)).ok).toBe(true);
    await done(engine);
    expect(statSync(session).isDirectory()).toBe(true);
  });
});
