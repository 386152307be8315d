/**
 * The host against faulty kits, faulty drivers and floods: each leads to one state with a message, and the others
 * continue.
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { FieldroomError } from '../../electron/common/errors.ts';
import type { SourceState } from '../../electron/common/ingest.ts';
import { type Source, sourceSchema } from '../../electron/common/kit.ts';
import { trialOf } from '../../electron/common/trial.ts';
import { hostClock } from '../clock.ts';
import { type DeviceInfo, type Driver, type DriverContext, defineDriver, type Emulator } from '../driver.ts';
import { findRegistered, type Registered } from '../registry.ts';
import { DeviceHost } from './deviceHost.ts';

const clock = hostClock();
let host: DeviceHost;
let live = true;
const states = new Map<string, SourceState>();
const gaps: { stream: string; fromNs: number; toNs: number | null; cause: string; lost: number | null }[] = [];
const counts = new Map<string, number>();
const events: string[] = [];
let devices: DeviceInfo[] = [];

const idle: Emulator = {
  emit: () => undefined,
  receive: () => undefined,
  start: () => undefined,
  stop: () => undefined,
  fault: () => undefined,
  truth: [],
};
/** A driver made in the test, on an emulator's link that sends nothing on its own. */
const custom = new Map<string, Registered>();
function driver(id: string, run: (context: DriverContext<unknown>) => Promise<void>, more: Partial<Driver> = {}): void {
  const made = defineDriver({ id, title: id, kinds: ['serial'], settings: z.unknown(), fits: () => 1, run, ...more });
  custom.set(id, { driver: made, emulator: () => ({ ...idle }) });
}
const source = (id: string, more: object): Source => sourceSchema.parse({ id, kind: 'serial', ...more });
const channel = [{ name: 'n', unit: '', type: 'integer' as const }];

async function until(what: string, check: () => unknown): Promise<void> {
  const endMs = performance.now() + 5_000;
  while (!check()) {
    if (performance.now() > endMs)
      throw new Error(`not so within 5 s: ${what}; ${JSON.stringify([...states.values()])}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

beforeEach(() => {
  for (const list of [states, counts, custom]) list.clear();
  gaps.length = 0;
  events.length = 0;
  devices = [];
  live = true;
  host = new DeviceHost({
    now: clock.now,
    log: () => undefined,
    pollMs: 30,
    floodLimitHz: 1_000,
    hid: { list: async () => [], open: () => Promise.reject(new Error('none')) },
    listSerial: async () => ({ devices, note: null }),
    find: (id, place) => custom.get(id) ?? findRegistered(id, place),
    publisher: {
      report: (state) => void states.set(state.source, state),
      event: (_, code) => void events.push(code),
      mayPublish: () => live,
      declare: (stream) => ({
        samples: (publisherNs) => {
          counts.set(stream.id, (counts.get(stream.id) ?? 0) + publisherNs.length);
          return true;
        },
        gap: (fromNs, toNs, cause, lost) => void gaps.push({ stream: stream.id, fromNs, toNs, cause, lost }),
      }),
    },
  });
  host.start();
});
afterEach(() => host.stop());

it('reports each error of a kit with its path, while the others stream', async () => {
  await host.setSources([
    source('good', { driver: 'lines', match: { path: 'emulator:lines' } }),
    source('unknown', { driver: 'no-such' }),
    source('settings', { driver: 'lines', settings: { baudRate: 'fast', colour: 1 }, match: { path: '/dev/x' } }),
    source('kind', { kind: 'hid', driver: 'lines' }),
    source('path', { driver: 'lines', match: { path: '/dev/fieldroom-no-such-port' } }),
    source('emulator', { driver: 'lines', match: { path: 'emulator:no-such' } }),
    source('address', { kind: 'tcp', driver: 'lines' }),
    source('nobody', { kind: 'tcp', driver: 'lines', match: { path: 'tcp://127.0.0.1:1' } }),
  ]);
  await until('all have spoken', () => states.size === 8 && [...states.values()].every((s) => s.state !== 'opening'));
  const told = (id: string) => `${states.get(id)?.code} ${states.get(id)?.message}`;
  expect(states.get('good')?.state).toBe('streaming');
  expect(told('unknown')).toBe('device.unknown-driver sources[1].driver: unknown driver "no-such".');
  expect(told('settings')).toMatch(
    /^device\.bad-settings sources\[2\]\.settings\.baudRate: .*sources\[2\]\.settings: .*colour/,
  );
  expect(told('kind')).toMatch(/^device\.wrong-kind sources\[3\]\.kind: /);
  expect(told('path')).toMatch(/^device\.not-found /);
  expect(told('emulator')).toMatch(/^device\.unknown-driver /);
  expect(told('address')).toMatch(/^device\.bad-address /);
  expect(told('nobody')).toMatch(/^device\.refused /);
  for (const [id, state] of states) if (id !== 'good') expect(state.nextStep, id).not.toBe('');
});

/** Counts like a session: a gap reported again from the same start replaces the previous one. */
function lostIn(cause: string): number {
  const last = new Map(
    gaps.filter((gap) => gap.cause === cause).map((gap) => [`${gap.stream} ${gap.fromNs}`, gap.lost]),
  );
  return [...last.values()].reduce<number>((sum, lost) => sum + (lost ?? 0), 0);
}

it('takes a device from a preview', async () => {
  const match = { path: 'emulator:lines#one' };
  const look = trialOf({ kind: 'serial', label: 'Port', match, driver: 'lines' });
  await host.setSources([look]);
  await until('it is shown', () => states.get(look.id)?.state === 'streaming');
  await host.setSources([look, source('kept', { driver: 'lines', match })]);
  await until('the kit has it', () => (counts.get('kept') ?? 0) > 0);
  expect(events).not.toContain('device.port-busy');
});

it('keeps a driver that throws, floods or never ends from affecting the others', async () => {
  driver('throws', async () => {
    throw new Error('a fault of the driver');
  });
  driver('throws-on-data', async ({ link }) => {
    link.onData = () => {
      throw new Error('a fault in the callback');
    };
    throw await link.closed;
  });
  driver('floods', async ({ stream, now, sleep }) => {
    const sink = stream({ suffix: '', channels: channel });
    for (;;) {
      for (let i = 0; i < 500; i += 1) sink.sample({ values: [i], arrivedNs: now() });
      await sleep(5);
    }
  });
  driver('deaf', () => new Promise(() => undefined));
  await host.setSources([
    source('good', { driver: 'lines', match: { path: 'emulator:lines' } }),
    ...['throws', 'floods', 'deaf'].map((id) => source(id, { driver: id, match: { path: `emulator:${id}` } })),
    source('callback', { driver: 'throws-on-data', match: { path: 'emulator:lines#2' } }),
  ]);
  await until('the flood is told', () => gaps.some((gap) => gap.cause === 'flood'));
  await until('the good one streams', () => (counts.get('good') ?? 0) > 20);
  await until('the failed ones say so', () => states.get('callback')?.code === 'device.driver-failed');
  expect(states.get('throws')).toMatchObject({ state: 'error', message: 'a fault of the driver' });
  await host.stop();
  const lost = lostIn('flood');
  const taken = counts.get('floods') ?? 0;
  expect(lost).toBeGreaterThan(taken);
  expect((taken + lost) % 500).toBe(0);
  expect(gaps.every((gap) => gap.stream === 'floods' || gap.cause !== 'flood')).toBe(true);
});

it('reports an ongoing gap again to a session that begins in it, and ends it with the first sample', async () => {
  let say = (): void => undefined;
  let lose = (): void => undefined;
  let runs = 0;
  driver('manual', async ({ stream, now, signal }) => {
    runs += 1;
    const sink = stream({ suffix: 'x', channels: channel });
    say = () => sink.sample({ values: [1], arrivedNs: now() });
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => resolve());
      lose = () => reject(new FieldroomError('device.lost', 'gone'));
    });
  });
  await host.setSources([source('a', { driver: 'manual', match: { path: 'emulator:manual' } })]);
  await until('it runs', () => runs === 1);
  say();
  await until('streams', () => counts.get('a-x') === 1);
  lose();
  await until('the gap began', () => gaps.length === 1);
  expect(gaps[0]).toMatchObject({ stream: 'a-x', cause: 'device-lost', toNs: null });
  live = false;
  host.sessionChanged();
  live = true;
  host.sessionChanged();
  expect(gaps.at(-1)).toMatchObject({ cause: 'device-lost', toNs: null });
  const { fromNs } = gaps.at(-1) as (typeof gaps)[number];
  expect(fromNs).toBeGreaterThan(gaps[0]?.fromNs ?? 0);
  await until('it is opened again', () => states.get('a')?.state === 'opening');
  await new Promise((resolve) => setTimeout(resolve, 50));
  say();
  const end = gaps.at(-1);
  expect(end).toMatchObject({ fromNs, cause: 'device-lost' });
  expect(end?.toNs).toBeGreaterThan(fromNs);
});

it('counts all of a burst of gaps, in few messages', async () => {
  driver('noisy', async ({ stream, now, sleep }) => {
    const sink = stream({ suffix: '', channels: channel });
    sink.sample({ values: [1], arrivedNs: now() });
    for (let i = 0; i < 1000; i += 1) sink.gap('checksum', 1, 'x');
    await sleep(60_000);
  });
  await host.setSources([source('a', { driver: 'noisy', match: { path: 'emulator:noisy' } })]);
  await until('the rest is told', () => lostIn('checksum') === 1000);
  expect(gaps.length).toBe(2);
});

it('reports a source again only if something changed, and an error once in the log', async () => {
  await host.setSources([source('a', { driver: 'lines', match: { path: '/dev/fieldroom-no-such-port' } })]);
  await until('tried', () => states.get('a')?.code === 'device.not-found');
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(events).toEqual(['device.not-found']);
});

it('does not touch what is unchanged in a new kit', async () => {
  const one = source('one', { driver: 'lines', match: { path: 'emulator:lines#1' } });
  await host.setSources([one, source('two', { driver: 'lines', match: { path: 'emulator:lines#2' } })]);
  await until('both stream', () => (counts.get('one') ?? 0) > 0 && (counts.get('two') ?? 0) > 0);
  await host.setSources([one, source('two', { driver: 'lines', match: { path: 'emulator:lines?rate=100#3' } })]);
  const before = counts.get('two') ?? 0;
  await until('two streams anew', () => (counts.get('two') ?? 0) > before + 10);
  expect(gaps.filter((gap) => gap.cause !== 'partial-first-line')).toEqual([]);
});
