import { describe, expect, it } from 'vitest';
import { LivePressure } from './livePressure.ts';
import { sampleMessages } from './sampleMessage.ts';

describe('LivePressure', () => {
  /** Seconds in which each source lost so many frames; two steps can be given. @returns what was to do, with its second */
  function run(pressure: LivePressure, seconds: number, lostASecond: (at: number) => number): string[] {
    const out: string[] = [];
    for (let at = 1; at <= seconds; at += 1) {
      lost += lostASecond(at);
      pressure.add('cam', 0, lost);
      const todo = pressure.tick(pressure.steps < 2);
      if (todo) out.push(`${todo} ${at}`);
    }
    return out;
  }
  let lost = 0;
  const fresh = (): LivePressure => {
    lost = 0;
    const pressure = new LivePressure();
    pressure.add('cam', 0, 0);
    return pressure;
  };

  it('gives way after five bad seconds, not after one, and then waits', () => {
    const pressure = fresh();
    expect(run(pressure, 5, () => 0)).toEqual([]);
    expect(run(pressure, 1, () => 9)).toEqual([]);
    expect(run(pressure, 8, () => 0)).toEqual([]);
    expect(run(pressure, 5, () => 9)).toEqual(['give-way 5']);
    expect(run(pressure, 9, () => 9)).toEqual([]);
    expect(run(pressure, 1, () => 9)).toEqual(['give-way 1']);
  });

  it('gives way for frames that wait, too', () => {
    const pressure = fresh();
    for (let second = 1; second <= 5; second += 1) {
      pressure.add('cam', 9, 0);
      expect(pressure.tick(true)).toBe(second === 5 ? 'give-way' : null);
    }
  });

  it('gives back after a calm minute, and waits longer when that was too early', () => {
    const pressure = fresh();
    expect(run(pressure, 6, () => 9)).toEqual(['give-way 5']);
    expect(run(pressure, 61, () => 0)).toEqual(['give-back 60']);
    expect(run(pressure, 6, () => 9)).toEqual(['give-way 5']);
    expect(run(pressure, 100, () => 0)).toEqual([]);
    expect(run(pressure, 25, () => 0)).toEqual(['give-back 20']);
  });

  it('stays away when that helps, though not all is well', () => {
    const pressure = fresh();
    run(pressure, 15, () => 20);
    expect(pressure.steps).toBe(2);
    expect(run(pressure, 120, () => 5)).toEqual([]);
  });

  it('comes back when being away helps nothing, and does not try that again at once', () => {
    const pressure = fresh();
    run(pressure, 15, () => 20);
    expect(run(pressure, 30, () => 20)).toEqual(['in-vain 30']);
    expect(pressure.steps).toBe(1);
    expect(run(pressure, 50, () => 20)).toEqual([]);
    expect(run(pressure, 20, () => 20)).toEqual(['give-way 10']);
  });

  it('is judged by the whole time that it was away, not by a bad moment', () => {
    const pressure = fresh();
    run(pressure, 15, () => 20);
    run(pressure, 50, () => 0.1);
    expect(run(pressure, 20, () => 20)).toEqual([]);
  });

  it('does not count the frames that an opening lost', () => {
    const pressure = new LivePressure();
    pressure.add('cam', 0, 40);
    lost = 40;
    expect(run(pressure, 20, () => 1)).toEqual([]);
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
