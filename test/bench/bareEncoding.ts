/**
 * The browser's own cost for the cameras of the capture bench: a page in the same Electron that reads and encodes them and
 * discards the packets. The appliance is compared with it in the same run, because the processor time of identical work
 * varies by half between machines and hours.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { _electron } from 'playwright-core';
import { coresOf, processTree } from './processes.ts';

const folder = join(import.meta.dirname, 'bare');
const WARM_UP_MS = 5000;

export interface BareEncoding {
  cores: Map<string, number>;
  /** Total of all cameras. */
  framesASecond: number;
}

/** @param labels parts of the cameras' labels */
export async function bareEncoding(
  labels: readonly string[],
  switches: readonly string[],
  seconds: number,
): Promise<BareEncoding> {
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    response.setHeader('content-type', path === '/' ? 'text/html' : 'text/javascript');
    if (path === '/') response.end('<script src="/page.js"></script>');
    else response.end(await readFile(join(folder, path.slice(1))).catch(() => ''));
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const executablePath = process.env.FIELDROOM_ELECTRON;
  const app = await _electron.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : []),
      ...switches,
      join(folder, 'main.cjs'),
    ],
    env: {
      ...(process.env as Record<string, string>),
      BARE_PAGE: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    },
  });
  try {
    const page = await app.firstWindow();
    await page.evaluate((wanted) => (globalThis as unknown as Page).begin(wanted), labels);
    await sleep(WARM_UP_MS);
    const encoded = (): Promise<number> => page.evaluate(() => (globalThis as unknown as Page).encoded);
    const root = app.process().pid as number;
    const [before, framesBefore, beginMs] = [processTree(root), await encoded(), performance.now()];
    await sleep(seconds * 1000);
    const [after, framesAfter, endMs] = [processTree(root), await encoded(), performance.now()];
    const lasted = (endMs - beginMs) / 1000;
    return { cores: coresOf(before, after, lasted), framesASecond: (framesAfter - framesBefore) / lasted };
  } finally {
    await app.close();
    server.close();
  }
}

/** Result that `bare/page.js` stores on its window. */
interface Page {
  begin(labels: readonly string[]): Promise<void>;
  encoded: number;
}
