/** A publisher's encoded frames are a track in the live room that foreign clients decode, in and outside of a session. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { dispose, type RemoteTrack, Room, RoomEvent, TrackKind, VideoStream } from '@livekit/rtc-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { crc32 } from '../../electron/common/crc32.ts';
import type { EngineMessage } from '../../electron/common/ingest.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import type { PublishedStream } from '../../electron/common/publisher/publishedStream.ts';
import type { Stream } from '../../electron/common/stream.ts';
import { type TestEngine, testEngine } from '../fixtures/engine.ts';
import { testPublisher, untilConnected } from '../fixtures/publisher.ts';
import { waitFor } from '../fixtures/wait.ts';
import { realServer } from './livekitHelp.ts';

const [WIDTH, HEIGHT, RATE_HZ, GROUP] = [320, 240, 15, 15];
const FRAME_NS = Math.round(1e9 / RATE_HZ);
const camera: Stream = {
  kind: 'video',
  id: 'camera',
  source: 'camera',
  label: 'Front',
  place: 'Blackboard',
  simulated: true,
  facts: {},
  config: { codec: 'avc1.42c01e', codedWidth: WIDTH, codedHeight: HEIGHT },
};

let test: TestEngine;
let stream: PublishedStream;
let timer: NodeJS.Timeout;
const told: EngineMessage[] = [];
const room = new Room();
let [frames, width] = [0, 0];

/** Moving video as H.264 access units, a key frame each second. */
async function accessUnits(): Promise<Uint8Array[]> {
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${WIDTH}x${HEIGHT}:rate=${RATE_HZ}`, '-t', '4'],
      ...['-c:v', 'libx264', '-profile:v', 'baseline', '-g', String(GROUP), '-bf', '0', '-tune', 'zerolatency'],
      ...['-bsf:v', 'h264_metadata=aud=insert', '-f', 'h264', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
  );
  const delimiter = Buffer.from([0, 0, 0, 1, 9]);
  const starts: number[] = [];
  for (let at = stdout.indexOf(delimiter); at >= 0; at = stdout.indexOf(delimiter, at + 1)) starts.push(at);
  return starts.map((start, i) => new Uint8Array(stdout.subarray(start, starts[i + 1])));
}

beforeAll(async () => {
  const bridge = process.env.FIELDROOM_BRIDGE ?? '';
  if (!existsSync(bridge)) throw new Error('FIELDROOM_BRIDGE must name the bridge: run the tests through npm test');
  test = await testEngine({ livekitServer: realServer(), bridge });
  const kit = kitSchema.parse({ name: 'Live', sources: [{ id: 'camera', kind: 'camera', label: 'Front' }] });
  await test.door.call('kit.load', { kit, path: null });
  const { publisher, now } = testPublisher(test.address('capture'), { onMessage: (message) => told.push(message) });
  await untilConnected(publisher);
  stream = publisher.declare(camera);
  publisher.report({
    ...{ source: 'camera', state: 'streaming', message: '', nextStep: '', code: '', device: 'test', candidates: [] },
  } as const);
  const units = await accessUnits();
  let n = 0;
  timer = setInterval(() => {
    const data = units[n % units.length] as Uint8Array;
    const packet = { publisherNs: now(), deviceNs: n * FRAME_NS, durationNs: FRAME_NS, key: n % GROUP === 0, data };
    if (!stream.packet(packet)) stream.showLive({ ...packet, crc32: crc32(data) });
    n += 1;
  }, 1000 / RATE_HZ);
  await waitFor(
    'the room is open',
    async () => (await test.door.call('state.get', {})).live.state === 'running',
    30_000,
  );
  const { url, token } = await test.door.call('token.create', { identity: 'dashboard' });
  room.on(RoomEvent.TrackSubscribed, async (track: RemoteTrack) => {
    if (track.kind !== TrackKind.KIND_VIDEO) return;
    for await (const { frame } of new VideoStream(track)) [frames, width] = [frames + 1, frame.width];
  });
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
}, 60_000);

afterAll(async () => {
  clearInterval(timer);
  await room.disconnect();
  await test?.[Symbol.asyncDispose]();
  await dispose();
}, 60_000);

const attribute = (name: string): Record<string, unknown> =>
  JSON.parse(room.remoteParticipants.get('appliance')?.attributes[name] ?? '{}');
const moves = async (what: string): Promise<void> => {
  const before = frames;
  await waitFor(what, () => frames >= before + 20, 30_000);
};

it('before Record a foreign client decodes it at its full size, and nothing is recorded', async () => {
  await moves('pictures before Record');
  expect(width).toBe(WIDTH);
  expect(attribute('camera')).toMatchObject({ kind: 'camera', label: 'Front', state: 'streaming', reason: '' });
  expect(attribute('fieldroom')).toMatchObject({ session: null, state: 'idle' });
  // A new viewer needs a key frame: the publisher was asked for one.
  expect(told).toContainEqual({ type: 'keyFrame', stream: 'camera' });
});

it('in a session the recorded packets are shown; a pause is silence with its reason', async () => {
  const { id } = await test.door.call('session.start', {});
  await moves('pictures in the session');
  await waitFor('the session is announced', () => attribute('fieldroom').session === id);
  expect(attribute('fieldroom').zeroUnixMs).toBeTypeOf('number');
  await test.door.call('source.pause', { source: 'camera', paused: true });
  await waitFor(
    'the reason is published',
    () => attribute('camera').state === 'paused' && attribute('camera').reason !== '',
  );
  const track = [...(room.remoteParticipants.get('appliance')?.trackPublications.values() ?? [])][0];
  await waitFor('it is muted', () => track?.muted === true);
  await test.door.call('source.pause', { source: 'camera', paused: false });
  await moves('pictures after the pause');
});

it('the bridge is killed: the video returns, and the recording has no gap', async () => {
  const health = async () =>
    (await test.door.call('state.get', {})).sources.find(({ id }) => id === 'camera')?.streams[0];
  const count = async (): Promise<number> => (await health())?.count ?? 0;
  const before = await count();
  // A packet on its way when the pause before began is missing already.
  const missing = (await health())?.missing;
  process.kill(test.engine.live.bridgePid ?? 0, 'SIGKILL');
  await moves('pictures of the next bridge');
  await waitFor('the recording continued', async () => (await count()) > before + 20);
  expect((await health())?.missing).toBe(missing);
  await test.door.call('session.stop', {});
});
