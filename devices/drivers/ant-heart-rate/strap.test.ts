import { describe, expect, test } from 'vitest';
import { hex } from './driverBench.ts';
import { type Beat, Strap, type StrapEvent } from './strap.ts';

const page = (
  toggle: 0 | 0x80,
  eventTicks: number,
  count: number,
  bpm = 60,
  kind = 4,
  data = [0xff, 0, 0],
): Uint8Array => Uint8Array.of(kind | toggle, ...data, eventTicks & 0xff, (eventTicks >> 8) & 0xff, count & 0xff, bpm);
const beats = (events: StrapEvent[]): Beat[] => events.filter((event) => event.type === 'beat');
const gaps = (events: StrapEvent[]) => events.filter((event) => event.type === 'gap');

describe('a strap', () => {
  test('real: two beats 1024 ticks apart are one RR of 1000 ms', () => {
    const strap = new Strap(25170);
    const first = strap.take(hex('84 FF A5 E2 A5 E6 CA 3C'), Number.NaN, 1e9);
    const second = strap.take(hex('04 FF A5 E6 A5 EA CB 3C'), Number.NaN, 2e9);
    expect(first).toEqual([
      { type: 'beat', heartRateBpm: 60, rrMs: Number.NaN, beatCount: 202, rssiDbm: Number.NaN, deviceTime: 0xe6a5 },
    ]);
    expect(second).toEqual([
      { type: 'beat', heartRateBpm: 60, rrMs: 1000, beatCount: 203, rssiDbm: Number.NaN, deviceTime: 0xeaa5 },
    ]);
  });
  test('real: the clock wraps from FEC7 to 02D8 and continues', () => {
    const strap = new Strap(25170);
    strap.take(page(0, 0xfec7, 0xd0), Number.NaN, 1e9);
    const [beat] = beats(strap.take(hex('04 FF C7 FE D8 02 D1 3B'), Number.NaN, 2e9));
    expect(beat?.rrMs).toBeCloseTo(1016.6, 1);
    expect(beat?.deviceTime).toBe(0xfec7 + 1041);
  });
  test('a repeated beat is recorded once', () => {
    const strap = new Strap(1);
    const all = [0, 1, 2, 3].flatMap((i) => strap.take(page(0, 5000, 7), -60, 1e9 + i * 0.25e9));
    expect(all).toHaveLength(1);
  });
  test('a transmitter that computes only a rate: each change is recorded, and one a second without any', () => {
    const strap = new Strap(1);
    const rates = Array.from({ length: 60 }, (_, i) => 70 + (i % 30));
    const all = rates.flatMap((bpm, i) =>
      strap.take(page((i >> 2) % 2 ? 0x80 : 0, 0, 0, bpm, 0, [0xff, 0xff, 0xff]), -60, 1e9 + i * 0.25e9),
    );
    expect(beats(all).map((beat) => beat.heartRateBpm)).toEqual(rates);
    expect(beats(all).every((beat) => Number.isNaN(beat.deviceTime) && Number.isNaN(beat.beatCount))).toBe(true);
    const still = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => strap.take(page(0, 0, 0, 99, 0), -60, 16e9 + i * 0.25e9));
    expect(beats(still).length).toBe(2);
    expect(gaps([...all, ...still])).toEqual([]);
  });
  test('the count wraps from 255 to 0', () => {
    const strap = new Strap(1);
    strap.take(page(0, 1000, 255), -60, 1e9);
    expect(beats(strap.take(page(0, 1900, 0), -60, 1.9e9))[0]?.rrMs).toBeCloseTo((900 / 1024) * 1000);
  });
  test('a jump of the count while the strap is received means missed beats, with no RR', () => {
    const strap = new Strap(1);
    strap.take(page(0, 1000, 10), -60, 1e9);
    const events = strap.take(page(0, 3000, 13), -60, 2.4e9);
    // 1.4 s since the last message: below the length of a dropout.
    expect(gaps(events)).toEqual([{ type: 'gap', cause: 'missed-beats', lost: 2, fromNs: 1e9, toNs: 2.4e9 }]);
    expect(beats(events)[0]?.rrMs).toBeNaN();
    expect(beats(events)[0]?.deviceTime).toBe(3000);
  });
  test('no message for a while is a dropout, with the number of beats it cost', () => {
    const strap = new Strap(1);
    strap.take(page(0, 1000, 10), -60, 1e9);
    const events = strap.take(page(0, 1000 + 9 * 1024, 20), -60, 10.2e9);
    expect(gaps(events)).toEqual([{ type: 'gap', cause: 'dropout', lost: 9, fromNs: 1e9, toNs: 10.2e9 }]);
  });
  test('after more than a minute the beats cannot be counted, but the clock finds its wraps', () => {
    const strap = new Strap(1);
    strap.take(page(0, 1000, 10), -60, 1e9);
    const events = strap.take(page(0, (1000 + 200 * 1024) & 0xffff, 3), -60, 201.3e9);
    expect(gaps(events)).toEqual([{ type: 'gap', cause: 'dropout', lost: null, fromNs: 1e9, toNs: 201.3e9 }]);
    expect(beats(events)[0]).toMatchObject({ deviceTime: 1000 + 200 * 1024, rrMs: Number.NaN });
  });
  test('a strap whose counters restarted is distinguished from missed beats', () => {
    const strap = new Strap(1);
    strap.take(page(0, 40_000, 200), -60, 1e9);
    const events = strap.take(page(0, 300, 1), -60, 1.9e9);
    expect(gaps(events)).toMatchObject([{ cause: 'strap-restarted', lost: null }]);
    expect(beats(events)[0]).toMatchObject({ deviceTime: 300, rrMs: Number.NaN });
  });
  test('a stalled computer shifts arrivals, not beats', () => {
    const strap = new Strap(1);
    strap.take(page(0, 1000, 10), -60, 1e9);
    // Ten messages in one read, six seconds late.
    const events = Array.from({ length: 6 }, (_, i) => strap.take(page(0, 2000 + i * 1000, 11 + i), -60, 8e9)).flat();
    expect(beats(events).map((beat) => Math.round(beat.rrMs))).toEqual([977, 977, 977, 977, 977, 977]);
    expect(gaps(events).map((gap) => [gap.cause, gap.lost])).toEqual([['dropout', 0]]);
  });
  test('background pages are used only once the toggle bit has changed', () => {
    const legacy = new Strap(7);
    const manufacturer = (toggle: 0 | 0x80) => page(toggle, 5000, 7, 60, 2, [1, 0xcd, 0xab]);
    expect(legacy.take(manufacturer(0), -60, 1e9).filter((event) => event.type === 'facts')).toEqual([]);
    const facts = legacy.take(manufacturer(0x80), -60, 1.3e9).filter((event) => event.type === 'facts');
    expect(facts).toEqual([{ type: 'facts', facts: { manufacturer: 1, strapSerial: 0xabcd * 65536 + 7 } }]);
    expect(legacy.take(manufacturer(0x80), -60, 1.5e9)).toEqual([]);
  });
});
