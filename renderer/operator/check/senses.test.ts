import { describe, expect, it } from 'vitest';
import { senseOfPicture, senseOfSound } from './senses.ts';

const pictures = (of: (i: number) => { jpeg: string; brightness: number }) =>
  Array.from({ length: 8 }, (_, i) => ({ atMs: i * 1000, ...of(i) }));

describe('a picture', () => {
  it('is fine when it moves, even in a dim room', () =>
    expect(
      senseOfPicture(
        pictures((i) => ({ jpeg: `${i}`, brightness: 14 })),
        7000,
      ),
    ).toBe('fine'));
  it('is black under a cap, though its noise moves', () =>
    expect(
      senseOfPicture(
        pictures((i) => ({ jpeg: `${i}`, brightness: 3 })),
        7000,
      ),
    ).toBe('black'));
  it('is frozen when not one bit changes', () =>
    expect(
      senseOfPicture(
        pictures(() => ({ jpeg: 'same', brightness: 90 })),
        7000,
      ),
    ).toBe('frozen'));
  it('is not judged before it was seen for some seconds, nor when it stopped', () => {
    expect(senseOfPicture(pictures((i) => ({ jpeg: `${i}`, brightness: 3 })).slice(0, 2), 1500)).toBe('waiting');
    expect(
      senseOfPicture(
        pictures((i) => ({ jpeg: `${i}`, brightness: 90 })),
        60_000,
      ),
    ).toBe('waiting');
  });
});

describe('a sound', () => {
  const peaks = (peak: number) => Array.from({ length: 70 }, (_, i) => ({ atMs: i * 100, peak }));
  it('is fine in a quiet room: a microphone hears its own noise', () =>
    expect(senseOfSound(peaks(0.002), 7000)).toBe('fine'));
  it('is silent when switched off', () => expect(senseOfSound(peaks(0), 7000)).toBe('silent'));
  it('is fine after one word among silence', () =>
    expect(senseOfSound([...peaks(0).slice(0, 50), { atMs: 6000, peak: 0.1 }], 7000)).toBe('fine'));
});
