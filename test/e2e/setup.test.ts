/** From an empty profile to the first recorded track with the real recorder, and the same devices again the next day. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import type { AntStickEmulator } from '../../devices/drivers/ant-heart-rate/emulator.ts';
import { startEmulators } from '../../devices/emulate.ts';
import { kitSchema, type Source } from '../../electron/common/kit.ts';
import { TestPlace } from '../fixtures/appliance.ts';
import { waitFor } from '../fixtures/wait.ts';
import { axeFaults } from './fixtures/axe.ts';
import { byKeyboard } from './fixtures/keyboard.ts';
import { launch, type RunningApp } from './fixtures.ts';

let running: RunningApp;
afterEach(() => running?.close());

/** Counts user actions. */
function hands(page: Page) {
  const did: string[] = [];
  return {
    did,
    press: async (name: string): Promise<void> => {
      did.push(name);
      await page
        .getByRole('button', { name, exact: true })
        .or(page.getByRole('link', { name, exact: true }))
        .click();
    },
  };
}

const kitFiles = (dataFolder: string): string[] => readdirSync(join(dataFolder, '.fieldroom', 'kits'));

async function stop(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByText(/^Saved and finished: /).waitFor();
}

it('records what is plugged in after three actions, and finds it again automatically', async () => {
  running = await launch();
  const { operator, dataFolder } = running;
  await operator.getByRole('heading', { name: 'Welcome to Fieldroom' }).waitFor();
  await operator.getByText(/^\d+ devices found$/).waitFor();
  const { did, press } = hands(operator);

  await press('Set up my devices');
  await operator.getByRole('article', { name: 'Camera 1' }).getByText('Ready').waitFor();
  await operator.locator('article canvas[data-shown="true"]').first().waitFor();
  await press('Go to the Live page');
  await press('Record');
  const camera = operator.getByRole('article', { name: 'Camera 1' });
  await camera.getByText(/^[1-9][\d,]* frames safe$/).waitFor();
  expect(did).toHaveLength(3);
  await stop(operator);

  // Names are entered in between, and one mistake is undone.
  await operator.getByRole('link', { name: 'Setup' }).click();
  const editor = operator.locator('article[data-source="camera-1"]');
  for (const name of ['Blackboard', 'Blackbord']) {
    await editor.getByLabel('Name').fill(name);
    await editor.getByLabel('Name').press('Enter');
    await editor.getByRole('heading', { name }).waitFor();
  }
  await operator.getByRole('button', { name: 'Undo' }).click();
  await editor.getByRole('heading', { name: 'Blackboard' }).waitFor();
  expect(kitFiles(dataFolder)).toEqual(['my-classroom.json']);
  const written = (): { sources: { id: string; label: string }[] } =>
    JSON.parse(readFileSync(join(dataFolder, '.fieldroom', 'kits', 'my-classroom.json'), 'utf8'));
  expect(written().sources.find(({ id }) => id === 'camera-1')?.label).toBe('Blackboard');

  await running.app.close().catch(() => undefined);
  running = await launch({ dataFolder });
  await running.operator.getByRole('article', { name: 'Blackboard' }).getByText('Ready').waitFor();
  await waitFor('all as yesterday, with no action', async () => {
    const cards = running.operator.getByRole('article');
    return (await cards.count()) === written().sources.length;
  });
});

it('goes through the whole cycle by keyboard with nothing plugged in, and every file says that it is simulated', async () => {
  running = await launch({ env: { FIELDROOM_CHROMIUM_SWITCHES: '' } });
  const { operator, dataFolder } = running;
  await operator.getByRole('button', { name: 'Try it' }).waitFor();
  await byKeyboard(operator, 'Try it');
  const light = operator.getByRole('article', { name: 'Light sensor' });
  await light.getByText('Ready').waitFor();
  expect(await operator.getByRole('article').count()).toBe(
    await operator.getByText('Simulated', { exact: true }).count(),
  );
  // Numbers appear before anything is recorded.
  await waitFor('a number of the light sensor', async () => /\d/.test(await light.locator('dd').first().innerText()));
  await byKeyboard(operator, 'Record');
  for (const name of ['Front', 'Table 1', 'Light sensor'])
    await operator
      .getByRole('article', { name, exact: true })
      .getByText(/^[1-9][\d,]* (frames|packets|samples) safe$/)
      .waitFor();
  // A digit adds a marker, a note is written, and the strap's wearer changes with two presses.
  await operator.keyboard.press('2');
  await operator.getByText(/^Marker 2 at /).waitFor();
  await operator.keyboard.press('n');
  await operator.keyboard.type('Fire alarm');
  await operator.keyboard.press('Enter');
  await operator.getByText(/^Marker Fire alarm at /).waitFor();
  await byKeyboard(operator, 'Heart rate P01 is used by P01. Change');
  await operator.getByRole('menuitem', { name: 'P02' }).waitFor();
  await operator.keyboard.press('ArrowDown');
  await operator.keyboard.press('Enter');
  await operator.getByRole('button', { name: 'Heart rate P01 is used by P02. Change' }).waitFor();
  await byKeyboard(operator, 'Pause Front');
  await operator.locator('[data-paused]').getByText('Paused', { exact: true }).waitFor();
  await byKeyboard(operator, 'Stop');
  await operator.getByRole('dialog').waitFor();
  await byKeyboard(operator, 'Stop');
  await operator.getByText(/^Saved and finished: /).waitFor();

  const [session] = readdirSync(join(dataFolder, 'simulated'));
  const folder = join(dataFolder, 'simulated', session as string);
  const index = new Database(join(folder, 'session.sqlite'), { readonly: true });
  const marked = index.prepare('select count(*) n, sum(simulated) simulated from stream').get() as {
    n: number;
    simulated: number;
  };
  expect(index.prepare('select simulated from session').pluck().get()).toBe(1);
  expect(index.prepare('select code, note from marker order by at_ns').all()).toEqual([
    { code: '2', note: '' },
    { code: 'note', note: 'Fire alarm' },
  ]);
  const worn = index
    .prepare("select participant, at_ns from assignment where source = 'heart-p01' order by at_ns")
    .all();
  expect(worn).toMatchObject([{ participant: 'P01' }, { participant: 'P02' }]);
  index.close();
  expect(marked.n).toBeGreaterThanOrEqual(9);
  expect(marked.simulated).toBe(marked.n);
  for (const stream of readdirSync(join(folder, 'media')))
    expect(readFileSync(join(folder, 'media', stream, '0001.mkv')).includes('imulated')).toBe(true);
});

it('moves anchors on the floor plan by mouse and keyboard, and undoes it; starts with the computer if enabled', async () => {
  await using place = new TestPlace();
  const config = join(place.folder, 'config');
  running = await launch({ env: { FIELDROOM_CHROMIUM_SWITCHES: '', XDG_CONFIG_HOME: config } });
  const { operator } = running;
  await operator.getByRole('button', { name: 'Try it' }).click();
  await operator.getByRole('article', { name: 'Pozyx tags' }).getByText('Ready').waitFor();
  await operator.getByRole('link', { name: 'Setup' }).click();
  const open = () => operator.getByRole('button', { name: 'Move the anchors…' }).click();
  const dialog = operator.getByRole('dialog');
  const anchors = (): Promise<string[]> =>
    dialog.locator('[data-anchor]').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
  await open();
  await dialog.locator('[data-anchor]').first().waitFor();
  const before = await anchors();
  expect(before[0]).toBe('Anchor 0xA001: 0.00 m to the right, 0.00 m into the room');
  expect(await axeFaults(operator, 'floor plan')).toEqual([]);

  // By keyboard: 10 cm to the right, 1 cm into the room.
  await dialog.locator('[data-anchor="0xA001"]').focus();
  await operator.keyboard.press('ArrowRight');
  await operator.keyboard.press('Shift+ArrowUp');
  expect((await anchors())[0]).toBe('Anchor 0xA001: 0.10 m to the right, 0.01 m into the room');
  // By mouse; that last move is undone.
  const box = await dialog.locator('[data-anchor="0xA002"] rect').boundingBox();
  if (!box) throw new Error('the anchor is not on the screen');
  await operator.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await operator.mouse.down();
  await operator.mouse.move(box.x - 60, box.y - 20, { steps: 4 });
  await operator.mouse.up();
  expect((await anchors())[1]).not.toBe(before[1]);
  await dialog.getByRole('button', { name: 'Undo last move' }).click();
  expect((await anchors())[1]).toBe(before[1]);
  await dialog.getByRole('button', { name: 'Save' }).click();

  const kept = async (): Promise<string | undefined> => {
    await open();
    await dialog.locator('[data-anchor]').first().waitFor();
    const [first] = await anchors();
    await operator.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    return first;
  };
  await waitFor('the moved anchor in the kit', async () => (await kept())?.includes('0.10 m to the right'));
  await operator.getByRole('button', { name: 'Undo', exact: true }).click();
  await waitFor('the anchor where it was', async () => (await kept()) === before[0]);

  const autoStart = operator.getByRole('switch', { name: 'Start Fieldroom when I log in' });
  expect(await autoStart.isChecked()).toBe(false);
  await autoStart.press('Space');
  const entry = join(config, 'autostart', 'fieldroom.desktop');
  await waitFor('the entry of the desktop', () => existsSync(entry));
  expect(readFileSync(entry, 'utf8')).toMatch(/^Exec="\/.+electron" "\/.+"$/m);
  await autoStart.press('Space');
  await waitFor('no entry', () => !existsSync(entry));
});

it("matches heart straps to participants by touching them one at a time, and detects a driver from a port's output", async () => {
  await using place = new TestPlace();
  const emulated = await startEmulators(
    kitSchema.parse({
      name: 'Straps',
      sources: [
        {
          id: 'hearts',
          kind: 'serial',
          driver: 'ant-heart-rate',
          label: 'Hearts',
          match: { path: 'emulator:ant-heart-rate?straps=5&laidOut=1' },
          settings: { networkKey: '00112233445566ff', mode: 'scan' },
        },
        { id: 'unknown', kind: 'serial', driver: 'nmea', label: 'Cable', match: { path: 'emulator:nmea' } },
      ],
    }),
  );
  try {
    const stick = emulated.emulators.get('hearts') as AntStickEmulator;
    const numbers = stick.straps.map(({ deviceNumber }) => String(deviceNumber));
    const [hearts, gps] = emulated.kit.sources;
    const kitFile = place.write('kit.json', { ...emulated.kit, sources: [hearts, { ...gps, driver: 'pulse-lines' }] });
    running = await launch({ args: ['--kit', kitFile], env: { FIELDROOM_CHROMIUM_SWITCHES: '' } });
    const { operator } = running;
    await operator.getByRole('link', { name: 'Setup' }).click();
    const dialog = operator.getByRole('dialog');
    await operator.getByRole('button', { name: 'Match straps by touch…' }).click();
    await dialog.getByText('Touch one strap', { exact: true }).waitFor();
    expect(await axeFaults(operator, 'heart straps')).toEqual([]);
    const touch = async (place: number, wearer: string): Promise<void> => {
      // Repeatedly, as a person does until the stick is set up.
      await waitFor(`strap ${place} to answer`, async () => {
        stick.fault('touch', place);
        return dialog.getByText(`Strap ${numbers[place - 1]} responds. Who wears it?`).isVisible();
      });
      await dialog.getByLabel('Another pseudonym').fill(wearer);
      await dialog.getByLabel('Another pseudonym').press('Enter');
    };
    await touch(4, 'P01');
    await touch(2, 'P02');
    await dialog.locator(`tr[data-strap="${numbers[1]}"]`).getByText('P02').waitFor();
    // A mistake: the next strap is given to P02 too, which takes it from the other participant, and that is undone.
    await touch(5, 'P02');
    await dialog.getByRole('button', { name: 'Undo last answer' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const kept = (): Source[] => kitSchema.parse(JSON.parse(readFileSync(kitFile, 'utf8'))).sources;
    await waitFor('the answers in the kit', async () =>
      JSON.stringify(kept()[0]?.settings).includes(
        JSON.stringify({ [numbers[1] as string]: 'P02', [numbers[3] as string]: 'P01' }),
      ),
    );

    const cable = operator.getByRole('article', { name: 'Cable' });
    await cable.getByRole('button', { name: 'Detect device…' }).click();
    const first = dialog.locator('li').first();
    await first.getByText(/^Position and speed \(RMC\): .*latitude [-\d.]+ °/).waitFor();
    expect(await axeFaults(operator, 'what a port prints')).toEqual([]);
    await byKeyboard(operator, 'Listen again');
    await dialog.getByText(/^Listening to /).waitFor();
    await first.getByText(/^Position and speed \(RMC\): .*latitude [-\d.]+ °/).waitFor();
    await first.getByRole('button', { name: 'Use this: GPS receiver (NMEA)' }).click();
    await cable.getByText('Ready').waitFor();
    expect(kept()[1]).toMatchObject({ driver: 'nmea', settings: { baudRate: 115_200 } });
  } finally {
    await emulated.stop();
  }
});

it('shows devices before they are in the kit, with their data, and lets a person choose among identical cameras', async () => {
  await using place = new TestPlace();
  // All three cameras of the machine have this name, so the intended one is ambiguous.
  const camera = { id: 'board', kind: 'camera', label: 'Blackboard', match: { label: 'fake_device' } };
  const kitFile = place.write('kit.json', { version: 1, name: 'Alike', sources: [camera] });
  running = await launch({ args: ['--kit', kitFile] });
  const { operator, capture } = running;
  await operator.getByRole('link', { name: 'Setup' }).click();
  const choice = operator.getByRole('region', { name: 'These devices are identical. Which one is “Blackboard”?' });
  await choice.locator('li').nth(2).locator('canvas[data-shown="true"]').waitFor();
  await choice.locator('li').nth(0).locator('canvas[data-shown="true"]').waitFor();
  // The second is a depth camera: the window says why it has no image.
  await choice
    .locator('li')
    .nth(1)
    .getByText(/cannot be encoded/)
    .waitFor();
  expect(await axeFaults(operator, 'cameras that are alike')).toEqual([]);
  await choice.getByRole('button', { name: /^fake_device_2/ }).click();
  const editor = operator.locator('article[data-source="board"]');
  await editor.getByText('Ready').waitFor();
  await editor.locator('canvas[data-shown="true"]').waitFor();
  expect(kitSchema.parse(JSON.parse(readFileSync(kitFile, 'utf8'))).sources[0]?.match.label).toBe('fake_device_2');

  // The others are shown as not used, a microphone with its level.
  const found = operator.getByRole('region', { name: 'Plugged in, not used' });
  await found.locator('li', { hasText: 'fake_device_0' }).locator('canvas[data-shown="true"]').waitFor();
  await waitFor('a level', async () =>
    found.getByRole('meter').evaluateAll((all) => all.some((one) => Number(one.getAttribute('aria-valuenow')) > -60)),
  );
  // One is unplugged and plugged in again during the preview.
  await operator.waitForTimeout(6000);
  const plug = (there: boolean): Promise<void> =>
    capture.evaluate((shown) => {
      const media = navigator.mediaDevices;
      const all = MediaDevices.prototype.enumerateDevices.bind(media);
      media.enumerateDevices = async () =>
        (await all()).filter(({ label }) => shown || !label.startsWith('fake_device_0'));
      media.dispatchEvent(new Event('devicechange'));
    }, there);
  await plug(false);
  await found.locator('li', { hasText: 'fake_device_0' }).waitFor({ state: 'detached' });
  await plug(true);
  await found.getByText(/^Just plugged in: fake_device_0/).waitFor();
  await found.locator('li[data-new]').locator('canvas[data-shown="true"]').waitFor();

  // Previewed devices leave nothing in a session.
  await operator.getByRole('link', { name: 'Live', exact: true }).click();
  await operator.getByRole('button', { name: 'Record', exact: true }).click();
  await operator.getByText(/^[1-9][\d,]* frames safe$/).waitFor();
  await stop(operator);
  const [study] = readdirSync(running.dataFolder).filter((name) => !name.startsWith('.'));
  const [session] = readdirSync(join(running.dataFolder, study as string)).filter((name) => name.startsWith('2'));
  const index = new Database(join(running.dataFolder, study as string, session as string, 'session.sqlite'), {
    readonly: true,
  });
  expect(index.prepare('select distinct source from stream').pluck().all()).toEqual(['board']);
  index.close();
});
