// XDF of a session, read by pyxdf as LSL users do, compared with what was recorded.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportSession } from '../../electron/export/exportSession.ts';
import { LESSON, makeLesson } from '../fixtures/export/lesson.ts';
import { python } from '../fixtures/export/readers.ts';

const root = mkdtempSync(join(tmpdir(), 'fieldroom-export-'));
const session = join(root, 'pilot', 'lesson');

beforeAll(async () => {
  await makeLesson(session);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const PYXDF = `
import sys, json, logging, pyxdf, math
streams, header = pyxdf.load_xdf(sys.argv[1], dejitter_timestamps=sys.argv[2] == 'yes')
def value(v): return [None if isinstance(x, float) and math.isnan(x) else x for x in v]
print(json.dumps([dict(name=s['info']['name'][0], type=s['info']['type'][0], rate=s['info']['nominal_srate'][0], count=s['footer']['info']['sample_count'][0],
  stamps=[float(t) for t in s['time_stamps']], values=[value([x.item() if hasattr(x, 'item') else x for x in row]) for row in s['time_series']],
  units=[c['unit'][0] for c in s['info']['desc'][0]['channels'][0]['channel']]) for s in streams]))`;

interface Read {
  name: string;
  type: string;
  rate: string;
  count: string;
  stamps: number[];
  values: (number | string | null)[][];
  units: (string | null)[];
}

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const worstMs = (stamps: number[], truthNs: number[]): number =>
  Math.max(...stamps.map((s, n) => Math.abs(s * 1000 - (truthNs[n] as number) / 1e6)));

it.each(['yes', 'no'])('pyxdf returns every stamp and value, with dejittering: %s', async (dejitter) => {
  const { folder } = await exportSession({ session, format: 'xdf', out: join(root, `xdf-${dejitter}`) });
  const streams = python<Read[]>(PYXDF, join(folder, '20270922-101500-a1b2c3.xdf'), dejitter);
  const of = (name: string): Read => streams.find((stream) => stream.name === name) as Read;
  expect(streams.map(({ name }) => name).sort()).toEqual(
    ['cam-1 frames', 'heart-1', 'heart-1 (text)', 'imu-1', 'markers', 'mic-1 frames'].sort(),
  );
  for (const { stamps, count } of streams) expect(stamps).toHaveLength(Number(count));
  expect(of('imu-1').stamps).toHaveLength(LESSON.imus);
  expect(worstMs(of('imu-1').stamps, range(LESSON.imus).map(LESSON.imuNs))).toBeLessThan(0.001);
  expect(of('imu-1').values.map(([, n]) => n)).toEqual(range(LESSON.imus));
  expect(of('imu-1').units).toEqual(['m/s2', null]);
  expect(worstMs(of('heart-1').stamps, range(LESSON.hearts).map(LESSON.heartNs))).toBeLessThan(0.001);
  expect(of('heart-1').values.map(([rate]) => rate)).toEqual(range(LESSON.hearts).map(LESSON.heart));
  expect(of('heart-1').values[0]?.[1]).toBe(null);
  expect(of('heart-1 (text)').values[1]).toEqual(['beat, "1"']);
  const frames = range(LESSON.frames).filter((n) => n < LESSON.lostFrames.from || n >= LESSON.lostFrames.to);
  // A loss of 1.5 s in a stream of 30 per second: a reader that dejitters across it would be a second wrong.
  expect(worstMs(of('cam-1 frames').stamps, frames.map(LESSON.frameNs))).toBeLessThan(0.001);
  expect(of('cam-1 frames').values.map(([seq]) => seq)).toEqual(frames);
  expect(of('markers').stamps).toEqual(LESSON.markers.map(({ atNs }) => Number(atNs) / 1e9));
  expect(of('markers').values).toEqual(LESSON.markers.map(({ code, note }) => [code, note]));
});
