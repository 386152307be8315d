/**
 * Writes a picture of every screen into a folder: two window sizes, dark and light, empty, normal and alarming.
 *
 *   npm run screens -- [FOLDER] [only screens whose name holds this]
 *
 * The states come from the stand-in engine of the tests, so that alarms need no broken disk. For people to look at: it
 * asserts nothing.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { launch, type RunningApp } from '../e2e/fixtures.ts';
import { SCENES, type Shot } from './shots.ts';

const FAKE_ENGINE = resolve(import.meta.dirname, '../e2e/fakeEngine.ts');
const SIZES = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
] as const;

const [folder = 'screens', only = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
let written = 0;
for (const scene of SCENES) {
  const shots = scene.shots.filter(({ name }) => `${name}-${scene.name}`.includes(only));
  if (shots.length === 0) continue;
  const running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE, FIELDROOM_FAKE_STATE: scene.name } });
  try {
    for (const shot of shots) await take(running, `${shot.name}-${scene.name}`, shot);
  } finally {
    await running.close();
  }
}
process.stdout.write(`${written} pictures in ${resolve(folder)}\n`);

async function take({ app, operator }: RunningApp, name: string, shot: Shot): Promise<void> {
  await operator.evaluate((hash) => {
    location.hash = hash;
  }, shot.address);
  await operator.locator('nav').first().waitFor();
  await shot.prepare?.(operator);
  for (const size of SIZES) {
    await app.evaluate(({ BrowserWindow }, { width, height }) => {
      BrowserWindow.getAllWindows()
        .find((window) => window.webContents.getURL().includes('operator.html'))
        ?.setContentSize(width, height);
    }, size);
    for (const colorScheme of ['light', 'dark'] as const) {
      await operator.emulateMedia({ colorScheme });
      // A resized window draws its pictures and plots anew.
      await operator.waitForTimeout(600);
      await operator.screenshot({ path: join(folder, `${name}-${size.width}-${colorScheme}.png`) });
      written += 1;
    }
  }
  await shot.leave?.(operator);
}
