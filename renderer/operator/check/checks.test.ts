import { expect, it } from 'vitest';
import type { ApplianceState, SourceHealth } from '../../../electron/common/applianceState.ts';
import { kitSchema } from '../../../electron/common/kit.ts';
import { type CheckInput, checksOf } from './checks.ts';

const source = (
  id: string,
  state: Partial<SourceHealth['state']> = {},
  more: Partial<SourceHealth> = {},
): SourceHealth => ({
  id,
  kind: 'camera',
  driver: 'webcam',
  label: id,
  place: '',
  participant: null,
  paused: false,
  simulated: false,
  streams: [],
  state: { state: 'streaming', message: '', nextStep: '', code: '', device: '', candidates: [], ...state },
  ...more,
});

const input = (sources: SourceHealth[], more: Partial<CheckInput> = {}): CheckInput => ({
  state: {
    disk: { freeBytes: 1e12, bytesPerSecond: 0, minutesLeft: null },
    sources,
    publishers: [{ name: 'capture', connected: true }],
    clocks: [{ publisher: 'capture', offsetNs: '0', driftPpm: 0, uncertaintyNs: 80_000, roundTripNs: 1, probes: 9 }],
  } as unknown as ApplianceState,
  kit: kitSchema.parse({ name: 'k', sources: [{ id: 'a', kind: 'camera' }] }),
  senses: new Map(sources.map(({ id }) => [id, 'fine'])),
  power: { charging: true, level: 1 },
  minutes: 90,
  cores: 8,
  absent: new Set(),
  ...more,
});

/** What is not good, by id. */
const faults = (given: CheckInput): Record<string, string> =>
  Object.fromEntries(
    checksOf(given)
      .filter(({ state }) => state !== 'good')
      .map(({ id, state }) => [id, state]),
  );

it('is all green in a room that is ready', () => {
  expect(faults(input([source('front'), source('mic', {}, { kind: 'microphone' })]))).toEqual({});
});

it('names a black camera, a dead microphone and a full disk, each with what to do', () => {
  const given = input([source('front'), source('mic', {}, { kind: 'microphone' })], {
    senses: new Map([
      ['front', 'black'],
      ['mic', 'silent'],
    ]),
  });
  given.state.disk.freeBytes = 1e8;
  expect(faults(given)).toEqual({ front: 'bad', mic: 'bad', disk: 'bad' });
  for (const check of checksOf(given).filter(({ state }) => state === 'bad')) expect(check.remedy).not.toBe('');
});

it('speaks of the hub when some cameras work and another cannot be read', () => {
  const busy = { state: 'error', code: 'capture.busy', message: 'It cannot be read.', nextStep: 'Close it.' } as const;
  expect(faults(input([source('a'), source('b'), source('c', busy)]))).toEqual({ c: 'bad', usb: 'bad' });
  expect(faults(input([source('c', busy)]))).toEqual({ c: 'bad' });
});

it('warns of a battery, of too much work and of who is absent', () => {
  const given = input([source('strap', {}, { participant: 'P03' })], {
    power: { charging: false, level: 0.9 },
    cores: 0.5,
    absent: new Set(['P03']),
  });
  expect(faults(given)).toEqual({ power: 'warn', cpu: 'warn', 'absent strap': 'warn' });
  expect(faults({ ...given, power: { charging: false, level: 0.1 } })).toMatchObject({ power: 'bad' });
});
