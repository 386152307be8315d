// Sound and video of a session, read by soundfile, PyAV, OpenCV and ffprobe, compared with what was recorded.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportSession } from '../../electron/export/exportSession.ts';
import { momentNs } from '../../electron/export/source/moment.ts';
import { LESSON, makeLesson } from '../fixtures/export/lesson.ts';
import { python } from '../fixtures/export/readers.ts';
import { SessionIndex } from '../fixtures/sessionIndex.ts';

const root = mkdtempSync(join(tmpdir(), 'fieldroom-export-'));
const session = join(root, 'pilot', 'lesson');
const out = (name: string): string => join(root, 'out', name);

beforeAll(async () => {
  await makeLesson(session);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Centre of each tone, by the energy around its whole second; loudest value elsewhere; length. */
const TONES = `
import sys, json, numpy as np, soundfile as sf
x, rate = sf.read(sys.argv[1], always_2d=True); x = x[:, 0]; t = np.arange(len(x)) / rate
def centre(s):
    near = np.abs(t - s) < 0.025; e = x[near] ** 2
    return float((t[near] * e).sum() / e.sum())
def phase(s):
    near = np.abs(t - s) < 0.010; w = np.exp(-0.5 * ((t[near] - s) / 0.004) ** 2)
    z = (x[near] * w * np.exp(-2j * np.pi * 1000 * (t[near] - s))).sum()
    return float(np.angle(z) / (2 * np.pi * 1000))
seconds = json.loads(sys.argv[2])
quiet = (t > 5.35) & (t < 6.65)
print(json.dumps(dict(rate=rate, length=len(x), centre=[centre(s) for s in seconds], phase=[phase(s) for s in seconds], quiet=float(np.abs(x[quiet]).max()), loud=float(np.abs(x).max()))))`;

interface Tones {
  rate: number;
  length: number;
  centre: number[];
  phase: number[];
  quiet: number;
  loud: number;
}

describe('wav, as soundfile reads it', () => {
  const seconds = [2, 3, 4, 5, 7, 8, 9, 10, 11];

  it.each([
    ['48 kHz', {}],
    ['16 kHz mono for speech tools', { rateHz: 16_000, mono: true }],
  ])(
    'has every tone at its session time, silence in the pause, and the length of the session: %s',
    async (name, options) => {
      const { folder } = await exportSession({ session, format: 'wav', out: out(`wav ${name}`), options });
      const tones = python<Tones>(TONES, join(folder, 'mic-1.wav'), JSON.stringify(seconds));
      expect(tones.rate).toBe('rateHz' in options ? options.rateHz : 48_000);
      const manifest = await import(join(folder, 'export.json'), { with: { type: 'json' } });
      expect(tones.length).toBe(Math.round((Number(manifest.default.session.lengthNs) * tones.rate) / 1e9));
      expect(tones.loud).toBeGreaterThan(0.6);
      expect(tones.quiet).toBe(0);
      // 150 ppm of ten seconds is 1.5 ms. The tone's phase is accurate to microseconds; its centre identifies the right
      // period.
      for (const [i, second] of seconds.entries()) {
        expect(Math.abs((tones.centre[i] as number) - second)).toBeLessThan(0.0005);
        expect(Math.abs(tones.phase[i] as number)).toBeLessThan(0.00003);
      }
    },
  );

  it('keeps sound after a damaged packet at its time', async () => {
    const damaged = join(root, 'pilot', 'damaged');
    cpSync(session, damaged, { recursive: true });
    const file = join(damaged, 'media', 'mic-1', '0001.mkv');
    const bytes = readFileSync(file);
    using index = new SessionIndex(damaged);
    const [{ at }] = index.all<{ at: number }>(
      "SELECT offset AS at FROM timed_packet WHERE stream = 'mic-1' AND session_ns > 3.5e9 LIMIT 1",
    ) as [{ at: number }];
    bytes[at] = (bytes[at] as number) ^ 0x55;
    writeFileSync(file, bytes);
    const { folder, notes } = await exportSession({ session: damaged, format: 'wav', out: out('wav damaged') });
    expect(notes.join(' ')).toMatch(/mic-1: 1 packets do not agree/);
    const tones = python<Tones>(TONES, join(folder, 'mic-1.wav'), JSON.stringify(seconds));
    for (const phase of tones.phase) expect(Math.abs(phase)).toBeLessThan(0.00003);
  });
});

const FRAMES = `
import sys, json, av, cv2, numpy as np
path = sys.argv[1]
c = av.open(path); v = c.streams.video[0]
frames = [(float(f.pts * v.time_base), float(f.to_ndarray(format='gray').mean())) for f in c.decode(v)]
cap = cv2.VideoCapture(path); ms = []
while True:
    ok, _ = cap.read()
    if not ok: break
    ms.append(cap.get(cv2.CAP_PROP_POS_MSEC))
cap.set(cv2.CAP_PROP_POS_MSEC, 9000); ok, img = cap.read(); sought = cap.get(cv2.CAP_PROP_POS_MSEC)
print(json.dumps(dict(frames=frames, cv=ms, fps=cap.get(cv2.CAP_PROP_FPS), sought=sought)))`;

interface Frames {
  frames: [number, number][];
  cv: number[];
  fps: number;
  sought: number;
}

/** Frames that can be decoded: none between the loss and the next key frame. */
const shown = Array.from({ length: LESSON.frames }, (_, n) => n).filter((n) => n < LESSON.lostFrames.from || n >= 180);
/** Gray value of a decoded frame of that number, from the video range. */
const gray = (n: number): number => ((LESSON.luma(n) - 16) * 255) / 219;

describe('mp4, as PyAV and OpenCV read it', () => {
  it('has every frame at its session time, and states where none was recorded', async () => {
    const { folder, notes } = await exportSession({ session, format: 'mp4', out: out('mp4') });
    const read = python<Frames>(FRAMES, join(folder, 'cam-1.mp4'));
    const [filler, ...frames] = read.frames;
    expect(filler?.[0]).toBe(0);
    expect(frames).toHaveLength(shown.length);
    for (const [i, n] of shown.entries()) {
      const [seconds, value] = frames[i] as [number, number];
      expect(Math.abs(seconds - LESSON.frameNs(n) / 1e9)).toBeLessThan(0.0005);
      expect(Math.abs(value - gray(n)), `frame ${n}`).toBeLessThan(5);
      expect(Math.abs((read.cv[i + 1] as number) - LESSON.frameNs(n) / 1e6)).toBeLessThan(0.5);
    }
    expect(notes.join(' ')).toMatch(/cam-1: 15 frames were left out/);
    const captions = readFileSync(join(folder, 'cam-1.vtt'), 'utf8');
    expect(captions).toMatch(/00:00:00.000 --> 00:00:01.39\d\nNo picture was recorded yet/);
    expect(captions).toMatch(/00:00:05.39\d --> 00:00:07.\d+\nNo picture was recorded here/);
  });

  it('gives OpenCV whole frame times on request, black in gaps, as long as the session', async () => {
    const { folder } = await exportSession({
      session,
      format: 'mp4',
      out: out('constant'),
      options: { constantRate: true },
    });
    const { frames, cv, fps, sought } = python<Frames>(FRAMES, join(folder, 'cam-1.mp4'));
    const { lengthNs } = JSON.parse(readFileSync(join(folder, 'export.json'), 'utf8')).session;
    expect(fps).toBe(30);
    expect(Math.abs(frames.length - (Number(lengthNs) * 30) / 1e9)).toBeLessThanOrEqual(1);
    expect(Math.abs(sought - 9000)).toBeLessThan(34);
    for (const [i, [seconds, value]] of frames.entries()) {
      expect(Math.abs(seconds - i / 30)).toBeLessThan(0.0005);
      expect(Math.abs((cv[i] as number) - (i * 1000) / 30)).toBeLessThan(0.5);
      const isGap = seconds < 1.37 || (seconds > 5.45 && seconds < 7.37);
      if (isGap) expect(value, `at ${seconds}`).toBeLessThan(2);
      const near = shown.filter((n) => Math.abs(LESSON.frameNs(n) / 1e9 - seconds) < 0.05);
      if (near.length === 3 && !isGap)
        expect(
          near.some((n) => Math.abs(value - gray(n)) < 8),
          `at ${seconds}: ${value}`,
        ).toBe(true);
    }
  });

  it('is read in the session itself with its true frame rate', () => {
    const { fps, cv } = python<Frames>(FRAMES, join(session, 'media', 'cam-1', '0001.mkv'));
    expect(fps).toBe(30);
    expect(cv.length).toBeLessThanOrEqual(LESSON.frames);
  });

  it('reports in one sentence that ffmpeg is missing, and leaves nothing behind', async () => {
    process.env.FIELDROOM_FFMPEG = join(root, 'nowhere');
    const asked = exportSession({ session, format: 'mp4', out: out('without'), options: { constantRate: true } });
    await expect(asked).rejects.toMatchObject({ code: 'export.no-ffmpeg' });
    delete process.env.FIELDROOM_FFMPEG;
    expect(existsSync(out('without'))).toBe(false);
    expect(existsSync(`${out('without')}.partial`)).toBe(false);
  });
});

describe('a clip', () => {
  it('has every frame and tone between two markers at its time, and nothing else', async () => {
    const fromNs = momentNs(session, 'start of group work');
    const toNs = momentNs(session, '9.5s');
    const { folder } = await exportSession({ session, format: 'clip', out: out('clip'), options: { fromNs, toNs } });
    const inside = shown.filter((n) => LESSON.frameNs(n) >= 3e9 && LESSON.frameNs(n) < 9.5e9);
    const { frames } = python<Frames>(FRAMES, join(folder, 'cam-1.mp4'));
    const own = frames.slice(-inside.length);
    for (const [i, n] of inside.entries()) {
      const [seconds, value] = own[i] as [number, number];
      expect(Math.abs(seconds - (LESSON.frameNs(n) - 3e9) / 1e9)).toBeLessThan(0.0005);
      expect(Math.abs(value - gray(n)), `frame ${n}`).toBeLessThan(5);
    }
    // The frames needed only for decoding end within a millisecond of the clip's start.
    for (const [seconds] of frames.slice(0, -inside.length)) expect(seconds).toBeLessThan(0.001);
    const seconds = [1, 2, 4, 5, 6];
    const tones = python<Tones>(TONES, join(folder, 'mic-1.wav'), JSON.stringify(seconds));
    expect(tones.length).toBe(6.5 * 48_000);
    for (const phase of tones.phase) expect(Math.abs(phase)).toBeLessThan(0.00003);
    const rows = readFileSync(join(folder, 'streams', 'imu-1.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1);
    const times = rows.map((row) => Number(row.split(',')[0]));
    expect([rows.length, Math.min(...times) >= 3, Math.max(...times) < 9.5]).toEqual([650, true, true]);
    const empty = exportSession({
      session,
      format: 'clip',
      out: out('empty'),
      options: { fromNs: toNs, toNs: fromNs },
    });
    await expect(empty).rejects.toMatchObject({ code: 'export.clip-empty' });
  });
});
