/** "Complete" means: every file of the session is at the destination now, whatever an earlier run recorded. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MARKER } from '../../electron/engine/upload/folderMarker.ts';
import { Journal, journalPath } from '../../electron/engine/upload/journal.ts';
import { addMarker } from '../../electron/session/annotations.ts';
import { arrivedAtS3, arrivedInFolder } from '../fixtures/upload/arrived.ts';
import { runCommand, startCommand } from '../fixtures/upload/command.ts';
import { faultProxy } from '../fixtures/upload/faultProxy.ts';
import { runUpload, s3At } from '../fixtures/upload/run.ts';
import { BUCKET, rclone, readerOf, type StorageServer, seaweed } from '../fixtures/upload/servers.ts';
import { addFiles, filesOf, sealedSession } from '../fixtures/upload/session.ts';

const data = mkdtempSync(join(tmpdir(), 'fieldroom-proof-'));
let strict: StorageServer;
beforeAll(async () => {
  strict = await seaweed();
});
afterAll(async () => {
  await strict?.[Symbol.asyncDispose]();
  rmSync(data, { recursive: true, force: true });
});

const session = () => sealedSession(data, [400_000, 200_000]);
const camera = (folder: string): string => `pilot/${basename(folder)}/media/cam-1/0001.mkv`;

/** An empty folder used as a drive, and its mount point. */
function stick(): string {
  const path = mkdtempSync(join(data, 'stick-'));
  return path;
}
const folderAt = (path: string) => ({ kind: 'folder', path }) as const;

function expectWhole(arrived: Map<string, string>, folder: string): void {
  for (const { path, sha256 } of filesOf(folder))
    expect([path, arrived.get(`pilot/${basename(folder)}/${path}`)]).toEqual([path, sha256]);
}

describe('a destination that lost or changed a file', () => {
  it('between two runs is refilled, at S3', async () => {
    const folder = await session();
    expect((await runUpload(data, folder, s3At(strict.url, 'lost'))).state).toBe('done');
    const client = await readerOf(strict.url);
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `lost/${camera(folder)}` }));
    client.destroy();
    expect((await runUpload(data, folder, s3At(strict.url, 'lost'))).state).toBe('done');
    const arrived = await arrivedAtS3(strict, 'lost/');
    expectWhole(new Map([...arrived].map(([key, sha256]) => [key.slice('lost/'.length), sha256])), folder);
  });

  it.each([
    ['removed', (file: string) => rmSync(file)],
    ['overwritten with as many other bytes', (file: string) => writeFileSync(file, readFileSync(file).reverse())],
  ])('is refilled in a folder: %s between two runs', async (_what, harm) => {
    const [folder, drive] = [await session(), stick()];
    expect((await runUpload(data, folder, folderAt(drive))).state).toBe('done');
    harm(join(drive, camera(folder)));
    expect((await runUpload(data, folder, folderAt(drive))).state).toBe('done');
    expectWhole(arrivedInFolder(drive), folder);
  });

  it('in mid-run, after it was verified, is refilled before the manifest says that the session is complete', async () => {
    const [folder, drive] = [await session(), stick()];
    let harmed = 0;
    const { state } = await runUpload(data, folder, folderAt(drive), {
      events: {
        onFile: (path, fileState) => {
          if (fileState !== 'verified' || path === 'manifest.json' || harmed > 1) return;
          harmed += 1;
          const file = join(drive, 'pilot', basename(folder), ...path.split('/'));
          if (harmed === 1) rmSync(file);
          else writeFileSync(file, readFileSync(file).reverse());
        },
      },
    });
    expect([state, harmed]).toEqual(['done', 2]);
    expectWhole(arrivedInFolder(drive), folder);
  });

  it('has no manifest any more while it is being refilled', async () => {
    const [folder, drive] = [await session(), stick()];
    await runUpload(data, folder, folderAt(drive));
    rmSync(join(drive, camera(folder)));
    const manifestThere: boolean[] = [];
    await runUpload(data, folder, folderAt(drive), {
      events: {
        onFile: (path, state) => {
          if (path.endsWith('cam-1/0001.mkv') && state === 'sending')
            manifestThere.push(existsSync(join(drive, 'pilot', basename(folder), 'manifest.json')));
        },
      },
    });
    expect(manifestThere).toEqual([false]);
  });
});

describe('a folder destination', () => {
  it('is recognised by its marker: an empty mount point receives nothing', async () => {
    const [first, second, drive] = [await session(), await session(), stick()];
    expect((await runUpload(data, first, folderAt(drive))).state).toBe('done');
    // The drive is unplugged; its mount point remains, on the laptop's own disk.
    renameSync(drive, `${drive}-pulled`);
    mkdirSync(drive);
    const outcome = await runUpload(data, second, folderAt(drive), { deadlineMs: 50 });
    expect([outcome.state, outcome.code]).toEqual(['waiting', 'upload.other-drive']);
    expect(readdirSync(drive)).toEqual([]);
    const free = await runCommand(['free', first, '--same-disk', '--deadline', '100ms', '--json']);
    expect(free.lines.at(-1)).toMatchObject({ error: { code: 'upload.other-drive' } });
    // It is plugged in again.
    rmSync(drive, { recursive: true });
    renameSync(`${drive}-pulled`, drive);
    expect((await runUpload(data, second, folderAt(drive))).state).toBe('done');
    expectWhole(arrivedInFolder(drive), second);
  });

  it('that disappears in mid-run gets no manifest on the disk below it', async () => {
    const [folder, drive] = [await session(), stick()];
    let pulled = false;
    const outcome = await runUpload(data, folder, folderAt(drive), {
      deadlineMs: 100,
      events: {
        onFile: (_path, state) => {
          if (state !== 'verified' || pulled) return;
          pulled = true;
          renameSync(drive, `${drive}-pulled`);
          mkdirSync(drive);
        },
      },
    });
    expect(outcome.code).toBe('upload.other-drive');
    expect(readdirSync(drive)).toEqual([]);
  });

  it('whose marker is damaged is not written to', async () => {
    const [folder, drive] = [await session(), stick()];
    writeFileSync(join(drive, MARKER), '{');
    const outcome = await runUpload(data, folder, folderAt(drive), { deadlineMs: 50 });
    expect(outcome.code).toBe('upload.other-drive');
  });

  it('on the same disk does not justify freeing the only other copy', async () => {
    const [folder, drive] = [await session(), stick()];
    await runUpload(data, folder, folderAt(drive));
    const free = await runCommand(['free', folder, '--deadline', '1s', '--json']);
    expect(free.lines.at(-1)).toMatchObject({ error: { code: 'upload.same-disk' } });
    expect(existsSync(folder)).toBe(true);
  });
});

describe('what already exists', () => {
  it('and is foreign is never overwritten: an object', async () => {
    const [folder, drive] = [await session(), stick()];
    const file = join(drive, camera(folder));
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, 'somebody else');
    const { code, error } = await runUpload(data, folder, folderAt(drive));
    expect(code).toBe('upload.foreign');
    expect(String(error)).toContain(camera(folder));
    expect(readFileSync(file, 'utf8')).toBe('somebody else');
  });

  it('and is foreign is never overwritten: a manifest of the same length, at S3', async () => {
    const folder = await session();
    const bytes = readFileSync(join(folder, 'manifest.json')).toString().replace('pilot', 'other');
    const client = await readerOf(strict.url);
    const key = `foreign/pilot/${basename(folder)}/manifest.json`;
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: bytes }));
    client.destroy();
    expect((await runUpload(data, folder, s3At(strict.url, 'foreign'))).code).toBe('upload.occupied');
    expect([...(await arrivedAtS3(strict, 'foreign/')).keys()]).toEqual([key]);
  });

  it('from an upload whose journal is lost counts, after it was read back', async () => {
    const [folder, drive] = [await session(), stick()];
    await runUpload(data, folder, folderAt(drive));
    const journal = new Journal(journalPath(data));
    for (const { id, place } of journal.uploads()) if (place === drive) journal.remove(id);
    journal.close();
    expect((await runUpload(data, folder, folderAt(drive))).state).toBe('done');
  });

  it('is replaced when it is an earlier revision of the same session', async () => {
    const [folder, drive] = [await session(), stick()];
    await runUpload(data, folder, folderAt(drive));
    await addFiles(folder, [{ path: 'media/cam-1/0002.mkv', bytes: new Uint8Array(1000).fill(7) }]);
    expect((await runUpload(data, folder, folderAt(drive))).state).toBe('done');
    expectWhole(arrivedInFolder(drive), folder);
  });
});

describe('annotations', () => {
  const mark = (folder: string, note: string): number =>
    addMarker(folder, { atNs: 1_000_000_000n, code: 'help', note, author: 'rater' });
  const notesOf = (folder: string): unknown[] => {
    const db = new Database(join(folder, 'annotations.sqlite'), { readonly: true });
    const notes = db.prepare('SELECT note FROM marker_now ORDER BY marker').pluck().all();
    db.close();
    return notes;
  };

  it('are uploaded in revisions, return with the session, and block freeing until they have arrived', async () => {
    const [folder, drive] = [await session(), stick()];
    const free = () => runCommand(['free', folder, '--same-disk', '--deadline', '1s', '--json']);
    await runUpload(data, folder, folderAt(drive));
    mark(folder, 'first');
    expect((await free()).lines.at(-1)).toMatchObject({ error: { code: 'upload.unsent-changes' } });
    await runUpload(data, folder, folderAt(drive));
    mark(folder, 'second');
    await runUpload(data, folder, folderAt(drive));
    expect(readdirSync(join(drive, 'pilot', basename(folder), 'annotations'))).toHaveLength(2);
    const there = join(drive, 'pilot', basename(folder));
    expect((await runCommand(['verify', there, '--json'])).lines.at(-1)).toMatchObject({ ok: true, findings: [] });
    const into = join(drive, 'back');
    const fetched = await runCommand(['fetch', there, '--into', into, '--json']);
    expect(fetched.code).toBe(0);
    expect(notesOf(join(into, 'pilot', basename(folder)))).toEqual(['first', 'second']);
    expect((await free()).lines.at(-1)).toMatchObject({ session: basename(folder) });
  });

  it('that decayed at the destination block freeing', async () => {
    const [folder, drive] = [await session(), stick()];
    mark(folder, 'only here');
    await runUpload(data, folder, folderAt(drive));
    const there = join(drive, 'pilot', basename(folder), 'annotations');
    const file = join(there, readdirSync(there)[0] ?? '');
    writeFileSync(file, readFileSync(file).reverse());
    const freed = await runCommand(['free', folder, '--same-disk', '--deadline', '1s', '--json']);
    expect(freed.lines.at(-1)).toMatchObject({ error: { code: 'upload.not-whole' } });
  });
});

describe('freeing', () => {
  it('reads everything: a byte that decayed behind a server is found', async () => {
    await using server = await rclone();
    const folder = await session();
    await runUpload(data, folder, s3At(server.url, ''));
    const file = join(server.folder, BUCKET, camera(folder));
    const bytes = readFileSync(file);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const freed = await runCommand(['free', folder, '--deadline', '1s', '--json']);
    expect(freed.lines.at(-1)).toMatchObject({ error: { code: 'upload.not-whole' } });
    expect(existsSync(folder)).toBe(true);
  });

  it('is refused for a manifest that does not list all media, and so is the upload', async () => {
    const [folder, drive] = [await session(), stick()];
    await runUpload(data, folder, folderAt(drive));
    const path = join(folder, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { files: unknown[] };
    writeFileSync(path, JSON.stringify({ ...manifest, files: [] }));
    const upload = await runCommand(['upload', folder, '--to', drive, '--json']);
    expect(upload.lines.at(-1)).toMatchObject({ error: { code: 'upload.incomplete-manifest' } });
    const freed = await runCommand(['free', folder, '--same-disk', '--json']);
    expect(freed.lines.at(-1)).toMatchObject({ error: { code: 'upload.incomplete-manifest' } });
    expect(existsSync(folder)).toBe(true);
  });
});

describe('what people see', () => {
  it('states the file, the status and the reason; a 404 to a wrong key is not an unfinished file', async () => {
    const folder = await session();
    await using proxy = await faultProxy(strict.url);
    proxy.rule = ({ method }) => (method === 'PUT' ? { kind: 'status', status: 404, code: 'NoSuchAccount' } : null);
    const { error, code, waits } = await runUpload(data, folder, s3At(proxy.url, 'wrong-key'), { deadlineMs: 200 });
    expect([code, waits]).toEqual(['upload.refused', []]);
    expect(String(error)).toMatch(/\((commits\.log|session\.sqlite|media\S+): status 404, NoSuchAccount/);
  });

  it('a receipt contains no path of the laptop, and no journal contains a token', async () => {
    const [folder, drive] = [await session(), stick()];
    const { result } = await runUpload(data, folder, folderAt(drive));
    expect(JSON.stringify(result?.receipt)).not.toContain(data);
    const token = await runCommand(['upload', folder, '--to', 'tus+http://127.0.0.1:9/f/?token=geheim', '--json']);
    expect(token.lines.at(-1)).toMatchObject({ error: { code: 'upload.destination-unclear' } });
    expect(readFileSync(journalPath(data)).includes('geheim')).toBe(false);
  });

  it('an upload whose process was killed is interrupted, not running', async () => {
    const folder = await session();
    const to = ['--to', 's3://lessons/killed', '--endpoint', strict.url, '--limit', '50kB', '--json'];
    const started = startCommand(['upload', folder, ...to], {
      onLine: ({ type }) => type === 'progress' && started.kill(),
    });
    await started.ended;
    const { lines } = await runCommand(['uploads', '--data', data, '--json']);
    const uploads = (lines.at(-1) as { uploads: { session: string; state: string }[] }).uploads;
    expect(uploads.find((one) => one.session === basename(folder))?.state).toBe('interrupted');
  });
});

describe('a remote of rclone', () => {
  it('gets the whole session, read back through rclone, and returns it; a decayed byte is found', async () => {
    const [folder, root] = [await session(), stick()];
    const config = join(root, 'rclone.conf');
    writeFileSync(config, `[lab]\ntype = alias\nremote = ${join(root, 'a lab')}\n`);
    const env = { RCLONE_CONFIG: config, FIELDROOM_RCLONE: process.env.FIELDROOM_TEST_RCLONE ?? '' };
    const uploaded = await runCommand(['upload', folder, '--to', 'rclone:lab:sessions 2026', '--json'], env);
    expect(uploaded.lines.at(-1)).toMatchObject({ type: 'done', files: filesOf(folder).length });
    const there = join(root, 'a lab', 'sessions 2026');
    expectWhole(arrivedInFolder(there), folder);
    const into = join(root, 'back');
    const remote = `rclone:lab:sessions 2026/pilot/${basename(folder)}`;
    expect((await runCommand(['fetch', remote, '--into', into, '--json'], env)).code).toBe(0);
    expect(filesOf(join(into, 'pilot', basename(folder)))).toEqual(filesOf(folder));
    const file = join(there, camera(folder));
    writeFileSync(file, readFileSync(file).reverse());
    const freed = await runCommand(['free', folder, '--deadline', '1s', '--json'], env);
    expect(freed.lines.at(-1)).toMatchObject({ error: { code: 'upload.not-whole' } });
  });

  it('that does not exist, or a missing rclone, is one clear error', async () => {
    const folder = await session();
    const upload = (env: Record<string, string>) =>
      runCommand(['upload', folder, '--to', 'rclone:nowhere:x', '--deadline', '1s', '--json'], env);
    const real = process.env.FIELDROOM_TEST_RCLONE ?? '';
    const unknown = (await upload({ FIELDROOM_RCLONE: real, RCLONE_CONFIG: join(data, 'none.conf') })).lines.at(-1);
    expect(unknown).toMatchObject({ error: { code: 'upload.rclone-failed' } });
    expect(JSON.stringify(unknown)).toContain('nowhere');
    const missing = await upload({ FIELDROOM_RCLONE: join(data, 'no-such-program') });
    expect(missing.lines.at(-1)).toMatchObject({ error: { code: 'upload.rclone-failed' } });
  });
});
