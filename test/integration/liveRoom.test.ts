/** A foreign participant of the room: what it sends is a stream of the session, whole, or with gaps for what is missing. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  AudioFrame,
  AudioSource,
  dispose,
  LocalAudioTrack,
  LocalVideoTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApplianceState } from '../../electron/common/applianceState.ts';
import type { SessionSummary } from '../../electron/common/sessionSummary.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { sensorKit, type TestEngine, testEngine } from '../fixtures/engine.ts';
import { SessionIndex } from '../fixtures/sessionIndex.ts';
import { waitFor } from '../fixtures/wait.ts';
import { realServer } from './livekitHelp.ts';

const RATE_HZ = 48_000;
const [WIDTH, HEIGHT] = [320, 240];
const VIDEO = 'room-p07-picture';
const AUDIO = 'room-p07-voice';
const WORDS = 'room-p07-messages';
const TALK = 'room-meter-messages';
let test: TestEngine;
let summary: SessionSummary;
let index: SessionIndex;
let during: ApplianceState;
const room = new Room();
let sending = true;

const bridge = process.env.FIELDROOM_BRIDGE ?? '';

beforeAll(async () => {
  if (!existsSync(bridge)) throw new Error('FIELDROOM_BRIDGE must name the bridge: run the tests through npm test');
  test = await testEngine({ livekitServer: realServer(), bridge });
  const { door } = test;
  await door.call('kit.load', { kit: sensorKit('light'), path: null });
  await waitFor('the room is open', async () => (await door.call('state.get', {})).live.state === 'running', 30_000);
  const session = await door.call('session.start', {});
  const { url, token } = await door.call('token.create', { identity: 'P07', publish: true });
  await room.connect(url, token, { autoSubscribe: false, dynacast: false });
  await Promise.all([publishPicture(), publishVoice()]);
  await room.localParticipant?.sendText('What do the bees do?', { topic: 'questions' });
  await waitFor('both tracks are recorded', async () => counts(await state()).every((count) => count >= 60), 30_000);
  during = await waitFor('the operator sees it', async () => {
    const now = await state();
    const own = now.live.participants.find(({ identity }) => identity === 'P07');
    return own?.tracks.length === 2 && own.tracks.every(({ recorded }) => recorded === 'recorded') ? now : null;
  });
  const example = startExample(await door.call('token.create', { identity: 'meter', publish: true }));
  try {
    await waitFor(
      'the example of the documentation reports',
      async () => (countOf(await state(), TALK) ?? 0) >= 2,
      30_000,
    );
  } finally {
    example.kill();
  }
  const before = counts(await state());
  process.kill(bridgePid(), 'SIGKILL');
  await waitFor(
    'both are recorded again',
    async () => counts(await state()).every((count, i) => count >= (before[i] ?? 0) + 60),
    30_000,
  );
  await room.localParticipant?.sendText('x'.repeat(200_000), { topic: 'flood' });
  await waitFor('the long text has arrived', async () => (countOf(await state(), WORDS) ?? 0) >= 2, 20_000);
  sending = false;
  const stopped = await door.call('session.stop', {});
  summary = await door.call('session.sealed', { id: stopped.id });
  expect(stopped.id).toBe(session.id);
  index = new SessionIndex(summary.folder);
}, 120_000);

afterAll(async () => {
  sending = false;
  index?.[Symbol.dispose]();
  await room.disconnect();
  await test?.[Symbol.asyncDispose]();
  await dispose();
}, 60_000);

const state = (): Promise<ApplianceState> => test.door.call('state.get', {});
const countOf = ({ sources }: ApplianceState, stream: string): number | undefined =>
  sources.flatMap(({ streams }) => streams).find(({ id }) => id === stream)?.count;
const counts = (now: ApplianceState): number[] => [VIDEO, AUDIO].map((stream) => countOf(now, stream) ?? 0);
const bridgePid = (): number => test.engine.live.bridgePid ?? 0;

/** The program in docs/live.md, exactly as printed there. */
function startExample({ url, token }: { url: string; token: string }): ChildProcess {
  const page = readFileSync(new URL('../../docs/live.md', import.meta.url), 'utf8');
  const code = /```ts\n(.*?)```/s.exec(page)?.[1] ?? '';
  return spawn(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    cwd: new URL('../..', import.meta.url),
    env: { ...process.env, LIVEKIT_URL: url, LIVEKIT_TOKEN: token },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function publishPicture(): Promise<void> {
  const source = new VideoSource(WIDTH, HEIGHT);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_CAMERA, simulcast: false });
  await room.localParticipant?.publishTrack(LocalVideoTrack.createVideoTrack('picture', source), options);
  let n = 0;
  const timer = setInterval(() => {
    if (!sending) return clearInterval(timer);
    n += 1;
    const pixels = new Uint8Array(WIDTH * HEIGHT * 4).fill((n * 3) % 256);
    source.captureFrame(new VideoFrame(pixels, WIDTH, HEIGHT, VideoBufferType.RGBA));
  }, 50);
}

async function publishVoice(): Promise<void> {
  const source = new AudioSource(RATE_HZ, 1);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, red: false, dtx: false });
  await room.localParticipant?.publishTrack(LocalAudioTrack.createAudioTrack('voice', source), options);
  void (async () => {
    for (let n = 0; sending; n += 1) {
      const at = (i: number): number => (n * RATE_HZ) / 100 + i;
      const tone = Int16Array.from(
        { length: RATE_HZ / 100 },
        (_, i) => 12_000 * Math.sin((2 * Math.PI * 440 * at(i)) / RATE_HZ),
      );
      await source.captureFrame(new AudioFrame(tone, RATE_HZ, 1, tone.length));
    }
  })();
}

it('the operator sees the participant, and that it is being recorded', () => {
  const own = during.live.participants.find(({ identity }) => identity === 'P07');
  expect(own?.tracks.map(({ name, recorded, reason }) => [name, recorded, reason]).sort()).toEqual([
    ['picture', 'recorded', ''],
    ['voice', 'recorded', ''],
  ]);
  expect(during.sources.find(({ id }) => id === VIDEO)?.state.state).toBe('streaming');
});

it('every file decodes to its end, with as many frames as the index has', async () => {
  for (const id of [VIDEO, AUDIO]) {
    const stream = summary.streams.find((one) => one.id === id);
    let frames = 0;
    for (const file of stream?.files ?? []) {
      const { stdout, stderr } = await promisify(execFile)('ffprobe', [
        ...['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0'],
        join(summary.folder, file),
      ]);
      expect(stderr).toBe('');
      frames += Number(stdout.trim().replace(/,$/, ''));
    }
    expect(frames).toBe(index.packets(id).length);
    expect(frames).toBeGreaterThanOrEqual(120);
  }
});

it('the sound is the tone that was played', async () => {
  const file = summary.streams.find(({ id }) => id === AUDIO)?.files[0] ?? '';
  const { stderr } = await promisify(execFile)('ffmpeg', [
    ...['-hide_banner', '-i', join(summary.folder, file), '-af', 'bandpass=f=440:w=50,volumedetect', '-f', 'null', '-'],
  ]);
  expect(Number(/mean_volume: (-?[\d.]+) dB/.exec(stderr)?.[1])).toBeGreaterThan(-20);
});

it('a crash of the bridge is a gap of each track, with its cause', () => {
  for (const stream of [VIDEO, AUDIO]) {
    const lost = index.gaps().filter((gap) => gap.stream === stream && gap.cause === 'bridge-lost');
    expect(lost).toHaveLength(1);
    const { from_session_ns: from, to_session_ns: to } = lost[0] ?? {};
    expect(Number(to) - Number(from)).toBeGreaterThan(0);
  }
});

it('texts are samples; a text that is too long is truncated and marked', () => {
  const rows = index.values(WORDS);
  expect(rows[0]).toEqual(['questions', 'What do the bees do?', 0, 0]);
  expect(rows[1]).toEqual(['flood', 'x'.repeat(65_536), 0, 1]);
});

it("the documentation's example receives the voice, and what it writes is recorded", () => {
  const rows = index.values(TALK).map(([topic, text]) => ({ topic, said: JSON.parse(String(text)) }));
  expect(new Set(rows.map(({ topic }) => topic))).toEqual(new Set(['talk-time']));
  expect(rows.at(-1)?.said['P07/voice']).toBeGreaterThan(0);
});

it('the sealed session is whole, and no secret is in the log', async () => {
  expect((await verifySession(summary.folder)).findings).toEqual([]);
  const log = join(test.dataFolder, '.fieldroom', 'logs', 'bridge.log');
  if (existsSync(log)) expect(readFileSync(log, 'utf8')).not.toMatch(/eyJ[\w-]+\./);
});
