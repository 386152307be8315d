import { expect, it } from 'vitest';
import type { ApplianceState, SourceHealth } from '../../../electron/common/applianceState.ts';
import { FINE, healthFinding, healthOf } from '../../../electron/common/health.ts';
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
  health: FINE,
  state: { state: 'streaming', message: '', nextStep: '', code: '', device: '', candidates: [], ...state },
  ...more,
});

const input = (sources: SourceHealth[], more: Partial<CheckInput> = {}): CheckInput => ({
  state: {
    disk: { freeBytes: 1e12, bytesPerSecond: 0, minutesLeft: 3000 },
    processor: { cores: 8, busy: 0.31 },
    sources,
    publishers: [{ name: 'capture', connected: true }],
    clocks: [{ publisher: 'capture', offsetNs: '0', driftPpm: 0, uncertaintyNs: 80_000, roundTripNs: 1, probes: 9 }],
  } as unknown as ApplianceState,
  watchedMs: 60_000,
  power: { charging: true, level: 1 },
  minutes: 90,
  absent: new Set(),
  ...more,
});

/** The checks that are not good, by id. */
const faults = (given: CheckInput): Record<string, string> =>
  Object.fromEntries(
    checksOf(given)
      .filter(({ state }) => state !== 'good')
      .map(({ id, state }) => [id, state]),
  );

it('is all good in a room that is ready', () => {
  expect(faults(input([source('front'), source('mic', {}, { kind: 'microphone' })]))).toEqual({});
});

it('names a black camera, a dead microphone and a full disk, each with the next step', () => {
  const given = input([
    source('front', {}, { health: healthOf([healthFinding('look', 'black')]) }),
    source('mic', {}, { kind: 'microphone', health: healthOf([healthFinding('look', 'silent')]) }),
  ]);
  given.state.disk.minutesLeft = 12;
  expect(faults(given)).toEqual({ front: 'bad', mic: 'bad', disk: 'bad' });
  for (const check of checksOf(given).filter(({ state }) => state === 'bad')) expect(check.remedy).not.toBe('');
});

it('measures the processor instead of estimating it, and names the camera that would lose frames', () => {
  const lossy = healthFinding('losing', 'too-slow', { lost: 143, lostShare: 0.42, spanMs: 10_000 });
  const given = input([source('front', {}, { health: healthOf([lossy]) })]);
  given.state.processor = { cores: 8, busy: 0.98 };
  expect(faults(given)).toEqual({ front: 'bad', cpu: 'bad' });
  expect(checksOf(given).find(({ id }) => id === 'front')?.says).toContain('42 %');
  expect(faults({ ...given, watchedMs: 0 })).toEqual({ front: 'bad', cpu: 'busy' });
});

it('suspects the hub if some cameras work and another cannot be read', () => {
  const busy = { state: 'error', code: 'capture.busy', message: 'It cannot be read.', nextStep: 'Close it.' } as const;
  expect(faults(input([source('a'), source('b'), source('c', busy)]))).toEqual({ c: 'bad', usb: 'bad' });
  expect(faults(input([source('c', busy)]))).toEqual({ c: 'bad' });
});

it('warns about battery power, a busy processor and absent participants', () => {
  const given = input([source('strap', {}, { participant: 'P03' })], {
    power: { charging: false, level: 0.9 },
    absent: new Set(['P03']),
  });
  given.state.processor = { cores: 8, busy: 0.85 };
  expect(faults(given)).toEqual({ power: 'warn', cpu: 'warn', 'absent strap': 'warn' });
  expect(faults({ ...given, power: { charging: false, level: 0.1 } })).toMatchObject({ power: 'bad' });
});
