/** Heart straps in real Chromium: its Web Bluetooth, chooser and GATT, with Chromium's emulated radio on the other side. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BluetoothPage } from './fixtures/bluetoothPage.ts';
import { EmulatedRadio } from './fixtures/emulatedRadio.ts';

const A = '0A:00:00:00:00:01';
const B = '0A:00:00:00:00:02';
/** The worked examples of the protocol notes, section 2b. */
const BEAT = [0x16, 0x48, 0x55, 0x03];
const TWO_BEATS = [0x10, 0x3c, 0x00, 0x04, 0xf6, 0x03];
const WIDE = [0x1f, 0x2c, 0x01, 0x2a, 0x00, 0xcd, 0x00];

let radio: EmulatedRadio;
type Kept = Pick<BluetoothPage, 'rows' | 'gaps' | 'states' | 'streams'> & { nowNs: number };
const kept = (): Promise<Kept> =>
  radio.page.evaluate(() => {
    const { rows, gaps, states, streams, nowNs } = window.bluetoothPage;
    return { rows, gaps, states, streams, nowNs: nowNs() };
  });
const setKit = (...sources: Parameters<BluetoothPage['setKit']>[0]): Promise<void> =>
  radio.page.evaluate((kit) => window.bluetoothPage.setKit(kit), sources);
const until = (source: string, state: object): Promise<void> =>
  vi.waitFor(async () => expect((await kept()).states[source]).toMatchObject(state), {
    timeout: 40_000,
    interval: 200,
  });

beforeAll(async () => {
  radio = await EmulatedRadio.start();
}, 60_000);
afterAll(() => radio?.close());

describe('a heart strap in the kit', () => {
  it('without an adapter is reported, and found as soon as an adapter appears', async () => {
    await setKit({ id: 'heart', match: { path: A } });
    await until('heart', { state: 'error', code: 'device.no-bluetooth' });
    await radio.set('powered-on');
    await radio.addStrap(A, 'Strap A');
    await radio.addStrap(B, 'Strap B');
    await until('heart', { state: 'opening' });
    await vi.waitFor(
      async () =>
        expect((await kept()).streams.heart?.facts).toMatchObject({ bodyLocation: 'chest', batteryPercent: 87 }),
      { timeout: 20_000 },
    );
  });

  it('is recorded value by value, each with its arrival time', async () => {
    const beforeNs = (await kept()).nowNs;
    for (const packet of [BEAT, TWO_BEATS, WIDE]) await radio.notify('Strap A', packet);
    const { rows, nowNs, states } = await kept();
    expect(rows.heart?.map(([, ...values]) => values)).toEqual([
      [72, 1, Number.NaN],
      [60, Number.NaN, Number.NaN],
      [300, 1, 42],
    ]);
    expect(rows['heart-rr']?.map(([, rr]) => ((rr as number) * 1024) / 1000)).toEqual([853, 1024, 1014, 205]);
    const times = rows.heart?.map(([at]) => at as number) ?? [];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every((at) => at > beforeNs && at < nowNs)).toBe(true);
    expect(rows['heart-rr']?.map(([at]) => at)).toEqual([times[0], times[1], times[1], times[2]]);
    expect(states.heart).toMatchObject({ state: 'streaming', device: 'Strap A' });
  });

  it('that is lost leaves a gap, and returns without another chooser', async () => {
    const prompts = radio.prompts.size;
    const last = (await kept()).rows.heart?.at(-1)?.[0];
    await radio.disconnect(A, 'Strap A');
    await until('heart', { state: 'searching', code: 'device.lost' });
    // The page must subscribe again first; until then a read of the old object fails.
    await vi.waitFor(() => radio.notify('Strap A', BEAT), { timeout: 20_000, interval: 500 });
    await until('heart', { state: 'streaming' });
    const { gaps, rows } = await kept();
    const next = rows.heart?.at(-1)?.[0];
    expect(gaps.filter(({ stream }) => stream === 'heart')).toEqual([
      { stream: 'heart', cause: 'device-lost', fromNs: last, toNs: null },
      { stream: 'heart', cause: 'device-lost', fromNs: last, toNs: next },
    ]);
    expect(radio.prompts.size).toBe(prompts);
  });
});

it('straps that cannot be distinguished are shown to a person, whose answer is used', async () => {
  await setKit();
  await setKit({ id: 'other' });
  await until('other', { state: 'choosing', candidates: [{ match: { path: A } }, { match: { path: B } }] });
  await setKit({ id: 'other', match: { path: B } });
  await until('other', { state: 'opening', device: 'Strap B' });
  await vi.waitFor(() => radio.notify('Strap B', BEAT), { timeout: 20_000, interval: 500 });
  expect((await kept()).rows.other?.map(([, ...values]) => values)).toEqual([[72, 1, Number.NaN]]);
});
