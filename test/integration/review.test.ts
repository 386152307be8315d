/** Sessions through the door: found, read by time, verified, annotated and deleted. */

import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionEntry } from '../../electron/common/review.ts';
import type { FileRow, UploadRow } from '../../electron/engine/upload/journal.ts';
import { makeReceipt, type Receipt, writeReceipt } from '../../electron/engine/upload/receipt.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { type TestEngine, testEngine } from '../fixtures/engine.ts';
import { makeSession, OFFSET_NS } from '../fixtures/madeSession.ts';

const root = mkdtempSync(join(tmpdir(), 'fieldroom-review-'));
const dataFolder = join(root, 'data');
const folderOf = (id: string): string => join(dataFolder, 'pilot', id);
const FIRST = '20261122-090000-aaaaaa';
const SECOND = '20261122-100000-bbbbbb';
let place: TestEngine;

beforeAll(async () => {
  await makeSession(folderOf(FIRST), { id: FIRST, name: 'Fractions' });
  cpSync(folderOf(FIRST), folderOf(SECOND), { recursive: true });
  place = await testEngine({ dataFolder });
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

const list = async (search = ''): Promise<SessionEntry[]> =>
  (await place.door.call('sessions.list', { search })).sessions;
const entryOf = async (id: string): Promise<SessionEntry> => {
  const found = (await list()).find(({ folder }) => folder.endsWith(id));
  if (!found) throw new Error(`not listed: ${id}`);
  return found;
};
/** As an upload writes it when the whole session was verified at its destination. */
function receiptOf(folder: string): Receipt {
  const proof = { by: 'read-back' as const, at: new Date().toISOString() };
  const bytes = readFileSync(join(folder, 'manifest.json'));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const row = { study: 'pilot', session: FIRST, place: 'lab', settings: { kind: 'folder', path: '/lab' } };
  const file = { path: 'manifest.json', bytes: bytes.length, sha256, location: 'pilot/manifest.json', proof };
  return makeReceipt(row as UploadRow, 'manifest.json', [file as FileRow], null);
}

const all = { fromNs: '0', toNs: '100000000000' };
const media = (key: string, path: string, headers: Record<string, string> = {}, token = place.door.address.token) =>
  fetch(`${place.engine.url}/v1/media/${key}/${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } });

describe('the list', () => {
  it('shows state, size, length, participants and study of each session', async () => {
    expect(await entryOf(FIRST)).toMatchObject({
      study: 'pilot',
      name: 'Fractions',
      state: 'sealed',
      participants: ['P07'],
      streams: { video: 1, audio: 1, samples: 1 },
      simulated: true,
      elsewhere: false,
      interruptions: 0,
      trouble: null,
    });
    const { durationNs, bytes } = await entryOf(FIRST);
    expect(Number(durationNs) / 1e9).toBeCloseTo(4, 0);
    expect(bytes).toBeGreaterThan(50_000);
  });

  it('searches by words in name, pseudonym and study, ignoring case', async () => {
    expect(await list('fractions p07')).toHaveLength(2);
    expect(await list('PILOT')).toHaveLength(2);
    expect(await list('fractions P08')).toEqual([]);
  });

  it('opens a session from a memory stick, and reports one whose copy is incomplete', async () => {
    const stick = join(root, 'stick');
    cpSync(folderOf(FIRST), stick, { recursive: true });
    expect(await place.door.call('sessions.open', { folder: stick })).toMatchObject({
      elsewhere: true,
      state: 'sealed',
    });
    truncateSync(join(stick, 'media', 'cam-1', '0001.mkv'), 1000);
    const damaged = (await list()).find(({ elsewhere }) => elsewhere);
    expect(damaged).toMatchObject({ state: 'damaged', trouble: { code: 'review.file-size' } });
    expect(damaged?.trouble?.message).toMatch(
      /^The file media\/cam-1\/0001\.mkv has 1000 bytes and should have \d+\.$/,
    );
    rmSync(stick, { recursive: true });
    expect((await list()).some(({ elsewhere }) => elsewhere)).toBe(false);
  });

  it('reports in one sentence what is wrong with a folder that is not ours', async () => {
    const open = (folder: string) => place.door.call('sessions.open', { folder });
    await expect(open(join(root, 'nowhere'))).rejects.toThrow(`Folder not found: ${join(root, 'nowhere')}.`);
    await expect(open(root)).rejects.toThrow(`The folder ${root} is not a session.`);
    const foreign = mkdtempSync(join(root, 'foreign-'));
    writeFileSync(join(foreign, 'manifest.json'), '{"name": "a web page"}');
    expect(await open(foreign)).toMatchObject({ state: 'damaged', trouble: { code: 'store.manifest-damaged' } });
    writeFileSync(join(foreign, 'manifest.json'), '{"formatVersion": 99}');
    expect(await open(foreign)).toMatchObject({ state: 'unreadable', trouble: { code: 'store.newer' } });
  });
});

describe('reading by session time', () => {
  it('returns every packet: its bytes by range match the checksum that the source made', async () => {
    const { key } = await entryOf(FIRST);
    const index = new Database(join(folderOf(FIRST), 'session.sqlite'), { readonly: true });
    for (const stream of ['cam-1', 'mic-1']) {
      const packets = await place.door.call('review.packets', { key, stream, ...all });
      const rows = index
        .prepare('SELECT seq, session_ns, crc32 FROM timed_packet WHERE stream = ? ORDER BY seq')
        .all(stream) as { seq: number; session_ns: number; crc32: number }[];
      expect(packets.ns).toEqual(rows.map(({ session_ns }) => session_ns));
      for (const i of [0, 1, Math.floor(rows.length / 2), rows.length - 1]) {
        const [offset = 0, length = 0, file = 0] = [packets.offset[i], packets.length[i], packets.file[i]];
        const path = packets.files[file]?.path ?? '';
        const answer = await media(key, path, { range: `bytes=${offset}-${offset + length - 1}` });
        expect(answer.status).toBe(206);
        expect(crc32(Buffer.from(await answer.arrayBuffer()))).toBe(rows[i]?.crc32);
      }
    }
    index.close();
  });

  it('returns samples, plots and the values at a moment', async () => {
    const { key } = await entryOf(FIRST);
    const window = await place.door.call('review.samples', {
      key,
      stream: 'imu',
      fromNs: String(OFFSET_NS + 100e6),
      toNs: String(OFFSET_NS + 109e6),
    });
    expect(window.values[1]).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109].map((seq) => seq * 2));
    const plot = await place.door.call('review.plot', { key, stream: 'imu', channel: 'ch0', ...all, points: 50 });
    expect([plot.min[0], plot.max.at(-1)]).toEqual([0, 3999]);
    const atNs = String(OFFSET_NS + 1234.5e6);
    const { values } = await place.door.call('review.values', { key, atNs });
    expect(values).toEqual([{ stream: 'imu', seq: 1234, ns: OFFSET_NS + 1234e6, values: [1234, 2468, 3702] }]);
    expect((await place.door.call('review.values', { key, atNs: '5' })).values).toEqual([]);
  });

  it('describes the contents, with the fixed points of the floor plan', async () => {
    const { key } = await entryOf(FIRST);
    expect(await place.door.call('review.session', { key })).toMatchObject({
      live: false,
      anchors: [{ id: 'A1', x: 0, y: 6000 }],
      markers: [{ origin: 'recorded', atNs: '2000000000', code: '1', note: 'bell', corrected: false }],
    });
  });

  it('gives media only to the operator, and only media', async () => {
    const { key } = await entryOf(FIRST);
    const path = 'cam-1/0001.mkv';
    expect((await media(key, path, {}, 'x.y')).status).toBe(401);
    expect((await media(key, path, {}, place.engine.tokenFor('viewer'))).status).toBe(403);
    expect((await fetch(`${place.engine.url}/v1/media/${key}/${path}`)).status).toBe(401);
    for (const wrong of [
      '..%2F..%2Fmanifest.json',
      '../../manifest.json',
      'cam-1/..%2F..%2Fsession.sqlite',
      'cam-1/0002.mkv',
    ])
      expect((await media(key, wrong)).status, wrong).toBe(404);
    const whole = await media(key, path);
    expect(Buffer.from(await whole.arrayBuffer())).toEqual(readFileSync(join(folderOf(FIRST), 'media', path)));
    expect((await media(key, path, { range: 'bytes=99999999-' })).status).toBe(416);
  });

  it('follows no link that leads out of a session', async () => {
    const stick = join(root, 'evil');
    cpSync(folderOf(FIRST), stick, { recursive: true });
    writeFileSync(join(root, 'secret'), 'not for you');
    symlinkSync(join(root, 'secret'), join(stick, 'media', 'cam-1', '0002.mkv'));
    const { key } = await place.door.call('sessions.open', { folder: stick });
    expect((await media(key, 'cam-1/0001.mkv')).status).toBe(200);
    expect((await media(key, 'cam-1/0002.mkv')).status).toBe(404);
  });
});

describe('what people do afterwards', () => {
  it('adds, corrects and removes markers; the sealed data is unchanged', async () => {
    const { key } = await entryOf(SECOND);
    const markers = async () => (await place.door.call('review.session', { key })).markers;
    const { id } = await place.door.call('review.addMarker', { key, atNs: '3000000000', code: 'quarrel', note: '' });
    await place.door.call('review.correctMarker', {
      ...{ key, origin: 'recorded', id: 1, atNs: '2100000000', code: '1', note: 'the second bell' },
    });
    expect(await markers()).toMatchObject([
      { origin: 'recorded', atNs: '2100000000', note: 'the second bell', corrected: true },
      { origin: 'added', id, atNs: '3000000000', code: 'quarrel' },
    ]);
    expect((await entryOf(SECOND)).markers).toBe(2);
    await place.door.call('review.correctMarker', {
      ...{ key, origin: 'added', id, atNs: '3000000000', code: 'quarrel', note: '', removed: true },
    });
    expect(await markers()).toHaveLength(1);
    await expect(
      place.door.call('review.correctMarker', { key, origin: 'recorded', id: 9, atNs: '0', code: '1', note: '' }),
    ).rejects.toThrow('This session has no marker 9.');
    expect(await verifySession(folderOf(SECOND))).toMatchObject({ ok: true, sealed: true });
  });

  it('keeps the verdict beside the session until its bytes change', async () => {
    const { key } = await entryOf(SECOND);
    expect(await place.door.call('sessions.verify', { key })).toMatchObject({ ok: true, total: 0 });
    expect(await entryOf(SECOND)).toMatchObject({ state: 'verified' });
    const file = join(folderOf(SECOND), 'media', 'mic-1', '0001.mkv');
    const bytes = readFileSync(file);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const verdict = await place.door.call('sessions.verify', { key });
    expect(verdict.findings.map(({ where }) => where)).toContain('media/mic-1/0001.mkv');
    expect(await entryOf(SECOND)).toMatchObject({ state: 'damaged', trouble: { code: 'review.faults' } });
  });

  it('deletes the only copy of a lesson only when its name is typed, and restores it', async () => {
    const { key } = await entryOf(FIRST);
    for (const typedName of ['', 'fractions', SECOND])
      await expect(place.door.call('sessions.delete', { key, typedName })).rejects.toMatchObject({
        code: 'review.only-copy',
      });
    const { id } = await place.door.call('sessions.delete', { key, typedName: 'Fractions' });
    expect((await list()).some(({ folder }) => folder.endsWith(FIRST))).toBe(false);
    expect((await place.door.call('trash.list', {})).sessions).toMatchObject([{ id, session: FIRST, study: 'pilot' }]);
    await expect(place.door.call('review.session', { key })).rejects.toMatchObject({ code: 'review.unknown' });
    await place.door.call('trash.restore', { id });
    expect(await verifySession(folderOf(FIRST))).toMatchObject({ ok: true });

    writeReceipt(folderOf(FIRST), receiptOf(folderOf(FIRST)));
    await place.door.call('sessions.delete', { key: (await entryOf(FIRST)).key });
    expect((await place.door.call('trash.empty', {})).freedBytes).toBeGreaterThan(50_000);
    expect((await place.door.call('trash.list', {})).sessions).toEqual([]);
    renameSync(folderOf(SECOND), folderOf(FIRST));
  });
});
