/**
 * What a person waits for, and what the window costs: from the start of the app to all sources ready, from pressing record
 * to the first safe packet on the screen, and the processor time of each part while six cameras are shown and recorded.
 *
 *   npm run bench -- app [--starts 3] [--presses 5] [--seconds 20] [--cameras 6] [--sensors 4]
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { startEmulators } from '../../devices/emulate.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { launch, type RunningApp } from '../e2e/fixtures.ts';
import { TestPlace } from '../fixtures/appliance.ts';
import { coresOf, processTree } from './processes.ts';

const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '3' },
    presses: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '20' },
    cameras: { type: 'string', default: '6' },
    sensors: { type: 'string', default: '4' },
  },
});
const [starts, presses, seconds] = [Number(values.starts), Number(values.presses), Number(values.seconds)];
const [cameras, sensors] = [Number(values.cameras), Number(values.sensors)];
const settings = { width: 640, height: 360, frameRate: 15 };
const kit = kitSchema.parse({
  name: 'App bench',
  study: 'bench',
  live: 'off',
  sources: [
    ...Array.from({ length: cameras }, (_, i) => ({
      id: `cam-${i + 1}`,
      kind: 'camera',
      driver: 'simulated',
      settings,
    })),
    { id: 'mic', kind: 'microphone', driver: 'simulated' },
    ...Array.from({ length: sensors }, (_, i) => ({
      id: `lines-${i + 1}`,
      kind: 'serial',
      driver: 'lines',
      match: { path: 'emulator:lines' },
    })),
  ],
});

await using place = new TestPlace();
const emulated = await startEmulators(kit);
const args = ['--kit', place.write('kit.json', emulated.kit)];
let running: RunningApp | null = null;
try {
  const shownMs: number[] = [];
  const readyMs: number[] = [];
  for (let i = 0; i < starts; i += 1) {
    await running?.close();
    const startMs = performance.now();
    running = await launch({ args, env: { FIELDROOM_CHROMIUM_SWITCHES: '' } });
    await running.operator.getByRole('button', { name: 'Record', exact: true }).waitFor();
    shownMs.push(performance.now() - startMs);
    await running.operator
      .getByText('Ready', { exact: true })
      .nth(kit.sources.length - 1)
      .waitFor();
    readyMs.push(performance.now() - startMs);
  }
  if (!running) throw new Error('at least one start is needed');
  const { operator, app } = running;
  const safeMs: number[] = [];
  for (let i = 0; i < presses; i += 1) {
    safeMs.push(await operator.evaluate(pressToSafe));
    if (i < presses - 1) await stop(operator);
  }
  const before = processTree(app.process().pid as number);
  const framesHz = await operator.evaluate(framesOf, seconds);
  const cores = coresOf(before, processTree(app.process().pid as number), seconds);
  await stop(operator);
  const figures = {
    shownMs: median(shownMs),
    readyMs: median(readyMs),
    safeMs: median(safeMs),
    safeWorstMs: Math.max(...safeMs),
    framesHz,
    cores: Object.fromEntries([...cores].map(([name, value]) => [name, Number(value.toFixed(2))])),
  };
  process.stdout.write(
    `start: record button after ${figures.shownMs.toFixed(0)} ms, all ${kit.sources.length} sources ready after ${figures.readyMs.toFixed(0)} ms\n` +
      `record: first safe packet on the screen after ${figures.safeMs.toFixed(0)} ms (worst ${figures.safeWorstMs.toFixed(0)} ms)\n` +
      `while recording: the window draws ${framesHz.toFixed(0)} times a second; cores: ${JSON.stringify(figures.cores)}\n`,
  );
  process.stdout.write(`${JSON.stringify({ bench: 'app', goals: { shownMs: 3000, safeMs: 500 }, figures })}\n`);
} finally {
  await running?.close();
  await emulated.stop();
}

async function stop(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByText(/^Saved and finished: /).waitFor();
}

function median(all: readonly number[]): number {
  return [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
}

/** Runs in the page. @returns milliseconds from the press until a card says that something is safe on disk */
function pressToSafe(): Promise<number> {
  const buttons = [...document.querySelectorAll('button')];
  const startMs = performance.now();
  buttons.find((button) => button.textContent?.trim() === 'Record')?.click();
  return new Promise((done, fail) => {
    const look = (): void => {
      const waitedMs = performance.now() - startMs;
      if (/\b[1-9][\d,]* (?:frames|packets|samples) safe/.test(document.body.innerText)) done(waitedMs);
      else if (waitedMs > 20_000) fail(new Error('nothing was safe within 20 s'));
      else setTimeout(look, 10);
    };
    look();
  });
}

/** Runs in the page. @returns how often a second the window could draw */
function framesOf(forSeconds: number): Promise<number> {
  return new Promise((done) => {
    const startMs = performance.now();
    let frames = 0;
    const next = (): void => {
      frames += 1;
      const passedMs = performance.now() - startMs;
      if (passedMs < forSeconds * 1000) requestAnimationFrame(next);
      else done((frames * 1000) / passedMs);
    };
    requestAnimationFrame(next);
  });
}
