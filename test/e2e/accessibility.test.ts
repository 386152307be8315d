/**
 * Every screen of the window, dark and light, empty, normal and with alarms: axe finds no violations, and nothing is cut
 * off at 200 %. The player is checked in `review.test.ts`, where there is a session to play.
 */
import type { Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { axeFaults } from './fixtures/axe.ts';
import { launch, type RunningApp } from './fixtures.ts';

const FAKE_ENGINE = `${import.meta.dirname}/fakeEngine.ts`;

let running: RunningApp;
afterEach(() => running?.close());

async function show(page: Page, address: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, address);
  await page.getByRole('main').waitFor();
}

/** Pixels that a person would have to scroll horizontally. */
const cutOff = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const sideways = (element: Element): number =>
      /^(?:hidden|clip)$/.test(getComputedStyle(element).overflowX) ? 0 : element.scrollWidth - element.clientWidth;
    return Math.max(
      sideways(document.documentElement),
      ...[...document.querySelectorAll('main, nav, header')].map(sideways),
    );
  });

/** Dialogs above a page: how to open them, and in which scene. */
const DIALOGS: Readonly<Record<string, readonly { address: string; open: string | RegExp }[]>> = {
  empty: [
    { address: '#/setup', open: 'Add a sensor manually…' },
    { address: '#/uploads', open: 'Add destination…' },
  ],
  ready: [
    { address: '#/setup', open: 'Kits…' },
    { address: '#/sessions', open: 'Delete… Pendulum' },
    { address: '#/sessions', open: 'Free space… Pendulum' },
    { address: '#/uploads', open: 'Edit… Lab storage' },
    { address: '#/uploads', open: 'Remove… Stick' },
  ],
  alarm: [{ address: '#/live', open: 'Stop' }],
};

it.each(Object.keys(DIALOGS))('is accessible when everything is %s', async (scene) => {
  running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE, FIELDROOM_FAKE_STATE: scene } });
  const { operator, app } = running;
  const rail = operator.getByRole('navigation').first();
  await rail.waitFor();
  const pages = await rail
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).hash));
  expect(pages.length).toBeGreaterThanOrEqual(5);
  const found: string[] = [];
  for (const page of pages) {
    await show(operator, page);
    found.push(...(await axeFaults(operator, page)));
  }
  for (const { address, open } of DIALOGS[scene] ?? []) {
    await show(operator, address);
    await operator.getByRole('button', { name: open, exact: true }).first().click();
    await operator.getByRole('dialog').waitFor();
    found.push(...(await axeFaults(operator, `${address} ${open}`)));
    await operator.keyboard.press('Escape');
    await operator.getByRole('dialog').waitFor({ state: 'detached' });
  }
  // A window 1280 px wide at 200 % shows 640 CSS pixels.
  await app.evaluate(({ BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows().find((one) => one.webContents.getURL().includes('operator.html'));
    window?.setContentSize(1280, 720);
    window?.webContents.setZoomFactor(2);
  });
  for (const page of pages) {
    await show(operator, page);
    await expect.poll(() => cutOff(operator), { message: `${page} at 200 %` }).toBeLessThanOrEqual(0);
  }
  expect(found).toEqual([]);
});
