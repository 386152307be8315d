/** Records the sync room with the whole appliance, and compares. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAppliance } from '../../electron/cli/appliance.ts';
import { quantile } from '../../electron/common/clock/simulation.testKit.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { allStream, untilState } from '../fixtures/appliance.ts';
import { type Comparison, compare, type EventErrors } from './compare.ts';
import { type SourceLog, SyncRoom } from './room.ts';

export interface Row {
  what: string;
  count: number;
  /** Median of the signed differences: what is always there. */
  biasMs: number;
  /** Of the differences without their sign. */
  p50Ms: number;
  p95Ms: number;
  mostMs: number;
}

export interface SyncResult {
  rows: Row[];
  missed: { screen: number; sound: number; sensor: number };
  unreadableFrames: number;
  gaps: Comparison['gaps'];
}

export interface SyncOptions {
  seconds: number;
  events: number;
  seed: number;
  /** The microphone's quartz is off by this. */
  driftPpm: number;
  /** Before the session is removed. */
  onRecorded?: (folder: string, log: SourceLog) => void;
}

const classroom = (port: string) =>
  kitSchema.parse({
    name: 'Sync',
    study: 'sync',
    live: 'off',
    sources: [
      { id: 'screen', kind: 'screen', settings: { width: 640, height: 480, frameRate: 30 } },
      { id: 'mic', kind: 'microphone', match: { label: 'Mic1' } },
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

export async function recordSync({ driftPpm, onRecorded, ...options }: SyncOptions): Promise<SyncResult> {
  await using room = await SyncRoom.open(options);
  const env = {
    ...room.env,
    FIELDROOM_CHROMIUM_SWITCHES: '',
    ...(driftPpm === 0 ? {} : { FIELDROOM_MICROPHONE_DRIFT_PPM: String(driftPpm) }),
  };
  const appliance = await startAppliance({ dataFolder: join(room.folder, 'data'), hidden: true, env });
  try {
    const { door } = appliance;
    await door.call('kit.load', { kit: classroom(room.port), path: null });
    await untilState(door, 'every source delivers', allStream);
    // Clocks and the sound card's quartz are measured best by a recording that has run for some seconds.
    await sleep(3000);
    const { id } = await door.call('session.start', {});
    await sleep(2000);
    const log = await room.play();
    await sleep(500);
    await door.call('session.stop', {});
    const { folder } = await door.call('session.sealed', { id });
    onRecorded?.(folder, log);
    return resultOf(await compare(folder, log));
  } finally {
    await appliance.stop();
  }
}

export function resultOf({ events, frames, rows, fitted, unreadableFrames, gaps }: Comparison): SyncResult {
  const differences = (a: keyof EventErrors, b: keyof EventErrors): number[] =>
    events.flatMap((event) =>
      event[a] === null || event[b] === null ? [] : [(event[a] as number) - (event[b] as number)],
    );
  const missed = (of: 'screen' | 'sound' | 'sensor'): number => events.filter((event) => event[of] === null).length;
  return {
    rows: [
      rowOf('screen - microphone', differences('screen', 'sound')),
      rowOf('screen - sensor', differences('screen', 'sensor')),
      rowOf('microphone - sensor', differences('sound', 'sensor')),
      rowOf('sensor - marker', rows),
      ...(fitted.length > 0 ? [rowOf("sensor's own clock - marker", fitted)] : []),
      rowOf('screen - counter in it', frames),
      rowOf(
        'microphone - loudspeaker',
        events.flatMap(({ sound }) => (sound === null ? [] : [sound])),
      ),
    ],
    missed: { screen: missed('screen'), sound: missed('sound'), sensor: missed('sensor') },
    unreadableFrames,
    gaps,
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
