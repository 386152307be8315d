/**
 * Time from a press in the review player's timeline until every camera shows the right frame. The real app first records
 * the session, with three simulated cameras (1280x720, 30 frames per second). Goal: p99 below 200 ms.
 *
 *   npm run bench -- scrub [--seconds 60] [--scrubs 100] [--cameras 3]
 */
import { rmSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { kitSchema } from '../../electron/common/kit.ts';
import { launch } from '../e2e/fixtures.ts';
import { TestPlace } from '../fixtures/appliance.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    scrubs: { type: 'string', default: '100' },
    cameras: { type: 'string', default: '3' },
  },
});
const [seconds, scrubs, cameras] = [Number(values.seconds), Number(values.scrubs), Number(values.cameras)];
const kit = kitSchema.parse({
  name: 'Scrub bench',
  study: 'bench',
  live: 'off',
  sources: Array.from({ length: cameras }, (_, i) => ({ id: `cam-${i + 1}`, kind: 'camera', driver: 'simulated' })),
});

await using place = new TestPlace();
const running = await launch({ dataFolder: place.dataFolder, args: ['--kit', place.write('kit.json', kit)] });
try {
  const { operator } = running;
  const record = operator.getByRole('button', { name: 'Record', exact: true });
  await operator
    .getByText('Ready')
    .nth(cameras - 1)
    .waitFor();
  await record.click();
  await operator.waitForTimeout(seconds * 1000);
  await operator.getByRole('button', { name: 'Stop', exact: true }).click();
  await operator.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
  await operator.getByText(/^Saved and finished: /).waitFor();
  await operator.getByRole('link', { name: 'Sessions' }).click();
  await operator.getByRole('button', { name: /^Review/ }).click();
  await operator
    .locator('canvas[data-seq]')
    .nth(cameras - 1)
    .waitFor();
  const times: number[] = [];
  for (let i = 0; i < scrubs; i += 1) {
    // Pseudorandom positions across the session, the same in every run.
    times.push(await operator.evaluate(scrub, 0.02 + 0.96 * (((i * 7919) % scrubs) / scrubs)));
    await operator.waitForTimeout(100);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(share * times.length))] as number;
  const figures = { p50: at(0.5), p90: at(0.9), p99: at(0.99), worst: times.at(-1), scrubs, cameras };
  process.stdout.write(
    `scrub to ${cameras} pictures of 1280x720: p50 ${figures.p50.toFixed(0)} ms, p90 ${figures.p90.toFixed(0)} ms, p99 ${figures.p99.toFixed(0)} ms\n`,
  );
  process.stdout.write(`${JSON.stringify({ bench: 'scrub', goals: { p99: 200 }, figures })}\n`);
} finally {
  await running.close();
  rmSync(place.folder, { recursive: true, force: true });
}

/**
 * Runs in the page: moves the pointer to that moment and presses 80 ms later.
 * @returns milliseconds from the press until the last camera has drawn its frame of that moment
 */
async function scrub(share: number): Promise<number> {
  const ruler = document.querySelector<HTMLElement>('[data-ruler]') as HTMLElement;
  const canvases = [...document.querySelectorAll<HTMLElement>('canvas[data-stream]')];
  const box = ruler.getBoundingClientRect();
  const [clientX, clientY] = [box.left + share * box.width, box.top + box.height / 2];
  const options = { clientX, clientY, button: 0, pointerId: 1, bubbles: true };
  ruler.dispatchEvent(new PointerEvent('pointermove', options));
  await new Promise((rested) => setTimeout(rested, 80));
  for (const canvas of canvases) canvas.dataset.seq = '';
  const startMs = performance.now();
  ruler.dispatchEvent(new PointerEvent('pointerdown', options));
  ruler.dispatchEvent(new PointerEvent('pointerup', options));
  return new Promise((done, fail) => {
    const look = (): void => {
      const elapsedMs = performance.now() - startMs;
      if (canvases.every((canvas) => canvas.dataset.seq !== '')) done(elapsedMs);
      else if (elapsedMs > 10_000) fail(new Error('no picture within 10 s'));
      else setTimeout(look, 1);
    };
    look();
  });
}
