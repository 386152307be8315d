/**
 * Uploads in the real app: a destination is added in the window, uploading enabled, a lesson recorded, and the lab's
 * server has it whole, as an independent reader finds. The server is SeaweedFS. This system has no keyring, so keys are
 * only in memory.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isThere } from '../../electron/engine/processes.ts';
import { arrivedAtS3 } from '../fixtures/upload/arrived.ts';
import { type FaultProxy, faultProxy } from '../fixtures/upload/faultProxy.ts';
import { BUCKET, KEYS, type StorageServer, seaweed } from '../fixtures/upload/servers.ts';
import { filesOf, sealedSession } from '../fixtures/upload/session.ts';
import { waitFor } from '../fixtures/wait.ts';
import { axeFaults } from './fixtures/axe.ts';
import { launch, type RunningApp } from './fixtures.ts';

const DEMO_KIT = join(import.meta.dirname, '../../resources/kits/demo.json');
const LONG_MS = 60_000;

const dataFolder = mkdtempSync(join(tmpdir(), 'fieldroom-uploads-'));
let server: StorageServer;
let proxy: FaultProxy;
let running: RunningApp;
let operator: Page;

const open = async (): Promise<void> => {
  running = await launch({ dataFolder, args: ['--kit', DEMO_KIT] });
  operator = running.operator;
};
beforeAll(async () => {
  server = await seaweed();
  proxy = await faultProxy(server.url);
  await open();
});
afterAll(async () => {
  await running?.close();
  await proxy?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  rmSync(dataFolder, { recursive: true, force: true });
});

/** The uploader's process, from the recorder's log. */
function uploaderPid(): number {
  const log = readFileSync(join(dataFolder, '.fieldroom', 'logs', 'engine.log'), 'utf8');
  return Number([...log.matchAll(/The uploader \(process (\d+)\) is started/g)].at(-1)?.[1] ?? 0);
}

/** The name of a page may be followed by a count of waiting items. */
const link = (page: string) => operator.getByRole('link', { name: new RegExp(`^${page}(?: .*)?$`) });
const goTo = (page: string): Promise<void> => link(page).click();
const uploadOf = (session: string) => operator.getByRole('article', { name: new RegExp(`^${session} to `) });

async function enterKeys(secret = KEYS.secretAccessKey): Promise<void> {
  const dialog = operator.getByRole('dialog');
  await dialog.getByLabel('Access key').fill(KEYS.accessKeyId);
  await dialog.getByLabel('Secret key').fill(secret);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
}

async function expectThere(study: string, session: string): Promise<void> {
  const base = `app/${study}/${session}/`;
  const arrived = await arrivedAtS3(server, base);
  for (const { path, sha256 } of filesOf(join(dataFolder, study, session)))
    expect([path, arrived.get(base + path)]).toEqual([path, sha256]);
  expect(arrived.has(`${base}receipt.json`)).toBe(true);
}

/** A finished session of another study, larger than a test can record. */
const longLesson = async (bytes: number): Promise<string> => basename(await sealedSession(dataFolder, [bytes]));

/** The only session of the study. */
let lesson = '';

describe('from the classroom to the lab', () => {
  it('a destination is added and tested; a fault is reported with what to do', async () => {
    await goTo('Uploads');
    await operator.getByText('Nothing leaves this computer yet').waitFor();
    await operator.getByRole('button', { name: 'Add destination…' }).click();
    const dialog = operator.getByRole('dialog');
    await dialog.getByText(/^This system has no keyring/).waitFor();
    await dialog.getByLabel('Name', { exact: true }).fill('Lab storage');
    await dialog.getByLabel('Address', { exact: true }).fill(proxy.url);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Enter a bucket.').waitFor();
    await dialog.getByLabel('Bucket', { exact: true }).fill(BUCKET);
    await dialog.getByLabel('Folder in the bucket (optional)').fill('app');
    await enterKeys('wrong-secret-42');
    await operator.getByRole('button', { name: 'Test Lab storage' }).click();
    await operator.getByText(/does not accept the keys: they are wrong or have expired/).waitFor();
    await operator.getByRole('button', { name: 'Edit… Lab storage' }).click();
    await enterKeys();
    await operator.getByRole('button', { name: 'Test Lab storage' }).click();
    await operator.getByText('Works: a test file was written, read back and deleted.').waitFor();
    expect(await axeFaults(operator, 'uploads')).toEqual([]);
  });

  it('a recorded lesson is uploaded automatically once its study is enabled', async () => {
    await goTo('Live');
    await operator.getByRole('button', { name: 'Record', exact: true }).click();
    await operator.waitForTimeout(6000);
    await goTo('Uploads');
    const sent = proxy.requests;
    await operator.getByRole('switch', { name: 'Upload demo' }).click();
    await operator.getByText('Uploads are paused until recording stops.').waitFor();
    await operator.waitForTimeout(2000);
    expect(proxy.requests).toBe(sent);
    await goTo('Live');
    await operator.getByRole('button', { name: 'Stop', exact: true }).click();
    await operator.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
    await operator.getByText(/^Saved and finished: /).waitFor({ timeout: LONG_MS });
    [lesson = ''] = readdirSync(join(dataFolder, 'demo'));
    await goTo('Uploads');
    await uploadOf(lesson).getByText('Uploaded and verified').waitFor({ timeout: LONG_MS });
    await expectThere('demo', lesson);
  });

  it('an uploader that is killed in mid-upload resumes, and the session arrives whole', async () => {
    await operator.getByLabel('Speed limit').selectOption('2000000');
    const long = await longLesson(20e6);
    await goTo('Live');
    await goTo('Uploads');
    await operator.getByRole('switch', { name: 'Upload pilot' }).click();
    const card = uploadOf(long);
    // One of its three parts is confirmed, two are in flight.
    await card.getByText(/^Uploading: [1-9]\d %$/).waitFor({ timeout: LONG_MS });
    const first = uploaderPid();
    process.kill(first, 'SIGKILL');
    await waitFor('another uploader', () => uploaderPid() !== first && isThere(uploaderPid()), LONG_MS);
    await operator.getByLabel('Speed limit').selectOption('');
    await card.getByText('Uploaded and verified').waitFor({ timeout: LONG_MS });
    await expectThere('pilot', long);
  });

  it('space is freed only when everything has arrived, and can be restored', async () => {
    await goTo('Sessions');
    const card = operator.locator(`[data-session="${lesson}"]`);
    await card.getByText('Uploaded', { exact: true }).waitFor();
    await card.getByRole('button', { name: /^Free space…/ }).click();
    const dialog = operator.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Verify, then free' }).click();
    await dialog.getByText(/has every file, verified just now/).waitFor();
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await card.waitFor({ state: 'detached' });
    expect(readdirSync(join(dataFolder, 'demo'))).not.toContain(lesson);
    await operator.getByText(/^Trash: 1 session/).click();
    await operator.getByRole('button', { name: `Restore ${lesson}` }).click();
    await card.waitFor();
    await expectThere('demo', lesson);
  });

  it('keys are not on any disk; after a restart the app asks for them and then resumes', async () => {
    for (const entry of readdirSync(dataFolder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) {
        const path = join(entry.parentPath, entry.name);
        expect([path, readFileSync(path).includes(KEYS.secretAccessKey)]).toEqual([path, false]);
      }
    const uploader = uploaderPid();
    const main = running.app.process().pid ?? 0;
    await running.app.evaluate(({ app }) => app.quit());
    // An app started while the previous one is still ending would be refused as a second instance.
    await waitFor('the end of the app and the uploader', () => ![main, uploader].some(isThere), LONG_MS);
    const next = await longLesson(300_000);
    await open();
    await operator.getByText('1 upload waits for keys.').waitFor();
    expect(await link('Uploads').textContent()).toContain('1 needs attention');
    await goTo('Uploads');
    await uploadOf(next).getByText('Waiting for keys').waitFor();
    await operator.getByRole('button', { name: 'Enter the keys… Lab storage' }).click();
    await enterKeys();
    await uploadOf(next).getByText('Uploaded and verified').waitFor({ timeout: LONG_MS });
    await operator.getByRole('link', { name: 'Uploads', exact: true }).waitFor();
    await expectThere('pilot', next);
  });
});
