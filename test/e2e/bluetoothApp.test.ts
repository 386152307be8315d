/**
 * A kit with a Bluetooth strap in the real app on a machine without Bluetooth: reported plainly, and the rest is
 * recorded.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordSession } from '../../electron/cli/recordSession.ts';
import { Progress } from '../../electron/cli/terminal.ts';
import type { SourceHealth } from '../../electron/common/applianceState.ts';
import { DoorClient } from '../../electron/common/doorClient.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import type { SessionSummary } from '../../electron/common/sessionSummary.ts';
import { launch, type RunningApp } from './fixtures.ts';

const NO_BLUETOOTH = ['device.no-bluetooth', 'device.bluetooth-off'];
const kit = kitSchema.parse({
  name: 'Strap and camera',
  live: 'off',
  sources: [
    { id: 'camera', kind: 'camera', settings: { width: 320, height: 180 } },
    { id: 'heart', kind: 'ble', driver: 'ble-heart-rate', match: { label: 'No such strap' } },
    { id: 'typo', kind: 'ble', driver: 'ble-hart-rate' },
  ],
});

let running: RunningApp;
let summary: SessionSummary;
let sources: readonly SourceHealth[];
const codeOf = (id: string): SourceHealth['state'] | undefined => sources.find((source) => source.id === id)?.state;

beforeAll(async () => {
  running = await launch();
  const address = await running.operator.evaluate(() => window.fieldroom?.door());
  if (!address) throw new Error('the window has no bridge');
  const door = new DoorClient(address, fetch);
  const signal = new AbortController().signal;
  summary = await recordSession(
    door,
    { kit, kitPath: null, durationMs: 4_000, readyTimeoutMs: 10_000, signal },
    new Progress(),
  );
  ({ sources } = await door.call('state.get', {}));
});
afterAll(() => running?.close());

describe('a strap that is unavailable', () => {
  it('ends in a state with one sentence and the next step', () => {
    const state = codeOf('heart');
    // A machine with a radio searches for the strap; one without reports that.
    if (state?.code === 'device.not-found') expect(state.state).toBe('searching');
    else expect(NO_BLUETOOTH).toContain(state?.code);
    expect(state?.message).toMatch(/^[A-Z][^.]*\.$/);
    expect(state?.nextStep).toMatch(/^[A-Z].*\.$/);
  });

  it('of a driver that does not exist is reported by name', () => {
    expect(codeOf('typo')).toMatchObject({
      state: 'error',
      code: 'device.unknown-driver',
      message: expect.stringContaining('ble-hart-rate'),
    });
  });

  it('does not affect the other sources', () => {
    expect(summary.streams.map((stream) => stream.id)).toEqual(['camera']);
    expect(summary.streams[0]?.count).toBeGreaterThan(30);
  });
});

/** The result of `requestDevice`, as `name: message`. A string, because the page's types are not available here. */
const REQUEST = `navigator.bluetooth.requestDevice({ filters: [{ services: [0x180d] }] }).then(() => 'a device', (error) => error.name + ': ' + error.message)`;
const inPage = (window: 'capture' | 'operator', code: string, userGesture = false): Promise<unknown> =>
  running.app.evaluate(
    async ({ webContents }, [file, script, gesture]) => {
      const page = webContents.getAllWebContents().find((one) => one.getURL().endsWith(file as string));
      return page?.executeJavaScript(script as string, gesture as boolean);
    },
    [`${window}.html`, code, userGesture] as const,
  );

describe('the search', () => {
  it('needs a gesture, which the app gives only to the capture window', async () => {
    expect(await inPage('capture', `typeof navigator.bluetooth`)).toBe('object');
    // With a radio, the app's own searches continue and another one would disturb them: there the strap itself is the test.
    if ((await inPage('capture', 'navigator.bluetooth.getAvailability()')) === true) return;
    expect(await inPage('capture', REQUEST)).toMatch(/^SecurityError.*gesture/);
    await inPage('capture', 'window.fieldroom.searchBluetooth().then(() => undefined)');
    expect(await inPage('capture', REQUEST)).toMatch(/^NotFoundError.*adapter/);
    await expect(inPage('operator', 'window.fieldroom.searchBluetooth().then(() => undefined)')).rejects.toThrow(
      /may not ask/,
    );
  });

  it('gives the operator window nothing, even after a click', async () => {
    if ((await inPage('operator', `typeof navigator.bluetooth`)) === 'undefined') return;
    expect(await inPage('operator', REQUEST, true)).toMatch(/^NotFoundError/);
  });
});
