import { describe, expect, it } from 'vitest';
import { LivePressure } from './livePressure.ts';
import { sampleMessages } from './sampleMessage.ts';

describe('LivePressure', () => {
  const seconds = (pressure: LivePressure, count: number, queue: number): (string | null)[] =>
    Array.from({ length: count }, () => {
      pressure.add('cam', queue, 0);
      return pressure.tick(3);
    }).filter((todo) => todo !== null);

  it('gives way after five bad seconds, not after one, and then waits', () => {
    const pressure = new LivePressure();
    expect(seconds(pressure, 5, 0)).toEqual([]);
    expect(seconds(pressure, 1, 9)).toEqual([]);
    expect(seconds(pressure, 8, 0)).toEqual([]);
    expect(seconds(pressure, 5, 9)).toEqual(['give-way']);
    expect(seconds(pressure, 9, 9)).toEqual([]);
    expect(seconds(pressure, 1, 9)).toEqual(['give-way']);
  });

  it('gives back after a calm minute, and waits longer when that was too early', () => {
    const pressure = new LivePressure();
    seconds(pressure, 6, 9);
    expect(seconds(pressure, 61, 0)).toEqual(['give-back']);
    seconds(pressure, 6, 9);
    expect(seconds(pressure, 100, 0)).toEqual([]);
    expect(seconds(pressure, 25, 0)).toEqual(['give-back']);
  });

  it('counts lost frames, but not those of an opening', () => {
    const pressure = new LivePressure();
    pressure.add('cam', 0, 40);
    for (let lost = 40, i = 0; i < 7; i += 1, lost += 10) {
      pressure.add('cam', 0, lost);
      pressure.tick(3);
    }
    expect(pressure.steps).toBe(1);
  });
});

describe('sampleMessages', () => {
  it('is readable by anyone', () => {
    const [message] = sampleMessages([
      [1.5, 20, 'a'],
      [1.6, null, 'b'],
    ]);
    expect(JSON.parse(new TextDecoder().decode(message?.payload))).toEqual({
      t: [1.5, 1.6],
      v: [
        [20, 'a'],
        [null, 'b'],
      ],
    });
    expect(message?.userTimestamp).toBe(1_600_000n);
  });

  it('keeps each message within one packet, and every row', () => {
    const rows = Array.from({ length: 2000 }, (_, i) => [i / 1000, i, i * 2]);
    const messages = sampleMessages(rows);
    expect(messages.every((message) => message.payload.byteLength < 16_000)).toBe(true);
    expect(
      messages.flatMap((message) => (JSON.parse(new TextDecoder().decode(message.payload)) as { t: number[] }).t),
    ).toEqual(rows.map((row) => row[0]));
  });
});
