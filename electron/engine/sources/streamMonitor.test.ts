import { describe, expect, it } from 'vitest';
import { streamSchema } from '../../common/stream.ts';
import { StreamMonitor } from './streamMonitor.ts';

const camera = streamSchema.parse({
  kind: 'video',
  id: 'front',
  source: 'front',
  nominalRateHz: 30,
  config: { codec: 'avc1.42E01F', codedWidth: 1280, codedHeight: 720 },
});
const strap = streamSchema.parse({
  kind: 'samples',
  id: 'strap',
  source: 'strap',
  nominalRateHz: 4,
  channels: [{ name: 'bpm' }],
});
const button = streamSchema.parse({ kind: 'samples', id: 'button', source: 'button', channels: [{ name: 'pressed' }] });

/** Plays seconds of a camera; `lost` of each second's 30 frames are lost. @returns the findings after each second */
function play(monitor: StreamMonitor, fromS: number, toS: number, lost: number, before = { kept: 0, lost: 0 }) {
  const sum = { ...before };
  const found = [];
  for (let s = fromS; s <= toS; s += 1) {
    monitor.arrived(s * 1000);
    monitor.safe(sum.kept, sum.lost, s * 1000);
    found.push(monitor.findings(s * 1000, 0)[0]);
    sum.kept += 30 - lost;
    sum.lost += lost;
  }
  return { found, sum };
}

describe('loss of camera frames', () => {
  it('is an error within three seconds, with the percentage lost', () => {
    const { found } = play(new StreamMonitor(camera), 0, 3, 12);
    expect(found.at(-1)).toMatchObject({ level: 'losing', code: 'frames-lost', lost: 36, lostShare: 0.4 });
  });

  it('is no longer reported ten seconds after it ended', () => {
    const monitor = new StreamMonitor(camera);
    const { sum } = play(monitor, 0, 5, 12);
    const { found } = play(monitor, 6, 17, 0, sum);
    expect(found[0]?.level).toBe('losing');
    expect(found.at(-1)).toBeUndefined();
  });

  it('is a warning, not an error, at one frame in a thousand', () => {
    const monitor = new StreamMonitor(camera);
    monitor.safe(0, 0, 0);
    monitor.safe(300, 1, 9900);
    monitor.arrived(9900);
    expect(monitor.findings(9900, 0)).toMatchObject([{ level: 'look', lost: 1 }]);
  });

  it('is attributed to the encoder if the encoder dropped it', () => {
    const monitor = new StreamMonitor(camera);
    monitor.captured({ read: 0, dropped: 0, slow: 0, queue: 0 }, 0);
    monitor.captured({ read: 60, dropped: 30, slow: 30, queue: 10 }, 2000);
    expect(monitor.findings(2000, null)).toMatchObject([{ level: 'losing', code: 'too-slow', lost: 30 }]);
  });

  it('is not counted during a pause: measuring restarts after it', () => {
    const monitor = new StreamMonitor(camera);
    const { sum } = play(monitor, 0, 10, 0);
    monitor.clear();
    const { found } = play(monitor, 100, 112, 0, sum);
    expect(found.every((finding) => finding?.code === 'late' || finding === undefined)).toBe(true);
    expect(found.at(-1)).toBeUndefined();
  });
});

describe('the rate of a camera', () => {
  it.each([
    [29, undefined],
    [15, 'look'],
    [4, 'losing'],
  ])('%d of 30 a second', (rate, level) => {
    const monitor = new StreamMonitor(camera);
    for (let s = 0; s <= 10; s += 1) {
      monitor.arrived(s * 1000);
      monitor.safe(s * rate, 0, s * 1000);
    }
    expect(monitor.findings(10_000, 0)[0]?.level).toBe(level);
  });
});

describe('silence', () => {
  it('is an error for a camera after three seconds of recording, and nothing before a recording', () => {
    const monitor = new StreamMonitor(camera);
    expect(monitor.findings(60_000, null)).toEqual([]);
    expect(monitor.findings(60_000, 58_000)).toEqual([]);
    expect(monitor.findings(60_000, 56_000)).toMatchObject([{ level: 'losing', code: 'late', spanMs: 4000 }]);
  });
  it('is an error for a strap with a declared rate, and normal for a button', () => {
    expect(new StreamMonitor(strap).findings(10_000, 0)).toMatchObject([{ code: 'late' }]);
    expect(new StreamMonitor(button).findings(600_000, 0)).toEqual([]);
  });
});
