import { describe, expect, it } from 'vitest';
import { Channels } from './channels.ts';

const RATE = 48_000;
const tone = (hz: number, size: number, count = 480, from = 0): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => size * Math.sin((2 * Math.PI * hz * (i + from)) / RATE));
const peak = (samples: Float32Array): number => samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe('the channels of a microphone', () => {
  it('are those that the device has', () => {
    const channels = new Channels({ input: 'all' });
    expect([channels.count(1), channels.count(2), channels.count(8)]).toEqual([1, 2, 2]);
    const [left, right] = [tone(440, 0.5), tone(1000, 0.25)];
    const mixed = channels.mix([left, right]);
    expect(mixed.filter((_, i) => i % 2 === 0)).toEqual(left);
    expect(mixed.filter((_, i) => i % 2 === 1)).toEqual(right);
    expect(channels.opposite).toBe(false);
  });

  it('can be one of two, as for two lavalier microphones in one jack', () => {
    const [left, right] = [tone(440, 0.5), tone(1000, 0.25)];
    expect(new Channels({ input: 'left' }).mix([left, right])).toEqual(left);
    expect(new Channels({ input: 'right' }).mix([left, right])).toEqual(right);
  });

  it('of opposite polarity are not summed to silence, from the first buffer on, and this is reported', () => {
    const channels = new Channels({ channels: 1, input: 'all' });
    for (let i = 0; i < 100; i += 1) {
      const left = tone(440, 0.5, 480, i * 480);
      expect(peak(channels.mix([left, left.map((value) => -value)]))).toBeCloseTo(0.5, 1);
      expect(channels.opposite).toBe(true);
    }
    expect(new Channels({ input: 'all' }).mix([tone(440, 0.5), tone(440, -0.5)])).toHaveLength(960);
  });

  it('that differ are averaged if one is requested', () => {
    const channels = new Channels({ channels: 1, input: 'all' });
    const mixed = channels.mix([tone(440, 0.5), tone(440, 0.25)]);
    expect(peak(mixed)).toBeCloseTo(0.375, 2);
    expect(channels.opposite).toBe(false);
  });

  it('of silence do not show polarity', () => {
    const channels = new Channels({ channels: 1, input: 'all' });
    channels.mix([tone(440, 1e-5), tone(440, -1e-5)]);
    expect(channels.opposite).toBe(false);
  });
});
