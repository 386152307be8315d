/**
 * kill -9 of livekit-server in mid-recording, twice: the recording is unaffected, and the live tracks return
 * automatically.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApplianceState } from '../../electron/common/applianceState.ts';
import type { SessionSummary } from '../../electron/common/sessionSummary.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { ALL_LIVE, allStream, liveTracks, safe, smallKit, TestPlace, untilState } from '../fixtures/appliance.ts';
import { countsUp, type GapRow, SessionIndex } from '../fixtures/sessionIndex.ts';
import { HEIGHT, readCounters, WIDTH, writeCounterVideo } from './fixtures/counterVideo.ts';
import { decodeGrey } from './fixtures/decode.ts';

/** Longer than the test runs: at its end Chromium starts over and shows the first frame twice. */
const PICTURES = 4500;
let place: TestPlace;
let summary: SessionSummary;
let index: SessionIndex;
let gaps: GapRow[];
let truth: string[];
/** For each restart: milliseconds from the kill until all tracks were back. */
const backAfterMs: number[] = [];
const restarts: number[] = [];

beforeAll(async () => {
  place = new TestPlace();
  const video = join(place.folder, 'counter.y4m');
  writeCounterVideo(video, PICTURES);
  const emulated = await place.emulate(
    smallKit({
      live: 'on',
      sources: [
        { id: 'camera', kind: 'camera', settings: { width: WIDTH, height: HEIGHT, frameRate: 30 } },
        { id: 'mic', kind: 'microphone' },
        { id: 'light', kind: 'serial', driver: 'lines', match: { path: 'emulator:lines?rate=100' } },
      ],
    }),
  );
  const appliance = await place.appliance({
    FIELDROOM_CHROMIUM_SWITCHES: `--use-fake-device-for-media-stream --use-fake-ui-for-media-stream --use-file-for-fake-video-capture=${video}`,
  });
  const { door } = appliance;
  await door.call('kit.load', { kit: emulated.kit, path: null });
  const live = (state: ApplianceState): boolean => JSON.stringify(liveTracks(state)) === JSON.stringify(ALL_LIVE);
  await untilState(door, 'every source delivers and is live', (state) => allStream(state) && live(state));
  await door.call('session.start', {});
  let state = await untilState(door, 'every stream is safe on disk', safe(50));
  for (const kill of [1, 2]) {
    const sids = sidsOf(state);
    process.kill(place.process('livekit').pid, 'SIGKILL');
    const killedMs = performance.now();
    // New ids: these are not the tracks of the killed server.
    state = await untilState(
      door,
      `all tracks are back after kill ${kill}`,
      (now) => now.live.restarts >= kill && live(now) && sidsOf(now).every((sid) => !sids.includes(sid)),
    );
    backAfterMs.push(performance.now() - killedMs);
    restarts.push(state.live.restarts);
    expect(state.session?.state).toBe('recording');
    expect(state.sources.map((source) => source.state.state)).toEqual(['streaming', 'streaming', 'streaming']);
    const counts = Math.max(...state.sources.flatMap(({ streams }) => streams.map(({ count }) => count)));
    state = await untilState(door, 'the recording continues', safe(Math.min(counts, 50 + 100 * kill)));
  }
  const stopped = await door.call('session.stop', {});
  truth = (emulated.emulators.get('light')?.truth ?? []).map(({ values }) => JSON.stringify(values));
  summary = await door.call('session.sealed', { id: stopped.id });
  await appliance.stop();
  await place.allEnded();
  index = new SessionIndex(summary.folder);
  gaps = index.gaps();
  console.info(`live tracks back ${backAfterMs.map((ms) => `${Math.round(ms)} ms`).join(', ')} after kill -9`);
}, 240_000);

afterAll(async () => {
  index?.[Symbol.dispose]();
  await place?.[Symbol.asyncDispose]();
});

const sidsOf = ({ live }: ApplianceState): string[] =>
  live.participants.flatMap(({ tracks }) => tracks.map(({ sid }) => sid));

it('the server was killed twice, and restarted each time', () => {
  expect(backAfterMs).toHaveLength(2);
  expect(restarts).toEqual([1, 2]);
});

it('no packet and no sample is missing: the index counts up, and each stream ends when the session does', () => {
  expect(summary.streams.map(({ id }) => id).sort()).toEqual(ALL_LIVE);
  for (const stream of summary.streams) {
    const rows = stream.kind === 'samples' ? index.samples(stream.id) : index.packets(stream.id);
    expect(rows.length).toBe(stream.count);
    expect(countsUp(rows.map(({ seq }) => seq as number))).toBe(true);
    expect(Number(summary.durationNs) - Number(stream.lastNs)).toBeLessThan(2e9);
  }
});

it('the only gaps are losses of the busy machine, and no publisher was lost', () => {
  expect(gaps.filter(({ cause }) => cause !== 'frames-lost')).toEqual([]);
  expect(index.events().filter(({ code }) => code === 'publisher.lost')).toEqual([]);
});

it('every frame that the camera showed is in the file, once and in order, or in a gap', async () => {
  const [file] = summary.streams.find(({ id }) => id === 'camera')?.files ?? [];
  const counters = readCounters(await decodeGrey(join(summary.folder, file ?? '')));
  expect(counters.length).toBe(index.packets('camera').length);
  expect(counters).not.toContain(null);
  const steps = counters.slice(1).map((counter, i) => (counter as number) - (counters[i] as number));
  expect(steps.filter((step) => step < 1)).toEqual([]);
  const missing = steps.reduce((sum, step) => sum + step - 1, 0);
  expect(missing).toBeLessThanOrEqual(toldOf('camera'));
});

it('the sound has no hole outside gaps', () => {
  const packets = index.packets('mic');
  const holes = packets.slice(1).filter((packet, i) => {
    const before = packets[i] as typeof packet;
    return Math.abs(packet.device_ns - before.device_ns - before.duration_ns) > 1e6;
  });
  expect(holes.length).toBeLessThanOrEqual(gaps.filter(({ stream }) => stream === 'mic').length);
});

it('every sample that the sensor sent from the first to the last recorded one exists', () => {
  const recorded = index.values('light').map((values) => JSON.stringify(values));
  const from = truth.indexOf(recorded[0] as string);
  expect(from).toBeGreaterThanOrEqual(0);
  expect(recorded).toEqual(truth.slice(from, from + recorded.length));
  expect(recorded.length).toBeGreaterThan(250);
});

it('the sealed session is whole', async () => {
  expect((await verifySession(summary.folder)).findings).toEqual([]);
});

const toldOf = (stream: string): number =>
  gaps.filter((gap) => gap.stream === stream).reduce((sum, gap) => sum + gap.missing, 0);
