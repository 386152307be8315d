/**
 * Waiting times and the cost of the window. Measures the time from starting the app's process until its window
 * and all sources are ready (a plain process, without Playwright), the time from pressing Record to the first safe packet
 * on the screen, and the processor time and memory of each part while cameras and plots are shown and recorded
 * (`--seconds 3600`).
 *
 *   npm run bench -- app [--starts 5] [--presses 5] [--seconds 20] [--cameras 6] [--sensors 10]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { startEmulators } from '../../devices/emulate.ts';
import { median } from '../../electron/common/clock/fit.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { appCommand, launch, type RunningApp } from '../e2e/fixtures.ts';
import { TestPlace } from '../fixtures/appliance.ts';
import { waitFor } from '../fixtures/wait.ts';
import { coresOf, type ProcessSample, processTree, sumBy } from './processes.ts';

const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '5' },
    presses: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '20' },
    cameras: { type: 'string', default: '6' },
    sensors: { type: 'string', default: '10' },
  },
});
const [starts, presses, seconds] = [Number(values.starts), Number(values.presses), Number(values.seconds)];
const [cameras, sensors] = [Number(values.cameras), Number(values.sensors)];
/** How long the page's frame rate is counted. Measured after everything else, because counting costs processor time. */
const FRAMES_SECONDS = 10;
const MEMORY_SECONDS = 30;
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
  const begun: { shownMs: number; readyMs: number }[] = [];
  for (let i = 0; i < starts; i += 1) begun.push(await startPlainly());
  running = await launch({ args, env: { FIELDROOM_CHROMIUM_SWITCHES: '' } });
  await running.operator
    .getByText('Ready', { exact: true })
    .nth(kit.sources.length - 1)
    .waitFor();
  const { operator, app } = running;
  const safeMs: number[] = [];
  for (let i = 0; i < presses; i += 1) {
    safeMs.push(await operator.evaluate(pressToSafe));
    if (i < presses - 1) await stop(operator);
  }
  const { pid: windowPid } = await windowMetrics(running);
  const tree = (): ProcessSample[] =>
    processTree(app.process().pid as number).map((one) => (one.pid === windowPid ? { ...one, name: 'window' } : one));
  const before = tree();
  const memoryMb = [(await windowMetrics(running)).memoryMb];
  for (let left = seconds; left > 0; left -= MEMORY_SECONDS) {
    await operator.waitForTimeout(Math.min(left, MEMORY_SECONDS) * 1000);
    memoryMb.push((await windowMetrics(running)).memoryMb);
  }
  const after = tree();
  const cores = coresOf(before, after, seconds);
  const framesHz = await operator.evaluate(framesOf, FRAMES_SECONDS);
  await stop(operator);
  const figures = {
    shownMs: median(begun.map(({ shownMs }) => shownMs)),
    readyMs: median(begun.map(({ readyMs }) => readyMs)),
    safeMs: median(safeMs),
    safeWorstMs: Math.max(...safeMs),
    framesHz,
    memoryMb: memoryMb.map(Math.round),
    allMb: { atFirst: megabytes(before), atLast: megabytes(after) },
    cores: Object.fromEntries([...cores].map(([name, value]) => [name, Number(value.toFixed(2))])),
  };
  process.stdout.write(
    `start (median of ${starts}): window after ${figures.shownMs.toFixed(0)} ms, all ${kit.sources.length} sources ready after ${figures.readyMs.toFixed(0)} ms\n` +
      `record: first safe packet on the screen after ${figures.safeMs.toFixed(0)} ms (worst ${figures.safeWorstMs.toFixed(0)} ms)\n` +
      `while recording: the window could draw ${framesHz.toFixed(0)} times a second; cores: ${JSON.stringify(figures.cores)}\n` +
      `the window's memory: ${figures.memoryMb[0]} MB at first, at most ${Math.max(...figures.memoryMb)} MB, ${figures.memoryMb.at(-1)} MB after ${seconds} s; of all processes: ${JSON.stringify(figures.allMb)}\n`,
  );
  process.stdout.write(`${JSON.stringify({ bench: 'app', goals: { shownMs: 3000, safeMs: 500 }, figures })}\n`);
} finally {
  await running?.close();
  await emulated.stop();
}

async function startPlainly(): Promise<{ shownMs: number; readyMs: number }> {
  const begin = appCommand(['--data', place.dataFolder, ...args]);
  const startMs = Date.now();
  const child = spawn(begin.command, begin.args, { stdio: 'ignore', env: { ...process.env } });
  try {
    const door = await place.door();
    await waitFor(
      'every source streams',
      async () => {
        const { sources } = await door.call('state.get', {});
        return sources.length === kit.sources.length && sources.every(({ state }) => state.state === 'streaming');
      },
      60_000,
    );
    const readyMs = Date.now() - startMs;
    const shown = readFileSync(join(place.dataFolder, '.fieldroom', 'logs', 'main.log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { at: string; message: string })
      .findLast(({ message }) => message === 'operator window shown');
    return { shownMs: Date.parse(shown?.at ?? '') - startMs, readyMs };
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

/** Memory of the operator window's process. */
function windowMetrics({ app }: RunningApp): Promise<{ pid: number; memoryMb: number }> {
  return app.evaluate(({ app: electron, BrowserWindow }) => {
    const shown = BrowserWindow.getAllWindows().find((window) => window.isVisible());
    const pid = shown?.webContents.getOSProcessId();
    const its = electron.getAppMetrics().find((metric) => metric.pid === pid);
    return { pid: pid ?? 0, memoryMb: (its?.memory.workingSetSize ?? Number.NaN) / 1000 };
  });
}

/** By process name: private memory, and the proportional share of shared memory. */
function megabytes(samples: readonly ProcessSample[]): Record<string, number> {
  return Object.fromEntries(
    [...sumBy(samples, ({ pssBytes }) => pssBytes)].map(([name, sum]) => [name, Math.round(sum / 1e6)]),
  );
}

async function stop(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByText(/^Saved and finished: /).waitFor();
}

/** Runs in the page. @returns milliseconds from the press until a card says that data is safe on disk */
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

/** Runs in the page. @returns frames per second that the window can draw */
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
