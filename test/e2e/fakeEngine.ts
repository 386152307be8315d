/**
 * A fake engine: the same pipes and door, with a state that a test chooses. It shows window states that a real recorder
 * reaches only through faults. `FIELDROOM_FAKE_STATE`: empty, ready, recording, alarm, resumed, sensors.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { type WebSocket, WebSocketServer } from 'ws';
import { describeDriver } from '../../devices/describe.ts';
import { drivers } from '../../devices/registry.ts';
import type { ApplianceState, SourceHealth } from '../../electron/common/applianceState.ts';
import type { DoorEvent } from '../../electron/common/door.ts';
import { proofOf } from '../../electron/common/doorProof.ts';
import type { FoundDevice } from '../../electron/common/found.ts';
import { type HealthFinding, healthFinding, healthOf } from '../../electron/common/health.ts';
import { type Source, sourceSchema } from '../../electron/common/kit.ts';
import { heardAt, sensorHealth, sensorKit, sensorRows } from './fakeSensors.ts';
import { sessionsOf } from './fakeSessions.ts';
import { uploadAnswers } from './fakeUploads.ts';

const SCENE = process.env.FIELDROOM_FAKE_STATE ?? 'ready';
const JPEG =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAkAEADASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAED/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/EABcBAQEBAQAAAAAAAAAAAAAAAAAEAQP/xAAVEQEBAAAAAAAAAAAAAAAAAAAAEv/aAAwDAQACEQMRAD8AyEFVIVEChRAoUQKEEE9MUQKFEChRAoQBxYAAAAAA/9k=';

type StreamHealth = SourceHealth['streams'][number];

let dataFolder = '';
let startedAtMs = Date.now() - 754_000;
let session: 'recording' | 'paused' | null = ['recording', 'alarm', 'resumed', 'loss'].includes(SCENE)
  ? 'recording'
  : SCENE === 'paused'
    ? 'paused'
    : null;
let afterCrash: ApplianceState['afterCrash'] =
  SCENE === 'resumed' ? { resumedAtMs: Date.now() - 4000, mayEndThere: true, endsInMs: null } : null;
let kit = SCENE !== 'empty';
const paused = new Set<string>(SCENE === 'loss' ? ['mic-1'] : []);
/** Sources that the window previews without having them in the kit. */
let tried: Source[] = [];
const STREAM_KIND: Readonly<Record<string, StreamHealth['kind']>> = {
  camera: 'video',
  screen: 'video',
  microphone: 'audio',
};

const alarm = SCENE === 'alarm';
/** Measurements of a streaming source, by scene. */
const health: Readonly<Record<string, readonly HealthFinding[]>> =
  SCENE === 'loss'
    ? {
        'cam-front': [healthFinding('losing', 'too-slow', { lost: 123, lostShare: 0.41, spanMs: 10_000 })],
        'mic-2': [healthFinding('look', 'silent')],
      }
    : alarm
      ? { 'cam-table': [healthFinding('losing', 'late', { spanMs: 6200 })] }
      : {};
const seconds = (): number => (Date.now() - startedAtMs) / 1000;

function stream(
  id: string,
  kind: StreamHealth['kind'],
  rateHz: number,
  more: Partial<StreamHealth> = {},
): StreamHealth {
  const count = session ? Math.round(seconds() * rateHz) : 0;
  return {
    id,
    kind,
    count,
    bytes: count * 8000,
    missing: 0,
    duplicates: 0,
    gaps: 0,
    rateHz: session ? rateHz : 0,
    ageMs: session ? 40 : null,
    ...more,
  };
}

function source(
  id: string,
  kind: string,
  label: string,
  place: string,
  streams: StreamHealth[],
  state: Partial<SourceHealth['state']> = {},
): SourceHealth {
  const isPaused = paused.has(id);
  const told = { state: 'streaming', ...state }.state;
  return {
    id,
    kind,
    driver: 'webcam',
    label,
    place,
    participant: kind === 'serial' ? 'P02' : null,
    paused: isPaused,
    simulated: false,
    health: healthOf(
      isPaused
        ? []
        : told === 'streaming'
          ? (health[id] ?? [])
          : [healthFinding(session === 'recording' ? 'losing' : 'look', 'device')],
    ),
    streams,
    state: {
      state: isPaused ? 'paused' : 'streaming',
      message: '',
      nextStep: '',
      code: '',
      device: `${label} device`,
      candidates: [],
      ...state,
    },
  };
}

const unplugged = {
  state: 'error',
  message: 'The camera was disconnected.',
  nextStep: 'Plug it in again.',
  code: 'device.lost',
} as const;
const channels = [
  { name: 'light', unit: 'lx', type: 'number' },
  { name: 'temperature', unit: '°C', type: 'number' },
];

function sources(): SourceHealth[] {
  if (SCENE === 'sensors') return sensorHealth();
  return [
    source('cam-front', 'camera', 'Front', 'Blackboard', [stream('cam-front', 'video', 29.9)]),
    source(
      'cam-back',
      'camera',
      'Back',
      'Back wall',
      [stream('cam-back', 'video', alarm ? 0 : 30, alarm ? { ageMs: 14_200, gaps: 1, missing: 212 } : {})],
      alarm ? unplugged : {},
    ),
    source('cam-table', 'camera', 'Table 3', 'Table 3, left', [
      stream('cam-table', 'video', 30, alarm ? { ageMs: 6200 } : {}),
    ]),
    source('mic-1', 'microphone', 'Table 1', 'Table 1', [stream('mic-1', 'audio', 50)]),
    source(
      'mic-2',
      'microphone',
      'Table 2',
      'Table 2',
      [stream('mic-2', 'audio', 50)],
      alarm ? { state: 'silent', message: 'No sound at all.', nextStep: 'Check its switch and its cable.' } : {},
    ),
    source(
      'light',
      'serial',
      'Light sensor',
      'Window',
      [stream('light', 'samples', 20, { channels, nominalRateHz: 20 })],
      SCENE === 'loss'
        ? {
            state: 'error',
            message: 'The sensor was disconnected.',
            nextStep: 'Plug it in again.',
            code: 'device.lost',
          }
        : {},
    ),
  ];
}

const trials = (): SourceHealth[] =>
  tried.map(({ id, kind, label }) => source(id, kind, label, '', [stream(id, STREAM_KIND[kind] ?? 'samples', 10)]));

function state(): ApplianceState {
  const folder = `${dataFolder}/demo/20261122-091500-k3f9`;
  return {
    version: '0.1.0',
    dataFolder,
    disk: { freeBytes: 212e9, bytesPerSecond: session ? 1.1e6 : 0, minutesLeft: session ? (alarm ? 8 : 3210) : null },
    processor: { cores: 8, busy: SCENE === 'loss' ? 0.97 : 0.31 },
    kit: kit ? { name: 'Demo classroom', study: 'demo', path: null, revision: 1 } : null,
    session: session
      ? {
          id: '20261122-091500-k3f9',
          study: 'demo',
          name: '',
          folder,
          state: session,
          startedAtMs,
          elapsedNs: String(Math.round(seconds() * 1e9)),
          bytes: Math.round(seconds() * 1.1e6),
          key: 'AAAAAAAAAAAAAAAA',
          stopsInMs: SCENE === 'recording' ? Math.max(0, 45 * 60_000 - seconds() * 1000) : null,
        }
      : null,
    afterCrash,
    sealing: [],
    sources: kit ? sources() : [],
    found: found(),
    publishers: [],
    clocks: [],
    live: {
      state: alarm ? 'restarting' : 'running',
      message: alarm ? 'The LiveKit server ended unexpectedly and is being restarted.' : '',
      nextStep: '',
      url: 'ws://127.0.0.1:7880',
      room: 'demo',
      restarts: 0,
      participants: alarm
        ? []
        : [
            {
              identity: 'fieldroom',
              name: '',
              state: 'active',
              tracks: sources().map(({ id }) => ({ name: id, sid: id, kind: 'video', muted: false })),
            },
          ],
    },
    trials: trials(),
    uploads: alarm ? { failed: 2, keys: 1 } : { failed: 0, keys: 0 },
    notices: alarm
      ? [
          {
            level: 'error',
            code: 'data.low',
            message: 'The disk has room for 8 more minutes of this recording.',
            nextStep: 'Free some space, or choose a data folder on another disk for the next session.',
          },
          {
            level: 'warn',
            code: 'power.battery',
            message: 'The laptop is running on battery.',
            nextStep: 'Plug it in.',
          },
        ]
      : afterCrash
        ? [
            {
              level: 'warn',
              code: 'session.resumed',
              message: 'The recorder was restarted at 9:27:31 AM and continues this session.',
              nextStep: 'Missing data is recorded as gaps. Press Stop if the lesson is over.',
            },
          ]
        : [],
  };
}

/** The kit that the sources above would come from. */
const wholeKit = (): unknown => ({
  version: 1,
  name: 'Demo classroom',
  study: 'demo',
  live: 'on',
  sources:
    SCENE === 'sensors'
      ? sensorKit()
      : sources().map(({ id, kind, label, place }) =>
          sourceSchema.parse({ id, kind, label, place, ...(kind === 'serial' ? { driver: 'lines' } : {}) }),
        ),
});

const found = (): FoundDevice[] =>
  SCENE === 'empty'
    ? []
    : [
        ...sources().map(({ id, kind, label, state: { device } }) => ({
          kind: kind as FoundDevice['kind'],
          // A serial device is identified by its port: that port is listened to.
          key: SCENE === 'sensors' ? device : id,
          label,
          match: { label },
          drivers: [],
          source: id,
        })),
        {
          kind: 'camera' as const,
          key: 'new',
          label: 'USB2.0 HD Camera (1 of 2)',
          match: { label: 'USB2.0 HD Camera', path: '#1' },
          drivers: [],
          source: null,
        },
        {
          kind: 'serial' as const,
          key: '/dev/ttyACM0',
          label: 'ANT+ stick (ANTUSB-m), 0142',
          match: { serialNumber: '0142' },
          drivers: ['ant-heart-rate'],
          source: null,
        },
      ];

const STUDY = {
  version: 1,
  id: 'demo',
  name: 'Demo',
  participants: [1, 2, 3, 4, 5, 6].map((n) => ({ id: `P0${n}`, group: n < 4 ? 'A' : 'B', table: String(1 + (n % 3)) })),
  absent: null,
  codes: ['Question', 'Answer', 'Group work', '', '', '', '', '', ''],
  codeKinds: ['point', 'point', 'interval'],
  fields: [
    { name: 'Condition', choices: ['A', 'B'] },
    { name: 'Teacher', choices: [] },
  ],
};

const clients = new Set<WebSocket>();
let firstClientMs = Number.POSITIVE_INFINITY;
const push = (event: DoorEvent): void => {
  for (const client of clients) client.send(JSON.stringify(event));
};

const answers: Record<string, (input: Record<string, unknown>) => unknown> = {
  'state.get': () => state(),
  'kit.load': () => {
    kit = true;
    return { ok: true };
  },
  'kit.get': () => (kit ? { kit: wholeKit(), path: null, revision: 1, canUndo: false } : null),
  'kit.edit': () => ({ kit: wholeKit(), path: null, revision: 2, canUndo: true }),
  'kit.undo': () => ({ kit: wholeKit(), path: null, revision: 3, canUndo: false }),
  'kit.save': () => {
    kit = true;
    return { path: `${dataFolder}/.fieldroom/kits/demo.json`, revision: 2 };
  },
  'studies.list': () => ['demo', 'physics-7b'],
  'study.get': () => STUDY,
  'study.save': () => ({ ok: true }),
  'devices.try': ({ sources: wanted }) => {
    tried = wanted as Source[];
    return { ok: true };
  },
  'devices.drivers': () => drivers.map(describeDriver),
  'devices.listen': ({ path }) => heardAt(String(path)),
  'kits.list': () => [
    { name: 'Demo classroom', path: '/kits/demo.json', sources: 6, changedAtMs: 0, trouble: null },
    { name: 'Room 12', path: '/kits/room-12.json', sources: 14, changedAtMs: 0, trouble: null },
    {
      name: 'Lab',
      path: '/kits/lab.json',
      sources: 0,
      changedAtMs: 0,
      trouble: {
        code: 'kit.newer',
        message: 'The kit lab.json was made by a newer Fieldroom (kit version 9; this one reads version 1).',
        nextStep: 'Update Fieldroom, or export the kit for this version.',
      },
    },
  ],
  'exports.list': () => ({ jobs: [] }),
  'sessions.report': () => ({
    html: '<html><head><style>h1 { color: teal }</style></head><body><h1>Timing of Pendulum</h1><p>±3 ms between the cameras.</p></body></html>',
  }),
  'sessions.describe': () => ({ ok: true }),
  'session.stopAfter': () => ({ ok: true }),
  'sessions.list': () => ({ sessions: sessionsOf(SCENE).sessions }),
  ...uploadAnswers(SCENE),
  'trash.list': () => ({ sessions: sessionsOf(SCENE).trash }),
  'session.start': () => {
    session = 'recording';
    startedAtMs = Date.now();
    return state().session;
  },
  'session.pause': () => {
    session = 'paused';
    return state().session;
  },
  'session.resume': () => {
    session = 'recording';
    return state().session;
  },
  'session.stop': () => {
    const last = state().session;
    session = null;
    return last && { ...last, state: 'sealing' };
  },
  'session.afterCrash': ({ choice }) => {
    if (choice === 'go-on') afterCrash = null;
    else if (afterCrash) afterCrash = { ...afterCrash, endsInMs: choice === 'undo' ? null : 8400 };
    return { ok: true };
  },
  'session.sealed': (input) => ({
    id: input.id,
    study: 'demo',
    state: 'sealed',
    folder: dataFolder,
    durationNs: '754000000000',
    bytes: 831e6,
    streams: [],
  }),
  'source.pause': (input) => {
    if (input.paused) paused.add(String(input.source));
    else paused.delete(String(input.source));
    return { ok: true };
  },
  'marker.add': () => ({ atNs: String(Math.round(seconds() * 1e9)) }),
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const headers = {
    'access-control-allow-origin': 'app://fieldroom',
    'access-control-allow-headers': 'authorization, content-type',
    'content-type': 'application/json',
  };
  if (request.method === 'OPTIONS') return void response.writeHead(204, headers).end();
  const asked = new URL(request.url ?? '', `http://${request.headers.host}`);
  if (asked.pathname === '/v1/health') {
    const [token, nonce] = [asked.searchParams.get('token') ?? '', asked.searchParams.get('nonce') ?? ''];
    const proof = await proofOf(token, nonce, asked.port);
    return void response.writeHead(200, headers).end(JSON.stringify({ ok: true, proof }));
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const work = answers[request.url?.replace('/v1/call/', '') ?? ''];
  const body = work?.(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>) ?? {
    error: { code: 'door.unknown-call', message: 'The fake engine does not know this call.' },
  };
  response.writeHead(work ? 200 : 404, headers).end(JSON.stringify(body));
  push({ type: 'state', state: state() });
}

/** No two frames of a camera are the same: bytes after the end of a JPEG are ignored. */
const picture = (): string =>
  Buffer.concat([Buffer.from(JPEG, 'base64'), Buffer.from(String(Date.now()))]).toString('base64');

const isSeen = ({ kind, state: { state: is } }: SourceHealth): boolean => kind === 'camera' && is === 'streaming';

function move(): void {
  if (SCENE === 'sensors') for (const samples of sensorRows()) push({ type: 'samples', ...samples });
  for (const { id } of [...sources(), ...trials()].filter(isSeen))
    push({ type: 'preview', source: id, jpeg: picture(), width: 64, height: 36 });
  push({ type: 'level', source: 'mic-1', peak: 0.05 + 0.2 * Math.abs(Math.sin(Date.now() / 700)) });
  if (!alarm) push({ type: 'level', source: 'mic-2', peak: 0.3 * Math.abs(Math.sin(Date.now() / 450)) });
  // Unplugged a moment after the window has seen it.
  if (SCENE === 'loss' && performance.now() - firstClientMs > 2000) return;
  push({
    type: 'samples',
    stream: 'light',
    rows: [0, 50].map((ms) => [(Date.now() + ms) / 1000, 340 + 40 * Math.sin(Date.now() / 900), 21.4]),
  });
}

createInterface({ input: process.stdin })
  .once('line', (line) => {
    const hello = JSON.parse(line) as { dataFolder: string; port?: number };
    dataFolder = hello.dataFolder;
    const server = createServer((request, response) => void answer(request, response));
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'fieldroom' });
    server.on('upgrade', (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (client) => {
        if (!request.url?.startsWith('/v1/events')) return client.close();
        clients.add(client);
        firstClientMs = Math.min(firstClientMs, performance.now());
        client.on('close', () => clients.delete(client));
        client.send(JSON.stringify({ type: 'state', state: state() }));
      }),
    );
    server.listen(hello.port ?? 0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      process.stdout.write(
        `${JSON.stringify({ type: 'ready', url: `http://127.0.0.1:${port}`, tokens: { operator: 'o', capture: 'c' }, pid: process.pid })}\n`,
      );
    });
    setInterval(() => push({ type: 'state', state: state() }), 1000);
    setInterval(() => kit && move(), 100);
  })
  .once('close', () => process.exit(0));
