/**
 * LiveKit clients without any of our code receive the whole classroom (video, sound, data), also after the SFU was
 * killed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AudioStream, dispose, type RemoteTrack, Room, RoomEvent, TrackKind, VideoStream } from '@livekit/rtc-node';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmulatedKit, startEmulators } from '../../devices/emulate.ts';
import { type Appliance, startAppliance } from '../../electron/cli/appliance.ts';
import type { SessionState } from '../../electron/common/applianceState.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { waitFor } from '../fixtures/wait.ts';
import { type ForeignPage, openForeignPage } from './fixtures/foreignPage.ts';

const CAMERAS = ['camera-a', 'camera-b'];
const SMALL = { width: 640, height: 480, frameRate: 15 };
const MICROPHONES = ['mic-a', 'mic-b'];
const folder = mkdtempSync(join(tmpdir(), 'fieldroom-foreign-'));
let emulators: EmulatedKit;
let appliance: Appliance;
let page: ForeignPage;
let session: SessionState;

beforeAll(async () => {
  const kit = kitSchema.parse({
    name: 'Seen from outside',
    live: 'on',
    sources: [
      {
        id: 'camera-a',
        kind: 'camera',
        label: 'Front',
        place: 'Blackboard',
        participant: 'P01',
        match: { label: 'fake_device_0' },
        settings: SMALL,
      },
      { id: 'camera-b', kind: 'camera', match: { label: 'fake_device_2' }, settings: SMALL },
      { id: 'mic-a', kind: 'microphone', match: { label: 'Fake Audio Input 1' } },
      { id: 'mic-b', kind: 'microphone', match: { label: 'Fake Audio Input 2' } },
      {
        id: 'light',
        kind: 'serial',
        driver: 'lines',
        label: 'Light',
        place: 'Window',
        match: { path: 'emulator:lines' },
      },
    ],
  });
  emulators = await startEmulators(kit);
  const switches = '--use-fake-device-for-media-stream=device-count=3,fps=30 --use-fake-ui-for-media-stream';
  appliance = await startAppliance({
    dataFolder: join(folder, 'data'),
    hidden: true,
    env: { FIELDROOM_CHROMIUM_SWITCHES: switches },
  });
  await appliance.door.call('kit.load', { kit: emulators.kit, path: null });
  await waitFor(
    'every source streams',
    async () => (await appliance.door.call('state.get', {})).sources.every(({ state }) => state.state === 'streaming'),
    60_000,
  );
  session = await appliance.door.call('session.start', {});
  await waitFor(
    'the SFU runs',
    async () => (await appliance.door.call('state.get', {})).live.state === 'running',
    30_000,
  );
  page = await openForeignPage();
}, 180_000);

afterAll(async () => {
  await page?.close();
  // While a session is being recorded the engine outlives its app.
  await appliance?.door.call('session.stop', {}).catch(() => undefined);
  await appliance?.stop();
  await emulators?.stop();
  await dispose();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

it('a livekit-client page receives every camera, every microphone and the sensor', async () => {
  await page.join(await appliance.door.call('token.create', { identity: 'dashboard' }));
  await waitFor(
    '100 moving pictures of every camera',
    async () => Object.values(pick((await page.seen()).pictures, CAMERAS)).every((count) => count >= 100),
    90_000,
  );
  await waitFor(
    'sound of every microphone',
    async () => Object.values(pick((await page.seen()).loudness, MICROPHONES)).every((peak) => peak > 0.05),
    30_000,
  );
  const seen = await waitFor(
    '20 messages of the sensor',
    async () => {
      const now = await page.seen();
      return (now.messages.light?.length ?? 0) >= 20 ? now : null;
    },
    30_000,
  );
  // At the size at which they are recorded.
  for (const camera of CAMERAS) expect(seen.sizes[camera]).toBe('640x480');
  const about = JSON.parse(seen.attributes['camera-a'] ?? '{}') as object;
  expect(about).toEqual({
    kind: 'camera',
    label: 'Front',
    place: 'Blackboard',
    participant: 'P01',
    simulated: false,
    state: 'streaming',
    reason: '',
  });
  expect(JSON.parse(seen.attributes.fieldroom ?? '{}')).toMatchObject({ session: session.id, state: 'recording' });
  const light = JSON.parse(seen.attributes.light ?? '{}') as { channels: { name: string; unit: string }[] };
  const last = seen.messages.light?.at(-1);
  const message = JSON.parse(last?.payload ?? '{}') as { t: number[]; v: unknown[][] };
  expect(light.channels.length).toBeGreaterThan(0);
  expect(message.v[0]).toHaveLength(light.channels.length);
  expect(Number(last?.userTimestamp) / 1e6).toBeCloseTo(message.t.at(-1) as number, 5);
});

it('a participant in Node receives them too', async () => {
  const { url, token } = await appliance.door.call('token.create', { identity: 'agent' });
  const room = new Room();
  const frames: Record<string, number> = {};
  const loud: Record<string, number> = {};
  room.on(RoomEvent.TrackSubscribed, async (track: RemoteTrack, publication) => {
    const name = publication.name ?? '';
    if (track.kind === TrackKind.KIND_VIDEO)
      for await (const _ of new VideoStream(track)) frames[name] = (frames[name] ?? 0) + 1;
    else
      for await (const frame of new AudioStream(track, 48_000, 1))
        if (frame.data.some((sample) => Math.abs(sample) > 1500)) loud[name] = (loud[name] ?? 0) + 1;
  });
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  await waitFor('pictures in Node', () => Object.values(pick(frames, CAMERAS)).every((count) => count >= 30), 60_000);
  await waitFor('sound in Node', () => Object.values(pick(loud, MICROPHONES)).every((count) => count >= 3), 30_000);
  await room.disconnect();
});

it('a paused camera goes dark for them, and nothing of it is recorded during the pause', async () => {
  await appliance.door.call('source.pause', { source: 'camera-b', paused: true });
  await waitFor('it is muted', async () => (await page.seen()).muted['camera-b'] === true, 10_000);
  const recorded = async (): Promise<number> =>
    (await appliance.door.call('state.get', {})).sources.find(({ id }) => id === 'camera-b')?.streams[0]?.count ?? 0;
  const pictures = async (): Promise<number> => (await page.seen()).pictures['camera-b'] ?? 0;
  // The reason is published where a client can read it.
  await waitFor(
    'it says why',
    async () => {
      const { state, reason } = JSON.parse((await page.seen()).attributes['camera-b'] ?? '{}');
      return state === 'paused' && reason !== '';
    },
    10_000,
  );
  // Data captured before the pause reaches the disk within half a second.
  await new Promise((done) => setTimeout(done, 1500));
  const [before, picturesBefore] = [await recorded(), await pictures()];
  await new Promise((done) => setTimeout(done, 1500));
  expect(await recorded()).toBe(before);
  expect(await pictures()).toBe(picturesBefore);
  await appliance.door.call('source.pause', { source: 'camera-b', paused: false });
  await waitFor(
    'it is back',
    async () =>
      (await page.seen()).muted['camera-b'] === false &&
      (await recorded()) > before &&
      (await pictures()) > picturesBefore + 10,
    15_000,
  );
});

it('the SFU is killed in mid-recording: the live tracks return automatically, and not one packet is missing', async () => {
  const before = await page.seen();
  process.kill(pidOf('livekit-server', appliance.pid), 'SIGKILL');
  await waitFor(
    'the cameras move again',
    async () =>
      Object.entries(pick((await page.seen()).pictures, CAMERAS)).every(
        ([name, count]) => count > (before.pictures[name] ?? 0) + 10,
      ),
    90_000,
  );
  // An existing client uses its own reconnect, which in livekit-client 2.23 leaves data tracks silent: a new client reads.
  const late = await openForeignPage();
  try {
    await late.join(await appliance.door.call('token.create', { identity: 'late' }));
    await waitFor(
      'the sensor is read again',
      async () => ((await late.seen()).messages.light?.length ?? 0) > 5,
      30_000,
    );
  } finally {
    await late.close();
  }
  const stopped = await appliance.door.call('session.stop', {});
  const summary = await appliance.door.call('session.sealed', { id: stopped.id });
  expect(stopped.id).toBe(session.id);
  const index = new Database(join(summary.folder, 'session.sqlite'), { readonly: true });
  try {
    // Losses on a busy machine are in gaps; the SFU's crash leaves no trace.
    const gaps = index.prepare('SELECT DISTINCT cause FROM timed_gap').pluck().all();
    for (const cause of gaps) expect(['frames-lost', 'queue-full', 'encoder-dropped', 'paused']).toContain(cause);
    expect(index.prepare('SELECT coalesce(sum(missing_seqs), 0) FROM timed_gap').pluck().get()).toBe(0);
  } finally {
    index.close();
  }
});

const pick = (from: Record<string, number>, names: string[]): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, from[name] ?? 0]));

/** One of our processes by name, among the descendants of the app. */
function pidOf(name: string, ancestor: number): number {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const parents = new Map(rows.map(([pid, ppid]) => [Number(pid), Number(ppid)]));
  const descends = (pid: number): boolean => pid === ancestor || (pid > 1 && descends(parents.get(pid) ?? 0));
  const found = rows.find(([pid, , comm]) => comm?.startsWith(name.slice(0, 15)) && descends(Number(pid)));
  if (!found) throw new Error(`no process ${name} below ${ancestor}`);
  return Number(found[0]);
}
