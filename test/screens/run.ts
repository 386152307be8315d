/**
 * Takes a screenshot of every screen: two window sizes and 200 %, dark and light, empty, normal and with alarms.
 *
 * npm run screens -- [FOLDER] [only screens whose name contains this]
 *
 * Most states come from the tests' fake engine, so that alarms need no broken disk; scenes called `real` were recorded by
 * the real engine in the simulated classroom. For people to look at: it asserts nothing.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { launch, type RunningApp } from '../e2e/fixtures.ts';
import { SCENES, type Scene, type Shot } from './shots.ts';

const FAKE_ENGINE = resolve(import.meta.dirname, '../e2e/fakeEngine.ts');
const SIMULATED_KIT = resolve(import.meta.dirname, '../../resources/kits/simulated.json');
/** `zoom` 2 is the browser's 200 %: the same window with half the space. */
const SIZES = [
  { name: '1280', width: 1280, height: 720, zoom: 1 },
  { name: '1920', width: 1920, height: 1080, zoom: 1 },
  { name: '1280at200', width: 1280, height: 720, zoom: 2 },
] as const;

const [folder = 'screens', only = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
let written = 0;
for (const scene of SCENES) {
  const named = scene.shots.map((shot) => ({ ...shot, name: `${shot.name}-${scene.name}` }));
  if (!named.some(({ name }) => name.includes(only))) continue;
  const running = await launch(optionsOf(scene));
  try {
    // A recorded scene is a sequence: each screenshot depends on the previous steps.
    for (const shot of named) if (scene.real || shot.name.includes(only)) await take(running, shot);
  } finally {
    await running.close();
  }
}
process.stdout.write(`${written} pictures in ${resolve(folder)}\n`);

function optionsOf({ name, real }: Scene): Parameters<typeof launch>[0] {
  if (real) return { args: ['--kit', SIMULATED_KIT], env: { FIELDROOM_CHROMIUM_SWITCHES: '' } };
  return { env: { FIELDROOM_ENGINE: FAKE_ENGINE, FIELDROOM_FAKE_STATE: name } };
}

async function take({ operator, dataFolder }: RunningApp, shot: Shot): Promise<void> {
  const view = await operator.context().newCDPSession(operator);
  if (shot.address !== undefined)
    await operator.evaluate((hash) => {
      location.hash = hash;
    }, shot.address);
  await operator.locator('nav').first().waitFor();
  await shot.prepare?.(operator, dataFolder);
  for (const size of SIZES) {
    await view.send('Emulation.setDeviceMetricsOverride', metricsOf(size));
    for (const colorScheme of ['light', 'dark'] as const) {
      await operator.emulateMedia({ colorScheme });
      // A resized window redraws its frames and plots.
      await operator.waitForTimeout(600);
      await operator.screenshot({ path: join(folder, `${shot.name}-${size.name}-${colorScheme}.png`) });
      written += 1;
    }
  }
  await view.send('Emulation.setDeviceMetricsOverride', metricsOf(SIZES[0]));
  await view.detach();
  await shot.leave?.(operator);
}

function metricsOf({ width, height, zoom }: { width: number; height: number; zoom: number }) {
  return { width: width / zoom, height: height / zoom, deviceScaleFactor: zoom, mobile: false };
}
