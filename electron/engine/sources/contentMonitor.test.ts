import { describe, expect, it } from 'vitest';
import { type SampleStream, streamSchema } from '../../common/stream.ts';
import { ContentMonitor } from './contentMonitor.ts';

/** Pictures, four a second, for six seconds. */
function watch(of: (i: number) => { jpeg: string; brightness: number }, still = false): string[] {
  const monitor = new ContentMonitor();
  for (let i = 0; i <= 24; i += 1) monitor.picture(of(i).jpeg, of(i).brightness, i * 250);
  return monitor.findings(6000, still).map(({ code }) => code);
}

describe('a picture', () => {
  it('is fine when it moves, even in a dim room', () =>
    expect(watch((i) => ({ jpeg: `${i}`, brightness: 14 }))).toEqual([]));
  it('is black under a cap, though its noise moves', () =>
    expect(watch((i) => ({ jpeg: `${i}`, brightness: 3 }))).toEqual(['black']));
  it('is frozen when not one bit changes, unless it is a screen', () => {
    expect(watch(() => ({ jpeg: 'same', brightness: 90 }))).toEqual(['frozen']);
    expect(watch(() => ({ jpeg: 'same', brightness: 90 }), true)).toEqual([]);
  });
  it('is not judged before some seconds of frames, nor without a viewer', () => {
    const monitor = new ContentMonitor();
    monitor.picture('a', 3, 0);
    expect(monitor.findings(2000, false)).toEqual([]);
    expect(monitor.findings(60_000, false)).toEqual([]);
  });
});

describe('a sound', () => {
  const listen = (peaks: number[]): string[] => {
    const monitor = new ContentMonitor();
    peaks.forEach((peak, i) => void monitor.level(peak, i * 100));
    return monitor.findings(peaks.length * 100, false).map(({ code }) => code);
  };
  it('is fine in a quiet room: a microphone hears its own noise', () =>
    expect(listen(Array<number>(70).fill(0.002))).toEqual([]));
  it('is silent when the microphone is switched off', () =>
    expect(listen(Array<number>(70).fill(0))).toEqual(['silent']));
  it('is fine after one word among silence', () => expect(listen([...Array<number>(60).fill(0), 0.1, 0])).toEqual([]));
});

describe('a sensor', () => {
  const stream = streamSchema.parse({
    kind: 'samples',
    id: 'strap-1',
    source: 'strap',
    channels: [{ name: 'heart_rate', unit: 'bpm' }],
  }) as SampleStream;
  it('is out of range when its values are impossible for some seconds', () => {
    const monitor = new ContentMonitor();
    for (let s = 0; s <= 6; s += 1) monitor.sample(stream, [s, 0], s * 1000);
    expect(monitor.findings(6000, false)).toMatchObject([
      { level: 'look', code: 'out-of-range', stream: 'strap-1', channel: 'heart_rate', value: 0 },
    ]);
    monitor.sample(stream, [7, 77], 7000);
    expect(monitor.findings(7000, false)).toEqual([]);
  });
});
