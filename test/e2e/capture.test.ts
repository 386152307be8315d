/** Known video and audio through the real app, decoded from the sealed files by ffmpeg. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance } from '../../electron/cli/appliance.ts';
import { recordSession } from '../../electron/cli/recordSession.ts';
import { Progress } from '../../electron/cli/terminal.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import type { SessionSummary } from '../../electron/common/sessionSummary.ts';
import { findClicks, readCounters, writeClicks, writeCounterVideo } from './fixtures/counterVideo.ts';
import { decodeGrey, decodeSound } from './fixtures/decode.ts';

/** Longer than the test runs: at its end Chromium starts over and shows the first frame twice. */
const FRAMES = 1500;
const CLICK_S = 0.5;
const folder = mkdtempSync(join(tmpdir(), 'fieldroom-capture-'));
let summary: SessionSummary;

interface PacketRow {
  publisher_ns: number;
  device_ns: number;
  duration_ns: number;
  key: number;
}
const query = <T>(sql: string, ...values: unknown[]): T[] => {
  const index = new Database(join(summary.folder, 'session.sqlite'), { readonly: true });
  try {
    return index.prepare(sql).all(...values) as T[];
  } finally {
    index.close();
  }
};
const packets = (stream: string): PacketRow[] =>
  query('SELECT publisher_ns, device_ns, duration_ns, key FROM timed_packet WHERE stream = ? ORDER BY seq', stream);
const lost = (stream: string): number =>
  query<{ missing: number | null }>('SELECT sum(missing) AS missing FROM timed_gap WHERE stream = ?', stream)[0]
    ?.missing ?? 0;
const fileOf = (stream: string): string => {
  const files = summary.streams.find((one) => one.id === stream)?.files ?? [];
  expect(files).toHaveLength(1);
  return join(summary.folder, files[0] as string);
};

beforeAll(async () => {
  const video = join(folder, 'counter.y4m');
  const sound = join(folder, 'clicks.wav');
  writeCounterVideo(video, FRAMES);
  writeClicks(sound, 60, CLICK_S);
  const switches = [
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${video}`,
    `--use-file-for-fake-audio-capture=${sound}`,
  ];
  const appliance = await startAppliance({
    dataFolder: join(folder, 'data'),
    hidden: true,
    env: { FIELDROOM_CHROMIUM_SWITCHES: switches.join(' ') },
  });
  try {
    const kit = kitSchema.parse({
      name: 'Known material',
      live: 'off',
      sources: [
        { id: 'camera', kind: 'camera', settings: { width: 320, height: 180 } },
        { id: 'opus', kind: 'microphone' },
        { id: 'pcm', kind: 'microphone', settings: { codec: 'pcm' } },
        { id: 'second-camera', kind: 'camera' },
      ],
    });
    summary = await recordSession(
      appliance.door,
      { kit, kitPath: null, durationMs: 12_000, readyTimeoutMs: 8_000, signal: new AbortController().signal },
      new Progress(),
    );
  } finally {
    await appliance.stop();
  }
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a camera', () => {
  it('records every frame that it delivered, once, in order, to the last', async () => {
    const counters = readCounters(await decodeGrey(fileOf('camera')));
    expect(counters.length).toBe(packets('camera').length);
    expect(counters.length).toBeGreaterThan(200);
    expect(counters).not.toContain(null);
    const steps = counters.slice(1).map((counter, i) => (counter as number) - (counters[i] as number));
    expect(steps.filter((step) => step < 1)).toEqual([]);
    const missing = steps.reduce((sum, step) => sum + step - 1, 0);
    // Losses on a busy machine are in gaps. The fake device itself was once seen to skip a frame on a starved
    // machine without a hole in its timestamps.
    // machine without a hole in its timestamps.
    expect(missing).toBeLessThanOrEqual(lost('camera') + 1);
  });

  it('begins with a key frame and has one at least every two seconds', () => {
    const rows = packets('camera');
    expect(rows[0]?.key).toBe(1);
    const keys = rows.filter((row) => row.key === 1).map((row) => row.publisher_ns);
    for (let i = 1; i < keys.length; i += 1) expect((keys[i] as number) - (keys[i - 1] as number)).toBeLessThan(2.2e9);
  });

  it('keeps its media timestamps: a straight line of slope one, even under load', () => {
    const rows = packets('camera');
    const shifts = rows.map((row) => row.publisher_ns - row.device_ns);
    expect(Math.max(...shifts) - Math.min(...shifts)).toBeLessThan(2e6);
  });

  it('that is not found is reported, and the rest is recorded', () => {
    expect(summary.streams.map((stream) => stream.id).sort()).toEqual(['camera', 'opus', 'pcm']);
  });
});

describe.each(['opus', 'pcm'])('a microphone in %s', (stream) => {
  it('keeps the sound to the sample', async () => {
    const clicks = findClicks(await decodeSound(fileOf(stream)));
    expect(clicks.length).toBeGreaterThan(18);
    const spaces = clicks.slice(1).map((click, i) => click - (clicks[i] as number));
    if (lost(stream) > 0)
      return expect(spaces.every((space) => Math.abs(space % (48_000 * CLICK_S)) < 24_000)).toBe(true);
    for (const space of spaces) expect(Math.abs(space - 48_000 * CLICK_S)).toBeLessThan(1.5);
  });

  it('stamps packets evenly, 20 ms apart', () => {
    const rows = packets(stream);
    expect(rows.length).toBeGreaterThan(450);
    const steps = rows.slice(1).map((row, i) => row.publisher_ns - (rows[i] as PacketRow).publisher_ns);
    const sorted = [...steps].sort((a, b) => a - b);
    expect(Math.abs((sorted[sorted.length >> 1] as number) - 20e6)).toBeLessThan(0.05e6);
    expect(rows.every((row) => row.duration_ns === 20e6)).toBe(true);
    if (lost(stream) === 0) expect(Math.max(...steps.map((step) => Math.abs(step - 20e6)))).toBeLessThan(1e6);
  });
});

it('records the settings that the device actually had', () => {
  const rows = query<{ declaration: string }>("SELECT declaration FROM stream WHERE name = 'opus'");
  const declaration = JSON.parse(rows[0]?.declaration ?? '{}') as {
    facts: { settings: Record<string, unknown> };
    config: { preSkip: number };
  };
  expect(declaration.facts.settings).toMatchObject({
    echoCancellation: false,
    noiseSuppression: false,
    autoGainControl: false,
  });
  expect(declaration.config.preSkip).toBe(312);
});
