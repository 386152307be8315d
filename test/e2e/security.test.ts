/** Pages in the real app try what they must not do, and fail. One app for all tests. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, type RunningApp } from './fixtures.ts';

let running: RunningApp;
beforeAll(async () => {
  running = await launch({ env: { FIELDROOM_ENGINE: `${import.meta.dirname}/fakeEngine.ts` } });
});
afterAll(() => running?.close());

/** Result of `getUserMedia` and similar calls in a page. */
const outcome = (name: 'operator' | 'capture', ask: () => Promise<string>): Promise<string> =>
  running[name].evaluate(ask);

const openCamera = (): Promise<string> =>
  navigator.mediaDevices.getUserMedia({ video: true }).then(
    (stream) => {
      for (const track of stream.getTracks()) track.stop();
      return 'granted';
    },
    (error: DOMException) => error.name,
  );

describe('the windows', () => {
  it('are sandboxed, isolated and without Node', async () => {
    const preferences = await running.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((window) => {
        const contents = window.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
        return contents.getLastWebPreferences();
      }),
    );
    expect(preferences).toHaveLength(2);
    for (const one of preferences) {
      expect(one).toMatchObject({
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
      });
    }
    for (const page of [running.operator, running.capture]) {
      const found = await page.evaluate(() =>
        ['require', 'process', 'module', 'Buffer', 'electron'].filter((name) => name in globalThis),
      );
      expect(found).toEqual([]);
    }
  });

  it('see a handful of named functions and nothing else', async () => {
    const names = await running.operator.evaluate(() => Object.keys(window.fieldroom ?? {}).sort());
    expect(names).toEqual([
      'autoStart',
      'chooseKit',
      'choosePath',
      'chooseScreen',
      'chooseSession',
      'door',
      'exportKit',
      'keepKeys',
      'keyPlace',
      'onBluetoothFound',
      'onDoor',
      'onProblems',
      'onStopAsked',
      'openFolder',
      'openReport',
      'pickBluetooth',
      'problems',
      'screenNames',
      'searchBluetooth',
    ]);
  });

  it('are cross-origin isolated, which gives their clock a fine resolution', async () => {
    for (const page of [running.operator, running.capture])
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  });
});

describe('a page', () => {
  it('cannot run an inline script', async () => {
    const ran = await running.operator.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.inlineRan = true';
      document.body.append(script);
      return 'inlineRan' in window;
    });
    expect(ran).toBe(false);
  });

  it('reaches 127.0.0.1 and no other name, not even another name of the same machine', async () => {
    const heard: string[] = [];
    const server = createServer((request, response) => {
      heard.push(request.url ?? '');
      response
        .writeHead(200, { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' })
        .end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ask = (url: string) =>
      running.operator.evaluate(
        (address) =>
          fetch(address).then(
            () => 'reached',
            () => 'blocked',
          ),
        url,
      );
    expect(await ask(`http://127.0.0.1:${port}/door`)).toBe('reached');
    expect(await ask(`http://localhost:${port}/fetch`)).toBe('blocked');
    await running.operator.evaluate(
      (address) =>
        new Promise((resolve) => {
          const picture = new Image();
          picture.onload = picture.onerror = resolve;
          picture.src = address;
        }),
      `http://localhost:${port}/picture`,
    );
    server.close();
    expect(heard).toEqual(['/door']);
  });

  it('cannot open a window or navigate away', async () => {
    const before = running.app.windows().length;
    expect(await running.operator.evaluate(() => window.open('https://example.org/') === null)).toBe(true);
    await running.operator.evaluate(() => {
      location.href = 'https://example.org/';
    });
    await new Promise((done) => setTimeout(done, 500));
    expect(running.operator.url()).toBe('app://fieldroom/operator.html');
    expect(running.app.windows()).toHaveLength(before);
  });

  it('cannot be framed, nor read the program', async () => {
    const status = await running.operator.evaluate(() =>
      fetch('app://fieldroom/../main/main.entry.js').then((answer) => answer.status),
    );
    expect(status).toBe(404);
  });
});

describe('permissions', () => {
  it('give a camera only to the capture window', async () => {
    expect(await outcome('capture', openCamera)).toBe('granted');
    expect(await outcome('operator', openCamera)).toBe('NotAllowedError');
  });

  it('give a screen to the capture window, if it named that screen before', async () => {
    const share = (): Promise<string> =>
      navigator.mediaDevices.getDisplayMedia({ video: true }).then(
        (stream) => {
          const kind = stream.getVideoTracks()[0]?.kind ?? 'none';
          for (const track of stream.getTracks()) track.stop();
          return kind;
        },
        (error: DOMException) => error.name,
      );
    const chosen = await running.capture.evaluate(() => window.fieldroom?.chooseScreen(''));
    expect(chosen?.screens.length).toBeGreaterThan(0);
    expect(chosen?.chosen).toBe(chosen?.screens[0]);
    expect(await outcome('capture', share)).toBe('video');
    expect(await outcome('operator', share)).not.toBe('video');
  });

  it('give nobody geolocation, notifications or a device chooser', async () => {
    const asked = await running.capture.evaluate(async () => {
      const place = await new Promise<string>((resolve) =>
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          () => resolve('denied'),
        ),
      );
      return [place, await Notification.requestPermission()];
    });
    expect(asked).toEqual(['denied', 'denied']);
  });
});

describe('calls to main', () => {
  it('are refused when they are for another window', async () => {
    const words = await running.operator.evaluate(() =>
      window.fieldroom?.chooseScreen('').catch((error: Error) => error.message),
    );
    expect(words).toMatch(/may not ask/);
    expect(
      await running.capture.evaluate(() => window.fieldroom?.openFolder('/tmp').catch((error: Error) => error.message)),
    ).toMatch(/may not ask/);
  });

  it('are refused when their input is invalid or leads out of the data folder', async () => {
    const said = await running.operator.evaluate(() =>
      Promise.all(
        [window.fieldroom?.openFolder(''), window.fieldroom?.openFolder('/')].map((call) =>
          call?.catch((error: Error) => error.message),
        ),
      ),
    );
    expect(said[0]).toMatch(/invalid input/);
    expect(said[1]).toMatch(/data folder/);
  });

  it('give each window the token of its own role', async () => {
    expect(await running.operator.evaluate(() => window.fieldroom?.door())).toMatchObject({ token: 'o' });
    expect(await running.capture.evaluate(() => window.fieldroom?.door())).toMatchObject({ token: 'c' });
  });
});
