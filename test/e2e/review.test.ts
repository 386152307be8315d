/**
 * The review player in the real app, over a session that the real app recorded: the screen must show what the source
 * produced at that moment. The camera draws its frame number into the frame, and the sensor counts its lines.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmulatedKit, startEmulators } from '../../devices/emulate.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { readCells } from '../../renderer/capture/simulated/bitCells.ts';
import { TestPlace } from '../fixtures/appliance.ts';
import { axeFaults } from './fixtures/axe.ts';
import { decodeGrey } from './fixtures/decode.ts';
import { launch, type RunningApp } from './fixtures.ts';

const SIZE = { width: 320, height: 180 };
const KIT = kitSchema.parse({
  name: 'Counting',
  study: 'review',
  live: 'off',
  sources: [
    { id: 'cam-a', kind: 'camera', driver: 'simulated', label: 'Front', settings: { ...SIZE, frameRate: 15 } },
    { id: 'cam-b', kind: 'camera', driver: 'simulated', label: 'Back', settings: { ...SIZE, frameRate: 15 } },
    { id: 'mic', kind: 'microphone', driver: 'simulated', label: 'Table 1' },
    {
      id: 'light',
      kind: 'serial',
      driver: 'lines',
      label: 'Light',
      participant: 'P01',
      match: { path: 'emulator:lines' },
    },
  ],
});

interface Frame {
  sessionNs: number;
  counter: number | null;
}

const place = new TestPlace();
let emulated: EmulatedKit;
let running: RunningApp;
let operator: Page;
let folder: string;
/** The frame numbers that the source drew: read from the file by ffmpeg, with times from the index. */
const truth = new Map<string, Frame[]>();

beforeAll(async () => {
  emulated = await startEmulators(KIT);
  running = await launch({ dataFolder: place.dataFolder, args: ['--kit', place.write('kit.json', emulated.kit)] });
  operator = running.operator;
  for (const name of ['Front', 'Back', 'Table 1', 'Light'])
    await operator.getByRole('article', { name }).getByText('Ready').waitFor();
  await operator.getByRole('button', { name: 'Record', exact: true }).click();
  await operator.waitForTimeout(6000);
  await operator.keyboard.press('2');
  await operator.waitForTimeout(6000);
});
afterAll(async () => {
  await running?.close();
  await emulated?.stop();
  await place[Symbol.asyncDispose]();
});

const index = (): Database.Database => new Database(join(folder, 'session.sqlite'), { readonly: true });

/** The frame number currently on the screen, read from its pixels. */
async function shown(stream: string): Promise<{ counter: number | null; seq: number }> {
  const { grey, seq } = await operator.evaluate((id) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`canvas[data-stream="${id}"]`);
    if (!canvas) throw new Error(`no canvas of ${id}`);
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    const out: number[] = [];
    for (let i = 0; i < data.length; i += 4) out.push(data[i + 1] ?? 0);
    return { grey: out, seq: Number(canvas.dataset.seq) };
  }, stream);
  return { counter: readCells(Uint8Array.from(grey), SIZE.width, SIZE.height), seq };
}

const moment = async (): Promise<number> =>
  Number(await operator.getByRole('slider', { name: 'Position in the session' }).getAttribute('data-ns'));

/** Presses in the ruler, as a person does. */
async function scrubTo(share: number): Promise<number> {
  const box = await operator.getByRole('slider', { name: 'Position in the session' }).boundingBox();
  if (!box) throw new Error('no ruler');
  await operator.mouse.click(box.x + share * box.width, box.y + box.height / 2);
  return moment();
}

const due = (stream: string, ns: number): Frame | undefined =>
  truth.get(stream)?.findLast(({ sessionNs }) => sessionNs <= ns);

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`not seen within 10 s: ${what}`);
    await operator.waitForTimeout(50);
  }
}

describe('a session', () => {
  it('can be reviewed while it is still being recorded', async () => {
    await operator.getByRole('link', { name: 'Sessions' }).click();
    const card = operator.getByRole('article').filter({ hasText: 'Recording' });
    await card.getByRole('button', { name: /^Review/ }).click();
    await operator.getByText('Still recording').waitFor();
    await operator.keyboard.press('End');
    const first = await moment();
    await until('a picture of the last seconds', async () => (await shown('cam-a')).counter !== null);
    await until('the session growing', async () => {
      await operator.keyboard.press('End');
      return (await moment()) > first + 1e9;
    });
    await until('a newer picture', async () => ((await shown('cam-a')).counter ?? 0) > 100);
  });

  it('is listed when it is finished, and verified', async () => {
    await operator.getByRole('link', { name: 'Live' }).click();
    await operator.getByRole('button', { name: 'Stop', exact: true }).click();
    await operator.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
    await operator.getByText(/^Saved and finished: /).waitFor({ timeout: 30_000 });
    await operator.getByLabel('Name this session').fill('Third lesson');
    await operator.getByLabel('Name this session').press('Enter');
    const [id = ''] = readdirSync(join(place.dataFolder, 'review'));
    folder = join(place.dataFolder, 'review', id);
    await operator.getByRole('link', { name: 'Sessions' }).click();
    const card = operator.getByRole('article', { name: 'Third lesson' });
    await card.getByText('Finished', { exact: true }).waitFor();
    await card.getByText(/P01/).waitFor();
    await card.getByRole('button', { name: /^Timing report/ }).waitFor();
    await card.getByRole('button', { name: /^Verify/ }).click();
    await card.getByText('Verified', { exact: true }).waitFor();

    const db = index();
    for (const stream of ['cam-a', 'cam-b']) {
      const rows = db
        .prepare('SELECT session_ns AS sessionNs FROM timed_packet WHERE stream = ? ORDER BY seq')
        .all(stream) as { sessionNs: number }[];
      const grey = await decodeGrey(join(folder, 'media', stream, '0001.mkv'));
      const bytes = SIZE.width * SIZE.height;
      expect(grey.length / bytes).toBe(rows.length);
      const frames = rows.map(({ sessionNs }, i) => {
        const picture = new Uint8Array(grey.subarray(i * bytes, (i + 1) * bytes));
        return { sessionNs, counter: readCells(picture, SIZE.width, SIZE.height) };
      });
      expect(frames.filter(({ counter }) => counter === null)).toEqual([]);
      truth.set(stream, frames);
    }
    db.close();
  });

  it('shows at ten random moments the frames and the value that the source produced then', async () => {
    await operator.getByRole('button', { name: /^Review/ }).click();
    await operator.getByRole('slider', { name: 'Position in the session' }).waitFor();
    // The column with the line's number.
    await operator.getByRole('combobox', { name: 'Channel of Light to show' }).selectOption('column1');
    const db = index();
    for (let i = 0; i < 10; i += 1) {
      const ns = await scrubTo(0.05 + 0.9 * Math.random());
      for (const stream of ['cam-a', 'cam-b']) {
        const expected = due(stream, ns);
        await until(`picture ${expected?.counter} of ${stream} at ${ns}`, async () => {
          const { counter } = await shown(stream);
          return counter === expected?.counter;
        });
      }
      const { column1 } = db
        .prepare('SELECT column1 FROM timed_light WHERE session_ns <= ? ORDER BY session_ns DESC, seq DESC LIMIT 1')
        .get(ns) as { column1: number };
      const value = operator.getByRole('article', { name: 'Light' }).locator('output');
      await until(`value ${column1}`, async () => (await value.textContent())?.replace(/\D/g, '') === String(column1));
      expect(await moment()).toBe(ns);
    }
    db.close();
  });

  it('prepares the position under the pointer, so that a press shows it at once', async () => {
    const asked: string[] = [];
    const listen = (request: Request): void =>
      void (/\/v1\/media\/.*\/cam-/.test(request.url()) && asked.push(request.url()));
    const box = await operator.getByRole('slider', { name: 'Position in the session' }).boundingBox();
    if (!box) throw new Error('no ruler');
    const point = (share: number): Promise<void> =>
      operator.mouse.move(box.x + share * box.width, box.y + box.height / 2);
    // Enough other positions are cached in between to evict the first one.
    for (const share of [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) {
      await point(share);
      await operator.waitForTimeout(400);
    }
    operator.on('requestfinished', listen);
    const before = await Promise.all(['cam-a', 'cam-b'].map(shown));
    await point(0.1);
    await until('the pictures of both cameras fetched', async () => asked.length >= 2);
    await operator.waitForTimeout(300);
    expect(await Promise.all(['cam-a', 'cam-b'].map(shown))).toEqual(before);
    asked.length = 0;
    await operator.mouse.down();
    await operator.mouse.up();
    const ns = await moment();
    await until('its picture', async () => (await shown('cam-a')).counter === due('cam-a', ns)?.counter);
    expect(asked).toEqual([]);
    operator.off('requestfinished', listen);
  });

  it('steps frame by frame, backwards and forwards, with the keyboard', async () => {
    await scrubTo(0.5);
    const frames = truth.get('cam-a') ?? [];
    const at = await moment();
    let i = frames.findLastIndex(({ sessionNs }) => sessionNs <= at);
    for (const key of ['.', '.', '.', ',', ',', ',', ',']) {
      await operator.keyboard.press(key);
      i += key === '.' ? 1 : -1;
      const expected = frames[i];
      await until(
        `picture ${expected?.counter} after ${key}`,
        async () => (await shown('cam-a')).counter === expected?.counter,
      );
      expect(await moment()).toBe(expected?.sessionNs);
    }
  });

  it('plays in real time: the screen is never ahead and never far behind', async () => {
    // The previous frame stays until the frame of the new position is decoded, and playback starts there.
    const start = await scrubTo(0.05);
    for (const stream of ['cam-a', 'cam-b'])
      await until(
        `the first picture of ${stream}`,
        async () => (await shown(stream)).counter === due(stream, start)?.counter,
      );
    // A position under the pointer, here an earlier one, must not mix its frames into playback.
    const ruler = await operator.getByRole('slider', { name: 'Position in the session' }).boundingBox();
    if (!ruler) throw new Error('no ruler');
    await operator.mouse.move(ruler.x + 0.02 * ruler.width, ruler.y + ruler.height / 2);
    await operator.waitForTimeout(300);
    await operator.keyboard.press('Space');
    const seen: { ns: number; stream: string; shownNs: number }[] = [];
    while (seen.length < 40) {
      await operator.waitForTimeout(120);
      seen.push(
        ...(await operator.evaluate(() => {
          const slider = document.querySelector<HTMLElement>('[data-ruler]');
          return [...document.querySelectorAll<HTMLElement>('canvas[data-stream]')].map((canvas) => ({
            ns: Number(slider?.dataset.ns),
            stream: canvas.dataset.stream ?? '',
            shownNs: Number(canvas.dataset.ns ?? -1),
          }));
        })),
      );
    }
    await operator.keyboard.press('Space');
    expect(seen.filter(({ ns, shownNs }) => shownNs > ns)).toEqual([]);
    // A busy machine shows fewer frames, not old ones.
    const late = seen.filter(({ ns, stream, shownNs }) => (due(stream, ns)?.sessionNs ?? 0) - shownNs > 1e9);
    expect(late.length).toBeLessThan(seen.length / 4);
    expect(new Set(seen.map(({ shownNs }) => shownNs)).size).toBeGreaterThan(10);
    expect(Math.max(...seen.map(({ ns }) => ns))).toBeGreaterThan(1e9);
  });

  it('accepts markers afterwards by keyboard; the sealed data stays whole', async () => {
    const before = readFileSync(join(folder, 'manifest.json'), 'utf8');
    const ns = await scrubTo(0.7);
    await operator.keyboard.press('m');
    await operator.getByRole('dialog').locator('input:focus').waitFor();
    await operator.keyboard.type('quarrel');
    await operator.keyboard.press('Enter');
    const lists = operator.getByRole('region', { name: 'Markers and gaps' });
    await lists.getByText('quarrel').waitFor();
    await lists.getByRole('button', { name: /^Edit marker 2 / }).click();
    await operator.getByRole('dialog').getByLabel('Note').fill('It was the bell');
    await operator.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await lists.getByText('It was the bell').waitFor();
    const changes = new Database(join(folder, 'annotations.sqlite'), { readonly: true });
    expect(changes.prepare('SELECT origin, at_ns, code, note FROM marker_now ORDER BY origin').all()).toEqual([
      { origin: 'added', at_ns: ns, code: 'quarrel', note: '' },
      { origin: 'recorded', at_ns: expect.any(Number), code: '2', note: 'It was the bell' },
    ]);
    changes.close();
    expect(readFileSync(join(folder, 'manifest.json'), 'utf8')).toBe(before);
    expect(await verifySession(folder)).toMatchObject({ ok: true, sealed: true });
  });

  it('is accessible: the player and its dialogs, dark and light', async () => {
    const found = await axeFaults(operator, 'player');
    await operator
      .getByRole('region', { name: 'Markers and gaps' })
      .getByRole('button', { name: /^Edit/ })
      .first()
      .click();
    await operator.getByRole('dialog').waitFor();
    found.push(...(await axeFaults(operator, 'marker')));
    await operator.keyboard.press('Escape');
    expect(found).toEqual([]);
  });

  it('can be opened on a memory stick, and a folder that is not a session is reported', async () => {
    const stick = mkdtempSync(join(tmpdir(), 'fieldroom-stick-'));
    try {
      cpSync(folder, join(stick, 'copied'), { recursive: true });
      const choose = (path: string): Promise<void> =>
        running.app.evaluate(({ dialog }, chosen) => {
          dialog.showOpenDialog = (() =>
            Promise.resolve({ canceled: false, filePaths: [chosen] })) as typeof dialog.showOpenDialog;
        }, path);
      await operator.getByRole('button', { name: '← All sessions' }).click();
      await choose(place.folder);
      await operator.getByRole('button', { name: 'Open session folder…' }).click();
      await operator.getByText(`The folder ${place.folder} is not a session.`).waitFor();
      await choose(stick);
      await operator.getByRole('button', { name: 'Open session folder…' }).click();
      const card = operator.getByRole('article').filter({ hasText: 'other folder' });
      await card.getByRole('button', { name: /^Review/ }).click();
      await operator.getByRole('slider', { name: 'Position in the session' }).waitFor();
      const ns = await scrubTo(0.3);
      await until('the picture', async () => (await shown('cam-b')).counter === due('cam-b', ns)?.counter);
    } finally {
      rmSync(stick, { recursive: true, force: true });
    }
  });

  it('is deleted only when its name is typed, and can be restored', async () => {
    await operator.getByRole('link', { name: 'Sessions' }).click();
    await operator.evaluate(() => {
      location.hash = '#/sessions';
    });
    const id = folder.split(/[\\/]/).at(-1) ?? '';
    await operator.getByRole('button', { name: 'Delete… Third lesson' }).click();
    const dialog = operator.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Delete', exact: true }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('Third lesson');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await operator.getByText(/^Trash: 1 session/).click();
    expect(readdirSync(join(place.dataFolder, 'review'))).toEqual([]);
    await operator.getByRole('button', { name: `Restore ${id}` }).click();
    await operator.getByRole('article', { name: 'Third lesson' }).waitFor();
    expect(await verifySession(folder)).toMatchObject({ ok: true });
  });
});
