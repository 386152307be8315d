/** Bluetooth sources from the user's point of view, with a fake `navigator.bluetooth`. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bench, ble, nowNs } from './bluetoothBench.ts';
import { type FakeBluetooth, FakeStrap } from './fakeBluetooth.ts';

/** The worked frames from the protocol notes, section 2b. */
const BEAT = [0x16, 0x48, 0x55, 0x03];
const TWO_BEATS = [0x10, 0x3c, 0x00, 0x04, 0xf6, 0x03];
const WIDE = [0x1f, 0x2c, 0x01, 0x2a, 0x00, 0xcd, 0x00];
const NO_CONTACT = [0x04, 0x00];

let bench: Bench;
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const strapA = () => new FakeStrap('AA:01', 'Polar H10 1234');

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
});
afterEach(() => vi.useRealTimers());

async function streaming(strap: FakeStrap, match: object = {}): Promise<void> {
  bench.sources.setSources([ble('heart', match)], []);
  bench.bluetooth.show(strap);
  await pass(4_000);
  strap.notify(BEAT);
}

describe('a strap', () => {
  it('gives one row per packet, and one row per RR interval at the time of its packet', async () => {
    const strap = strapA();
    await streaming(strap);
    const firstNs = nowNs();
    for (const packet of [TWO_BEATS, WIDE, NO_CONTACT]) {
      await pass(1_000);
      strap.notify(packet);
    }
    const at = [0, 1e9, 2e9, 3e9].map((ns) => firstNs + ns);
    expect(bench.rows('heart')).toEqual([
      [at[0], 72, 1, Number.NaN],
      [at[1], 60, Number.NaN, Number.NaN],
      [at[2], 300, 1, 42],
      [at[3], Number.NaN, 0, Number.NaN],
    ]);
    const rr = (ticks: number) => (ticks * 1000) / 1024;
    expect(bench.rows('heart-rr')).toEqual([
      [at[0], rr(853)],
      [at[1], rr(1024)],
      [at[1], rr(1014)],
      [at[2], rr(205)],
    ]);
    expect(bench.state('heart')).toMatchObject({ state: 'streaming', code: '', device: 'Polar H10 1234' });
    expect(bench.messages.flatMap((message) => (message.type === 'declare' ? [message.stream.id] : []))).toEqual(
      expect.arrayContaining(['heart', 'heart-rr']),
    );
  });

  it('reports body location and battery, if available', async () => {
    const strap = strapA();
    strap.values.set(0x2a38, 1).set(0x2a19, 87);
    await streaming(strap);
    expect(bench.stream('heart')?.facts).toEqual({
      driver: 'ble-heart-rate',
      device: { id: 'AA:01', name: 'Polar H10 1234' },
      bodyLocation: 'chest',
      batteryPercent: 87,
    });
  });

  it('with a truncated packet leaves a gap with its cause, and keeps the rate if it is complete', async () => {
    const strap = strapA();
    await streaming(strap);
    strap.notify([0x10, 0x3c, 0x00]);
    strap.notify([0x01]);
    expect(bench.rows('heart').map(([, rate]) => rate)).toEqual([72, 60]);
    expect(bench.gaps('heart').map(({ cause }) => cause)).toEqual(['bad-field', 'malformed']);
  });

  it('that is lost gives a gap from its last packet to its next, and comes back without a new search', async () => {
    const strap = strapA();
    await streaming(strap);
    const lastNs = nowNs();
    await pass(700);
    strap.vanish();
    expect(bench.state('heart')).toMatchObject({
      state: 'searching',
      code: 'device.lost',
      nextStep: expect.stringContaining('range'),
    });
    await pass(1_000);
    strap.notify(TWO_BEATS);
    for (const id of ['heart', 'heart-rr']) {
      expect(bench.gaps(id)).toMatchObject([
        { cause: 'device-lost', fromNs: lastNs, toNs: null },
        { cause: 'device-lost', fromNs: lastNs, toNs: nowNs() },
      ]);
    }
    expect(strap.connections).toBe(2);
    expect(bench.bluetooth.searches).toBe(1);
    expect(bench.state('heart')?.state).toBe('streaming');
  });

  it('that the system has forgotten is searched for again, for as long as it takes', async () => {
    const strap = strapA();
    await streaming(strap);
    strap.connectError = new DOMException('Bluetooth Device is no longer in range.', 'NetworkError');
    strap.vanish();
    bench.bluetooth.show();
    await pass(30 * 60_000);
    expect(bench.state('heart')).toMatchObject({ state: 'searching', code: 'device.not-found' });
    strap.connectError = null;
    bench.bluetooth.show(strap);
    await pass(40_000);
    strap.notify(BEAT);
    expect(bench.state('heart')?.state).toBe('streaming');
    expect(bench.rows('heart')).toHaveLength(2);
  });

  it('that is connected but sends nothing is silent, then reconnected', async () => {
    const strap = strapA();
    await streaming(strap);
    await pass(6_000);
    expect(bench.state('heart')).toMatchObject({ state: 'silent', code: 'device.silent' });
    expect(bench.gaps('heart').map(({ cause }) => cause)).toEqual(['silent']);
    await pass(20_000);
    expect(strap.connections).toBe(2);
  });

  it('reports the gap to a session that begins while it is away', async () => {
    const strap = strapA();
    await streaming(strap);
    strap.connectError = new DOMException('Connection failed.', 'NetworkError');
    strap.vanish();
    await pass(5_000);
    bench.tell({ type: 'session', session: null });
    bench.tell({ type: 'session', session: { id: 's2', state: 'recording', pausedSources: [] } });
    expect(bench.gaps('heart').at(-1)).toMatchObject({ cause: 'device-lost', fromNs: nowNs(), toNs: null });
  });

  it('sends nothing while it is paused', async () => {
    const strap = strapA();
    await streaming(strap);
    bench.tell({ type: 'session', session: { id: 's1', state: 'recording', pausedSources: ['heart'] } });
    strap.notify(BEAT);
    expect(bench.rows('heart')).toHaveLength(1);
    expect(bench.state('heart')?.state).toBe('paused');
  });
});

describe('several straps', () => {
  it('are each found for their source, and a missing one does not delay the others', async () => {
    const straps = [new FakeStrap('AA:01', 'Polar 1'), new FakeStrap('AA:02', 'Polar 2')];
    bench.sources.setSources(
      [ble('away', { label: 'Polar 9' }), ble('two', { path: 'aa:02' }), ble('one', { label: 'polar 1' })],
      [],
    );
    bench.bluetooth.show(...straps);
    await pass(8_000);
    for (const strap of straps) strap.notify(BEAT);
    expect(['one', 'two'].map((id) => bench.state(id)?.device)).toEqual(['Polar 1', 'Polar 2']);
    await pass(20_000);
    expect(bench.state('away')).toMatchObject({
      state: 'searching',
      code: 'device.not-found',
      message: expect.stringContaining('"Polar 9"'),
    });
  });

  it('that are twins are shown to a person, even when one falls silent; the answer is used', async () => {
    const twins = [new FakeStrap('AA:01', 'HR'), new FakeStrap('AA:02', 'HR')];
    bench.sources.setSources([ble('heart', { label: 'HR' })], []);
    bench.bluetooth.show(twins[0] as FakeStrap);
    await pass(1_000);
    bench.bluetooth.show(...twins);
    await pass(4_000);
    expect(bench.state('heart')).toMatchObject({
      state: 'choosing',
      candidates: [{ match: { path: 'AA:01' } }, { match: { path: 'AA:02' } }],
    });
    bench.bluetooth.show(twins[1] as FakeStrap);
    await pass(60_000);
    expect(twins.map((twin) => twin.connections)).toEqual([0, 0]);
    bench.sources.setSources([ble('heart', { path: 'AA:02' })], []);
    await pass(15_000);
    expect(twins.map((twin) => twin.connections)).toEqual([0, 1]);
  });
});

describe('errors come with the next step', () => {
  const cases: [string, (bluetooth: FakeBluetooth) => void, string][] = [
    [
      'no Web Bluetooth',
      (bluetooth) => {
        bluetooth.supported = false;
      },
      'device.bluetooth-unsupported',
    ],
    [
      'no adapter',
      (bluetooth) => {
        bluetooth.adapter = false;
      },
      'device.no-bluetooth',
    ],
    [
      'Bluetooth switched off',
      (bluetooth) => {
        bluetooth.searchError = new DOMException('User cancelled the requestDevice() chooser.', 'NotFoundError');
      },
      'device.bluetooth-off',
    ],
    [
      'no permission',
      (bluetooth) => {
        bluetooth.searchError = new DOMException(
          'User denied the browser permission to scan for Bluetooth devices.',
          'NotFoundError',
        );
      },
      'device.bluetooth-denied',
    ],
  ];
  it.each(cases)('%s, and is found as soon as it is put right', async (_, spoil, code) => {
    spoil(bench.bluetooth);
    bench.sources.setSources([ble('heart')], []);
    await pass(60_000);
    expect(bench.state('heart')).toMatchObject({
      state: 'error',
      code,
      message: expect.stringMatching(/^[A-Z].*\.$/),
      nextStep: expect.stringMatching(/^[A-Z].*\.$/),
    });
    expect(bench.messages.filter((message) => message.type === 'event')).toHaveLength(1);
    Object.assign(bench.bluetooth, { supported: true, adapter: true, searchError: null });
    const strap = strapA();
    bench.bluetooth.show(strap);
    await pass(15_000);
    strap.notify(BEAT);
    expect(bench.state('heart')).toMatchObject({ state: 'streaming', code: '' });
  });

  it('a pairing that is rejected', async () => {
    const strap = strapA();
    strap.subscribeError = new DOMException('GATT Error: Not paired.', 'NetworkError');
    await streaming(strap);
    expect(bench.state('heart')).toMatchObject({
      state: 'error',
      code: 'device.pairing-refused',
      message: expect.stringContaining('Polar H10 1234'),
    });
  });

  it.each([
    [{ driver: 'ble-hear-rate' }, 'device.unknown-driver'],
    [{ settings: { networkKey: '00' } }, 'device.bad-settings'],
    [{ match: { vendorId: '0fcf' } }, 'device.bad-match'],
  ])('a kit with %o', async (more, code) => {
    bench.sources.setSources([ble('heart', {}, more)], []);
    await pass(1_000);
    expect(bench.state('heart')).toMatchObject({ state: 'error', code });
    expect(bench.bluetooth.searches).toBe(0);
  });
});

it('removing a source from the kit disconnects its strap', async () => {
  const strap = strapA();
  await streaming(strap);
  bench.sources.setSources([], []);
  expect(strap.gatt?.connected).toBe(false);
  bench.sources.setSources([ble('other')], []);
  await pass(4_000);
  strap.notify(BEAT);
  expect(bench.state('other')?.state).toBe('streaming');
  expect(bench.rows('heart')).toHaveLength(1);
});
