/** A short lesson in the simulated classroom, recorded by the real engine: screens during and after the recording. */
import { closeSync, globSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const LESSON_MS = 20_000;

/** Leaves the page while it is recording. */
export async function recordLesson(page: Page): Promise<void> {
  await page.getByRole('article', { name: 'Front' }).getByText('Ready').waitFor();
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.getByText('Recording', { exact: true }).first().waitFor();
  await page.waitForTimeout(LESSON_MS / 4);
  await page.keyboard.press('1');
  await page.waitForTimeout(LESSON_MS / 4);
  await page.getByRole('button', { name: 'Pause Back', exact: true }).click();
  await page.waitForTimeout(LESSON_MS / 8);
  await page.getByRole('button', { name: 'Resume Back', exact: true }).click();
  await page.keyboard.press('2');
  await page.waitForTimeout(LESSON_MS / 4);
}

/** Stops, verifies, and opens the player in the middle. */
export async function lookAtSession(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByText(/^Saved and finished: /).waitFor();
  await verify(page, 'Verified');
  await openPlayer(page);
}

/** Flips bytes in the middle of a camera's file, like a dying disk, and verifies again. */
export async function spoilSession(page: Page, dataFolder: string): Promise<void> {
  const [file] = globSync(join(dataFolder, 'simulated', '*', 'media', 'camera-front', '0001.mkv'));
  if (file === undefined) throw new Error('no recorded camera to damage');
  const open = openSync(file, 'r+');
  writeSync(open, Buffer.alloc(4096, 0xa5), 0, 4096, Math.floor(statSync(file).size / 2));
  closeSync(open);
  await verify(page, 'Damaged');
  await openPlayer(page);
}

async function verify(page: Page, word: string): Promise<void> {
  await page.evaluate(() => {
    location.hash = '/sessions';
  });
  await page
    .getByRole('button', { name: /^Verify/ })
    .first()
    .click();
  await page.getByText(word, { exact: true }).first().waitFor();
}

async function openPlayer(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^Review/ })
    .first()
    .click();
  const ruler = page.getByRole('slider', { name: 'Position in the session' });
  await ruler.waitFor();
  const box = await ruler.boundingBox();
  if (box) await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  // Waveforms and plots appear as they are read.
  await page.waitForTimeout(3000);
}
