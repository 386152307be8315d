/**
 * The pages in the Chromium of the shipped Electron (Debian's `chromium` has its version, 156), against the real engine.
 * Electron is not involved: a substitute for the preload's bridge provides only the door's address, and the app's main
 * process (windows, dialogs, permissions) is not covered. docs/platforms.md lists the differences.
 */
import { createReadStream } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { resolve } from 'node:path';
import process from 'node:process';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kitSchema } from '../../electron/common/kit.ts';
import { pageHeaders } from '../../electron/main/pageHeaders.ts';
import { contentTypeOf, fileInside } from '../../electron/main/staticFiles.ts';
import { chromiumSwitches } from '../../electron/main/switches.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { type TestEngine, testEngine } from '../fixtures/engine.ts';
import { SessionIndex } from '../fixtures/sessionIndex.ts';
import { waitFor } from '../fixtures/wait.ts';

const PAGES = resolve(import.meta.dirname, '../../out/renderer');
/** Another loopback address at the door's port: the engine's proof names the port that a client connects to. */
const PAGE_HOST = '127.0.0.2';
const KIT = kitSchema.parse({
  name: 'Two fakes',
  study: 'shipped',
  live: 'off',
  sources: [
    {
      id: 'camera',
      kind: 'camera',
      match: { label: 'fake_device_0' },
      settings: { width: 320, height: 240, frameRate: 15 },
    },
    { id: 'mic', kind: 'microphone', match: { label: 'Fake Audio Input 1' } },
  ],
});

let engine: TestEngine;
let server: Server;
let browser: Browser;
let origin: string;

/** Serves the app's files with the app's headers, and the door under the same origin, as in the app. */
function serve(door: URL): Server {
  const made = createServer((ask, answer) => {
    if (ask.url?.startsWith('/v1/')) {
      const headers = { ...ask.headers, host: door.host, origin: 'app://fieldroom' };
      const passed = request(new URL(ask.url, door), { method: ask.method ?? 'GET', headers }, (reply) => {
        answer.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      ask.pipe(passed);
      return;
    }
    const file = fileInside(PAGES, new URL(ask.url ?? '/', 'http://page').pathname);
    // A browser requests it; the app does not.
    if (ask.url === '/favicon.ico') return void answer.writeHead(204).end();
    if (file === null) return void answer.writeHead(404).end();
    answer.writeHead(200, { ...pageHeaders({ dev: false }), 'content-type': contentTypeOf(file) });
    createReadStream(file)
      .on('error', () => answer.destroy())
      .pipe(answer);
  });
  made.on('upgrade', (ask, socket, head) => {
    const upstream = connect(Number(door.port), '127.0.0.1', () => {
      const headers = { ...ask.headers, host: door.host, origin: 'app://fieldroom' };
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
      upstream.write(`GET ${ask.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    for (const end of [socket, upstream])
      end.on('error', () => [socket, upstream].forEach((one) => void one.destroy()));
  });
  return made;
}

/** A window of the app: its page, with a bridge that knows the door. */
async function open(name: 'operator' | 'capture', token: string): Promise<Page> {
  const context = await browser.newContext({
    permissions: ['camera', 'microphone'],
    viewport: { width: 1280, height: 800 },
  });
  await context.addInitScript(
    ([url, ownToken]) => {
      const nothing = (): (() => void) => () => undefined;
      const known: Record<string, unknown> = {
        door: () => Promise.resolve({ url, token: ownToken }),
        problems: () => Promise.resolve([]),
        autoStart: () => Promise.resolve({ on: false }),
        keyPlace: () => Promise.resolve('memory'),
        screenNames: () => Promise.resolve([]),
        onDoor: nothing,
        onProblems: nothing,
        onStopAsked: nothing,
        onBluetoothFound: nothing,
      };
      Object.assign(globalThis, { fieldroom: known });
    },
    [origin, token] as const,
  );
  const page = await context.newPage();
  await page.goto(`${origin}/${name}.html`);
  return page;
}

beforeAll(async () => {
  engine = await testEngine();
  server = serve(new URL(engine.engine.url));
  await new Promise<void>((done) => server.listen(Number(new URL(engine.engine.url).port), PAGE_HOST, done));
  origin = `http://${PAGE_HOST}:${(server.address() as AddressInfo).port}`;
  const fakes = '--use-fake-device-for-media-stream=device-count=3,fps=30 --use-fake-ui-for-media-stream';
  browser = await chromium.launch({
    executablePath: process.env.FIELDROOM_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...chromiumSwitches(fakes).map(([name, value]) => (value === undefined ? `--${name}` : `--${name}=${value}`)),
      `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE ${PAGE_HOST}`,
      '--no-sandbox',
      '--disable-gpu',
      '--js-flags=--single-threaded-gc',
    ],
  });
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  await engine?.[Symbol.asyncDispose]();
});

describe('the Chromium of the shipped Electron', () => {
  it('has that version', () => {
    expect(Number(browser.version().split('.')[0])).toBeGreaterThanOrEqual(156);
  });

  it('captures and encodes a camera and a microphone, and the session is whole', async () => {
    const page = await open('capture', engine.address('capture').token);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    const { door } = engine;
    await door.call('kit.load', { kit: KIT, path: null });
    await waitFor(
      'both sources stream',
      async () => {
        const { sources } = await door.call('state.get', {});
        return sources.length === 2 && sources.every(({ state }) => state.state === 'streaming');
      },
      60_000,
    );
    const { id, folder } = await door.call('session.start', {});
    await waitFor(
      'packets of both are safe on disk',
      async () => {
        const { sources } = await door.call('state.get', {});
        return sources.every(({ streams }) => (streams[0]?.count ?? 0) >= 45);
      },
      60_000,
    );
    await door.call('session.stop', {});
    await door.call('session.sealed', { id });
    expect(await verifySession(folder)).toMatchObject({ ok: true, findings: [] });
    using index = new SessionIndex(folder);
    for (const stream of ['camera', 'mic']) {
      const times = index.packets(stream).map(({ session_ns }) => session_ns);
      expect(times.length, stream).toBeGreaterThanOrEqual(45);
      expect([...times].sort((a, b) => a - b)).toEqual(times);
    }
  });

  it("shows the operator's pages without an error", async () => {
    const faults: string[] = [];
    const page = await open('operator', engine.engine.tokenFor('operator'));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (line) => {
      if (line.type() === 'error') faults.push(`${line.text()} ${line.location().url}`);
    });
    await page
      .getByRole('button', { name: /record/i })
      .first()
      .waitFor();
    for (const name of ['live', 'setup', 'check', 'study', 'sessions', 'uploads']) {
      await page.evaluate((to) => {
        window.location.hash = `#/${to}`;
      }, name);
      await page.locator('main').first().waitFor();
    }
    expect(faults).toEqual([]);
  });
});
