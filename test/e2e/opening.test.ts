/** Files and links opened with a double click, in the real app: the question asked, and the result. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DoorClient } from '../../electron/common/doorClient.ts';
import { makeSession } from '../fixtures/madeSession.ts';
import { waitFor } from '../fixtures/wait.ts';
import { appCommand, launch, type RunningApp } from './fixtures.ts';

const ID = '20261122-141503-7f3a9c';
const KIT = {
  name: 'From a stick\n',
  sources: [{ id: 'gateway', kind: 'tcp', driver: 'lines', match: { path: 'tcp://203.0.113.9:4444' } }],
};

let place: string;
let running: RunningApp;
let kit: string;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'fr-open-'));
  kit = join(place, 'stick.fieldroom-kit');
  writeFileSync(kit, JSON.stringify(KIT));
  const dataFolder = join(place, 'data');
  await makeSession(join(dataFolder, 'pilot', ID), { id: ID, seconds: 1 });
  await makeSession(join(place, 'stick', ID), { id: ID, seconds: 1 });
  // A cold start from a link: the app shows the session when it is ready.
  running = await launch({ dataFolder, args: [`fieldroom://sessions/pilot/${ID}`] });
});
afterAll(async () => {
  await running?.close();
  rmSync(place, { recursive: true, force: true });
});

const address = (): string => new URL(running.operator.url()).hash;

/** Starts the app again as the system does on a double click; the running instance receives the arguments. */
const click = (...words: string[]): void => {
  const { command, args } = appCommand(['--data', running.dataFolder, ...words]);
  spawnSync(command, args, { timeout: 30_000 });
};

/** Answers the next dialogs with this; returns their texts. */
async function boxes(response: number): Promise<() => Promise<{ message: string; detail: string }[]>> {
  await running.app.evaluate(({ dialog }, answer) => {
    const told: unknown[] = [];
    Object.assign(globalThis, { told });
    dialog.showMessageBox = ((...args: unknown[]) => {
      told.push(args.at(-1));
      return Promise.resolve({ response: answer, checkboxChecked: false });
    }) as typeof dialog.showMessageBox;
  }, response);
  return () =>
    running.app.evaluate(() => (globalThis as unknown as { told: { message: string; detail: string }[] }).told);
}

it('a link shows a session of this laptop', async () => {
  await waitFor('the page of the session', () => address().startsWith('#/sessions/'), 30_000);
});

it('a link that names anything else only shows an error', async () => {
  const told = await boxes(0);
  const before = address();
  click('fieldroom://sessions/../../etc', '--kit', kit);
  await waitFor('a box', async () => (await told()).length === 1, 30_000);
  expect((await told())[0]?.message).toContain('does not lead anywhere');
  expect(address()).toBe(before);
});

it('a kit shows its contents and is used only after confirmation', async () => {
  let told = await boxes(1);
  click(kit);
  await waitFor('the question', async () => (await told()).length === 1, 30_000);
  const [box] = await told();
  expect(box?.message).toBe('Use this kit?\nFrom a stick');
  expect(box?.detail).toContain('gateway: tcp, tcp://203.0.113.9:4444');
  const reached = await running.operator.evaluate(() => window.fieldroom?.door());
  if (!reached) throw new Error('the page has no bridge');
  const door = new DoorClient(reached, fetch);
  expect(await door.call('kit.get', {})).toBeNull();
  told = await boxes(0);
  click(kit);
  await waitFor('the page Set-up', () => address() === '#/setup', 30_000);
  const used = await door.call('kit.get', {});
  expect(used?.kit.sources[0]?.match.path).toBe('tcp://203.0.113.9:4444');
  expect(used?.path).not.toBe(kit);
});

it("a session on a memory stick is opened after a question, by its folder's manifest", async () => {
  const told = await boxes(0);
  click(join(place, 'stick', ID, 'manifest.json'));
  await waitFor('the page of the session', () => address().startsWith('#/sessions/'), 30_000);
  expect((await told())[0]?.detail).toContain(join(place, 'stick', ID));
  await running.operator.getByText('Lesson 1').or(running.operator.getByText(ID)).first().waitFor();
});

it('a file that is not a session is reported as such', async () => {
  const told = await boxes(0);
  writeFileSync(join(place, 'x.fieldroom'), '');
  click(join(place, 'x.fieldroom'));
  await waitFor('a box', async () => (await told()).length === 1, 30_000);
  expect((await told())[0]?.message).toContain('is not the folder of a session');
});
