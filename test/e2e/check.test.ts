/**
 * The check before class in the real app: it identifies the room's problems correctly, and ten seconds of recording test
 * the rest.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { kitSchema } from '../../electron/common/kit.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { TestPlace } from '../fixtures/appliance.ts';
import { waitFor } from '../fixtures/wait.ts';
import { byKeyboard } from './fixtures/keyboard.ts';
import { FAKE_DEVICES, launch, type RunningApp } from './fixtures.ts';

const SMALL = { width: 320, height: 180, frameRate: 15 };
const GOOD = [
  { id: 'camera-good', kind: 'camera', driver: 'simulated', label: 'Good camera', settings: SMALL },
  { id: 'mic-good', kind: 'microphone', driver: 'simulated', label: 'Good microphone' },
];

let running: RunningApp | undefined;
let place: TestPlace | undefined;
afterEach(async () => {
  await running?.close();
  await place?.[Symbol.asyncDispose]();
});

/** Each line of the check: item, state, message. */
const lines = (page: Page): Promise<Record<string, { state: string; says: string }>> =>
  page
    .locator('[data-check]')
    .evaluateAll((items) =>
      Object.fromEntries(
        items.map((item) => [
          (item as HTMLElement).dataset.check,
          { state: (item as HTMLElement).dataset.state ?? '', says: item.querySelector('span')?.textContent ?? '' },
        ]),
      ),
    );

/** Frames, packets and samples that a session's index records as lost. */
function lostIn(folder: string): number {
  const index = new Database(join(folder, 'session.sqlite'), { readonly: true });
  try {
    return index.prepare('SELECT coalesce(sum(missing), 0) FROM timed_gap').pluck().get() as number;
  } finally {
    index.close();
  }
}

/** Media in the formats of Chromium's fake devices. */
function ffmpeg(...args: string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args]);
}

it('identifies a dead microphone, a black camera and a full disk, each with what to do', async () => {
  place = new TestPlace();
  const [black, silence] = [join(place.folder, 'black.y4m'), join(place.folder, 'silence.wav')];
  ffmpeg('-f', 'lavfi', '-i', 'color=black:s=320x240:r=15:d=1', '-pix_fmt', 'yuv420p', black);
  ffmpeg('-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=mono', '-t', '2', silence);
  const disk = join(place.folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'fieldroom-test', disk]);
  try {
    const kit = kitSchema.parse({
      name: 'A bad morning',
      live: 'off',
      sources: [
        ...GOOD,
        { id: 'camera-black', kind: 'camera', label: 'Black camera', settings: SMALL },
        { id: 'mic-dead', kind: 'microphone', label: 'Dead microphone' },
      ],
    });
    running = await launch({
      dataFolder: join(disk, 'data'),
      args: ['--kit', place.write('kit.json', kit)],
      env: {
        FIELDROOM_CHROMIUM_SWITCHES: `${FAKE_DEVICES} --use-file-for-fake-video-capture=${black} --use-file-for-fake-audio-capture=${silence}`,
      },
    });
    const { operator } = running;
    await operator.getByRole('link', { name: 'Check' }).click();
    const expected = {
      'camera-black': { state: 'bad', says: expect.stringContaining('The picture is black.') },
      'mic-dead': { state: 'bad', says: expect.stringContaining('No sound at all.') },
      disk: { state: 'bad', says: expect.stringMatching(/^Only room for \d+ min; you need 90 min\.$/) },
    };
    // A busy machine shows further messages: the room's problems must be listed anyway.
    const bad = await waitFor(
      'three things that are bad',
      async () => {
        const found = await lines(operator);
        return Object.keys(expected).every((id) => found[id]?.state === 'bad') ? found : null;
      },
      60_000,
    );
    expect(bad).toMatchObject(expected);
    expect((await lines(operator))['mic-good']?.state).not.toBe('bad');
    await operator.getByText(/^\d+ problems to solve before class$/).waitFor();
    for (const id of Object.keys(expected))
      expect(await operator.locator(`[data-check="${id}"] em`).innerText()).not.toBe('');
  } finally {
    await running?.close();
    running = undefined;
    execFileSync('umount', ['--lazy', disk]);
  }
});

it('records ten seconds, verifies them and plays them back, by keyboard alone', async () => {
  place = new TestPlace();
  const kit = kitSchema.parse({ name: 'A good morning', live: 'off', sources: GOOD });
  running = await launch({
    dataFolder: place.dataFolder,
    args: ['--kit', place.write('kit.json', kit)],
    env: { FIELDROOM_CHROMIUM_SWITCHES: '' },
  });
  const { operator } = running;
  await operator.getByRole('article', { name: 'Good camera' }).getByText('Ready').waitFor();
  await byKeyboard(operator, 'Check');
  await byKeyboard(operator, 'Record ten seconds');
  const said = operator.getByRole('status').filter({ has: operator.locator('p') });
  await said.and(operator.locator('[data-level]')).waitFor({ timeout: 60_000 });
  const [id = ''] = readdirSync(join(place.dataFolder, 'test-recordings'));
  const verdict = await verifySession(join(place.dataFolder, 'test-recordings', id));
  expect(verdict).toMatchObject({ ok: true, sealed: true });
  // Its figures equal those of the index: frames lost on a busy machine must not count as success.
  const lost = lostIn(join(place.dataFolder, 'test-recordings', id));
  const good = (await said.and(operator.locator('[data-level="good"]')).count()) === 1;
  if (lost > 0) expect(good).toBe(false);
  if (good) await operator.getByText(/^Nothing was lost: [1-9][\d,]* packets/).waitFor();

  await byKeyboard(operator, 'Review it');
  const picture = operator.locator('canvas[data-stream="camera-good"]');
  await picture.and(operator.locator('[data-seq]')).waitFor();
  const shown = async (): Promise<number> => Number(await picture.getAttribute('data-seq'));
  const first = await shown();
  await byKeyboard(operator, 'Play');
  await waitFor('pictures that follow each other', async () => (await shown()) > first + 30, 20_000);
});

it('warns within seconds that a computer cannot keep up, before class and during it', async () => {
  place = new TestPlace();
  const huge = { width: 3840, height: 2160, frameRate: 60 };
  const sources = ['left', 'right'].map((id) => ({
    id,
    kind: 'camera',
    driver: 'simulated',
    label: `Huge ${id}`,
    settings: huge,
  }));
  running = await launch({
    dataFolder: place.dataFolder,
    args: ['--kit', place.write('kit.json', kitSchema.parse({ name: 'Too much', live: 'off', sources }))],
    env: { FIELDROOM_CHROMIUM_SWITCHES: '' },
  });
  const { operator } = running;
  await operator.getByRole('article', { name: 'Huge left' }).waitFor();
  await byKeyboard(operator, 'Record');
  const alarm = operator.getByRole('alert').getByText(/^Losing data · Huge (left|right): /);
  await alarm.first().waitFor({ timeout: 30_000 });
  // Readable from three metres.
  expect(
    await alarm.first().evaluate((text) => Number.parseFloat(getComputedStyle(text).fontSize)),
  ).toBeGreaterThanOrEqual(32);
  expect(
    await operator.getByText('Recording', { exact: true }).and(operator.locator('article *')).count(),
  ).toBeLessThan(2);
  await operator.getByRole('button', { name: 'Stop', exact: true }).click();
  await operator.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
  await alarm.first().waitFor({ state: 'detached', timeout: 60_000 });
});
