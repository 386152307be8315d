/** Every screen of the window, dark and light, calm and alarming: axe finds nothing, and at 200 % nothing is cut off. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterEach, expect, it } from 'vitest';
import { launch, type RunningApp } from './fixtures.ts';

declare global {
  interface Window {
    readonly axe: { run(options: object): Promise<AxeResults> };
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FAKE_ENGINE = `${import.meta.dirname}/fakeEngine.ts`;

let running: RunningApp;
afterEach(() => running?.close());

/** What axe finds, each with the element it finds it in. */
async function faults(): Promise<string[]> {
  const { violations } = await running.operator.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

async function show(address: string): Promise<void> {
  await running.operator.evaluate((hash) => {
    location.hash = hash;
  }, address);
  await running.operator.getByRole('main').waitFor();
}

it.each(['empty', 'ready', 'alarm'])('nothing keeps a person out while all is %s', async (scene) => {
  running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE, FIELDROOM_FAKE_STATE: scene } });
  const { operator, app } = running;
  await operator.getByRole('navigation').waitFor();
  await operator.evaluate(AXE);
  const pages = await operator
    .getByRole('navigation')
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).hash));
  expect(pages.length).toBeGreaterThanOrEqual(4);
  const found: Record<string, string[]> = {};
  for (const page of pages) {
    await show(page);
    for (const colorScheme of ['light', 'dark'] as const) {
      await operator.emulateMedia({ colorScheme });
      const here = await faults();
      if (here.length > 0) found[`${page} ${colorScheme}`] = here;
    }
  }
  // A window of 1280 at 200 % has room for 640 of the page's own pixels.
  await app.evaluate(({ BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows().find((one) => one.webContents.getURL().includes('operator.html'));
    window?.setContentSize(1280, 720);
    window?.webContents.setZoomFactor(2);
  });
  for (const page of pages) {
    await show(page);
    await expect
      .poll(() => operator.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth))
      .toBe(0);
  }
  expect(found).toEqual({});
});
