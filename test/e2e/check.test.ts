/** The check before class in the real app: what is wrong in the room is named right, and ten seconds prove the rest. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
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

/** Each line of the check: what, its state, what it says. */
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

/** Media as Chromium's fake devices take it. */
function ffmpeg(...args: string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args]);
}

it('names a dead microphone, a black camera and a full disk, each with what to do', async () => {
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
    const bad = await waitFor(
      'three things that are bad',
      async () => {
        const entries = Object.entries(await lines(operator));
        const found = entries.filter(([, { state }]) => state === 'bad');
        return entries.every(([, { state }]) => state !== 'busy') && found.length >= 3
          ? Object.fromEntries(found)
          : null;
      },
      60_000,
    );
    expect(bad).toEqual({
      'camera-black': { state: 'bad', says: 'The picture is black.' },
      'mic-dead': { state: 'bad', says: 'No sound at all.' },
      disk: { state: 'bad', says: expect.stringMatching(/^Only room for \d+ min; you need 90 min\.$/) },
    });
    expect(await lines(operator)).toMatchObject({ 'camera-good': { state: 'good' }, 'mic-good': { state: 'good' } });
    await operator.getByText('3 problems to solve before class').waitFor();
    for (const id of Object.keys(bad))
      expect(await operator.locator(`[data-check="${id}"] em`).innerText()).not.toBe('');
  } finally {
    await running?.close();
    running = undefined;
    execFileSync('umount', ['--lazy', disk]);
  }
});

it('records ten seconds, proves them and plays them back, by keyboard alone', async () => {
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
  await operator.getByText(/^Nothing was lost: [1-9][\d,]* packets/).waitFor({ timeout: 60_000 });
  const [id = ''] = readdirSync(join(place.dataFolder, 'test-recordings'));
  const verdict = await verifySession(join(place.dataFolder, 'test-recordings', id));
  expect(verdict).toMatchObject({ ok: true, sealed: true });

  await byKeyboard(operator, 'Review it');
  const picture = operator.locator('canvas[data-stream="camera-good"]');
  await picture.and(operator.locator('[data-seq]')).waitFor();
  const shown = async (): Promise<number> => Number(await picture.getAttribute('data-seq'));
  const first = await shown();
  await byKeyboard(operator, 'Play');
  await waitFor('pictures that follow each other', async () => (await shown()) > first + 30, 20_000);
});
