/** Records the sync room with the whole appliance, and compares. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAppliance } from '../../electron/cli/appliance.ts';
import { quantile } from '../../electron/common/clock/simulation.testKit.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { allStream, untilState } from '../fixtures/appliance.ts';
import { type Comparison, compare, type EventErrors, type Stated } from './compare.ts';
import { type SourceLog, SyncRoom } from './room.ts';

export interface Row {
  what: string;
  count: number;
  /** Median of the signed differences: the constant part. */
  biasMs: number;
  /** Of the absolute differences. */
  p50Ms: number;
  p95Ms: number;
  mostMs: number;
}

/** How often the stated bounds of a row's time are right, and how wide they are. */
export interface Coverage {
  what: string;
  rows: number;
  /** Rows without stated bounds. */
  silent: number;
  /** Share of the others whose bounds are right. */
  held: number;
  statedP50Ms: number;
  errorP50Ms: number;
}

export interface SyncResult {
  rows: Row[];
  coverage: Coverage[];
  missed: { screen: number; sound: number[]; sensor: number };
  unreadableFrames: number;
  gaps: Comparison['gaps'];
}

export interface SyncOptions {
  seconds: number;
  events: number;
  seed: number;
  /** Adds one microphone per entry, whose quartz is off by that much. */
  driftsPpm: number[];
  /** Called before the session is removed. */
  onRecorded?: (folder: string, log: SourceLog) => void;
}

const classroom = (port: string, microphones: readonly string[]) =>
  kitSchema.parse({
    name: 'Sync',
    study: 'sync',
    live: 'off',
    sources: [
      { id: 'screen', kind: 'screen', settings: { width: 640, height: 480, frameRate: 30 } },
      ...microphones.map((id, i) => ({ id, kind: 'microphone', match: { label: `Mic${i + 1}` } })),
      {
        id: 'sensor',
        kind: 'serial',
        driver: 'lines',
        match: { path: port },
        settings: {
          format: 'csv',
          header: false,
          counter: 1,
          deviceTime: { column: 2, tickNs: 1000 },
          columns: [
            { name: 'count', type: 'integer', column: 1 },
            { name: 'event', type: 'integer', column: 3 },
          ],
        },
      },
    ],
  });

export async function recordSync({ driftsPpm, onRecorded, ...options }: SyncOptions): Promise<SyncResult> {
  const drifting = driftsPpm.map((ppm, i) => ({ id: `mic-${i + 2}`, ppm }));
  const microphones = ['mic', ...drifting.map(({ id }) => id)];
  await using room = await SyncRoom.open({ ...options, microphones: microphones.length });
  const env = {
    ...room.env,
    FIELDROOM_CHROMIUM_SWITCHES: '',
    FIELDROOM_MICROPHONE_DRIFT_PPM: drifting.map(({ id, ppm }) => `${id}=${ppm}`).join(','),
  };
  const appliance = await startAppliance({ dataFolder: join(room.folder, 'data'), hidden: true, env });
  try {
    const { door } = appliance;
    await door.call('kit.load', { kit: classroom(room.port, microphones), path: null });
    await untilState(door, 'every source delivers', allStream);
    // Clock and sound card measurements are best once recording has run for some seconds.
    await sleep(3000);
    const { id } = await door.call('session.start', {});
    await sleep(2000);
    const log = await room.play();
    await sleep(500);
    await door.call('session.stop', {});
    const { folder } = await door.call('session.sealed', { id });
    onRecorded?.(folder, log);
    return resultOf(await compare(folder, log, microphones), driftsPpm);
  } finally {
    await appliance.stop();
  }
}

export function resultOf(compared: Comparison, driftsPpm: readonly number[]): SyncResult {
  const { events, frames, rows, fitted, unreadableFrames, gaps, stated } = compared;
  type Of = (event: EventErrors) => number | null | undefined;
  const differences = (a: Of, b: Of): number[] =>
    events.flatMap((event) => {
      const [first, second] = [a(event), b(event)];
      return typeof first === 'number' && typeof second === 'number' ? [first - second] : [];
    });
  const screen: Of = (event) => event.screen;
  const sensor: Of = (event) => event.sensor;
  const truth: Of = () => 0;
  const missed = (of: Of): number => events.filter((event) => typeof of(event) !== 'number').length;
  const microphones = [0, ...driftsPpm].map((ppm, i) => {
    const sound: Of = (event) => event.sounds[i];
    return { name: ppm === 0 ? 'microphone' : `microphone ${ppm > 0 ? '+' : ''}${ppm} ppm`, sound };
  });
  return {
    rows: [
      ...microphones.map(({ name, sound }) => rowOf(`screen - ${name}`, differences(screen, sound))),
      rowOf('screen - sensor', differences(screen, sensor)),
      ...microphones.map(({ name, sound }) => rowOf(`${name} - sensor`, differences(sound, sensor))),
      rowOf('sensor - marker', rows),
      ...(fitted.length > 0 ? [rowOf("sensor's own clock - marker", fitted)] : []),
      rowOf('screen - counter in it', frames),
      ...microphones.map(({ name, sound }) => rowOf(`${name} - loudspeaker`, differences(sound, truth))),
    ],
    coverage: [
      coverageOf('screen', stated.frames),
      ...microphones.map(({ name }, i) => coverageOf(name, stated.sounds[i] ?? [])),
      coverageOf('sensor', stated.rows),
      ...(fitted.length > 0 ? [coverageOf("sensor's own clock", stated.fitted)] : []),
    ],
    missed: {
      screen: missed(screen),
      sound: microphones.map(({ sound }) => missed(sound)),
      sensor: missed(sensor),
    },
    unreadableFrames,
    gaps,
  };
}

function coverageOf(what: string, all: readonly Stated[]): Coverage {
  const some = all.filter(({ earlyMs, lateMs }) => earlyMs !== null && lateMs !== null);
  const held = some.filter(({ errorMs, earlyMs, lateMs }) => errorMs <= (earlyMs ?? 0) && -errorMs <= (lateMs ?? 0));
  return {
    what,
    rows: all.length,
    silent: all.length - some.length,
    held: held.length / some.length,
    statedP50Ms: quantile(
      some.map(({ earlyMs, lateMs }) => Math.max(earlyMs ?? 0, lateMs ?? 0)),
      0.5,
    ),
    errorP50Ms: quantile(
      some.map(({ errorMs }) => Math.abs(errorMs)),
      0.5,
    ),
  };
}

function rowOf(what: string, differencesMs: readonly number[]): Row {
  const sizes = differencesMs.map(Math.abs);
  return {
    what,
    count: sizes.length,
    biasMs: quantile(differencesMs, 0.5),
    p50Ms: quantile(sizes, 0.5),
    p95Ms: quantile(sizes, 0.95),
    mostMs: quantile(sizes, 1),
  };
}
