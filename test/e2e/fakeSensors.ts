/** Sensors of the fake engine's scene `sensors`: straps to match, anchors to move, a port to listen to. */

import type { SourceHealth } from '../../electron/common/applianceState.ts';
import { FINE } from '../../electron/common/health.ts';
import type { Heard } from '../../electron/common/heard.ts';
import { type Source, sourceSchema } from '../../electron/common/kit.ts';

const STRAPS = { '10231': 'P01', '20417': 'P02' };
/** Nobody wears the last one yet. */
const HEARD_STRAPS = ['10231', '20417', '33108'];
const TAGS = ['6e3a', '6e41'];
/** Corners of a room of 7 by 5 m. */
const CORNERS = [
  { id: '6951', x: 0, y: 0, z: 2300 },
  { id: '6e59', x: 7000, y: 0, z: 2300 },
  { id: '695d', x: 7000, y: 5000, z: 2300 },
  { id: '690b', x: 0, y: 5000, z: 2300 },
];

const KIT: readonly Source[] = [
  {
    ...{
      id: 'hearts',
      label: 'Heart straps',
      kind: 'serial',
      driver: 'ant-heart-rate',
      match: { path: '/dev/ttyUSB0' },
    },
    settings: { mode: 'scan', straps: STRAPS },
  },
  {
    ...{ id: 'tags', label: 'Positions', kind: 'serial', driver: 'pozyx', match: { path: '/dev/ttyACM1' } },
    settings: { anchors: CORNERS },
  },
  { id: 'door', label: 'Door sensor', kind: 'serial', driver: 'lines', match: { path: '/dev/ttyACM2' } },
].map((one) => sourceSchema.parse(one));

export const sensorKit = (): readonly Source[] => KIT;

const channelsOf: Readonly<Record<string, SourceHealth['streams'][number]['channels']>> = {
  hearts: [{ name: 'heart_rate', unit: 'bpm', type: 'number' }],
  tags: ['x', 'y', 'z'].map((name) => ({ name, unit: 'mm', type: 'number' })),
  door: [{ name: 'c1', unit: '', type: 'number' }],
};
const streamsOf: Readonly<Record<string, readonly string[]>> = {
  hearts: HEARD_STRAPS.map((strap) => `hearts-${strap}`),
  tags: TAGS.map((tag) => `tags-${tag}`),
  door: ['door'],
};

export const sensorHealth = (): SourceHealth[] =>
  KIT.map((source) => ({
    ...{
      id: source.id,
      kind: source.kind,
      label: source.label,
      place: '',
      driver: 'driver' in source ? source.driver : '',
    },
    ...{ participant: null, paused: false, simulated: false, health: FINE },
    streams: (streamsOf[source.id] ?? []).map((id) => ({
      ...{ id, kind: 'samples' as const, count: 0, bytes: 0, missing: 0, duplicates: 0, gaps: 0, rateHz: 4, ageMs: 40 },
      channels: channelsOf[source.id] ?? [],
    })),
    state: {
      ...{ state: 'streaming' as const, message: '', nextStep: '', code: '', candidates: [] },
      device: source.match.path ?? '',
    },
  }));

const openedAtMs = Date.now();

/** New data since the last call. The unworn strap is silent in the first seconds. */
export function sensorRows(): { stream: string; rows: number[][] }[] {
  const seconds = Date.now() / 1000;
  const worn = HEARD_STRAPS.filter((_, i) => i < 2 || Date.now() - openedAtMs > 9000);
  return [
    ...worn.map((strap, i) => ({ stream: `hearts-${strap}`, rows: [[seconds, 72 + 9 * i]] })),
    ...TAGS.map((tag, i) => ({
      stream: `tags-${tag}`,
      rows: [[seconds, 2200 + 2400 * i + 300 * Math.sin(seconds), 1800 + 1500 * i, 900]],
    })),
    { stream: 'door', rows: [[seconds, 412]] },
  ];
}

const silent = { bytes: 0, baudRate: null, text: '', readings: [] };

/** @param path the port: the door sensor's port prints lines, the others are silent */
export const heardAt = (path: string): Heard =>
  path !== '/dev/ttyACM2'
    ? { path, ...silent }
    : {
        ...{
          path,
          baudRate: 115_200,
          bytes: 2640,
          text: 'light:341,temp:21.4\nlight:344,temp:21.4\nlight:339,temp:21.5\n',
        },
        readings: [
          {
            ...{ driver: 'lines', settings: { baudRate: 115_200 }, samples: 40, faults: 0 },
            rows: [
              { line: 'light:344,temp:21.4', values: [344, 21.4] },
              { line: 'light:339,temp:21.5', values: [339, 21.5] },
            ],
            streams: [
              {
                ...{ label: '', rateHz: 20 },
                channels: [
                  { name: 'light', unit: '', last: 339 },
                  { name: 'temp', unit: '', last: 21.5 },
                ],
              },
            ],
          },
        ],
      };
