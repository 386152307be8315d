/** Devices whose clock, transport delay and restarts are known. */
import { describe, expect, it } from 'vitest';
import { DeviceFitter, type DeviceLine } from './deviceFit.ts';
import { quantile, SECOND, seeded } from './simulation.testKit.ts';

const MILLI = 1e6;
const LEAST_WAY_NS = 2 * MILLI;

interface Device {
  tickNs: number;
  driftPpm: number;
  wrapsAt?: number;
  /** It restarts at this true time. */
  restartsAtS?: number;
}

interface Row {
  seq: number;
  trueNs: number;
  device: number;
  publisherNs: number;
}

/** A sample every 20 ms for `seconds`; each is up to 16 ms late, as behind a USB adapter, some much more. */
function play({ tickNs, driftPpm, wrapsAt, restartsAtS }: Device, seconds: number, seed: number): Row[] {
  const next = seeded(seed);
  return Array.from({ length: seconds * 50 }, (_, seq) => {
    const trueNs = seq * 20 * MILLI;
    const since = restartsAtS !== undefined && trueNs >= restartsAtS * SECOND ? restartsAtS * SECOND : 0;
    const ticks = Math.floor(((trueNs - since) * (1 + driftPpm * 1e-6)) / tickNs);
    const late = next() * 16 * MILLI + (next() < 0.02 ? next() * 200 * MILLI : 0);
    const device = wrapsAt === undefined ? ticks : ticks % wrapsAt;
    return { seq, trueNs, device, publisherNs: Math.round(trueNs + LEAST_WAY_NS + late) };
  });
}

function linesOf(rows: readonly Row[], tickNs: number): DeviceLine[] {
  const fitter = new DeviceFitter({ kind: 'clock', tickNs });
  for (const { seq, device, publisherNs } of rows) fitter.add(seq, device, publisherNs);
  return fitter.lines();
}

/** Fitted time less the truth, which is the earliest possible arrival. */
function errors(rows: readonly Row[], lines: readonly DeviceLine[]): { errorMs: number; statedMs: number }[] {
  return rows.map(({ seq, device, trueNs }) => {
    const line = lines.find(({ fromSeq, toSeq }) => seq >= fromSeq && seq <= toSeq);
    if (!line) throw new Error(`no line holds row ${seq}`);
    const fitted = line.referenceNs + (device - line.referenceDevice) * line.nsPerTick;
    return { errorMs: Math.abs(fitted - trueNs - LEAST_WAY_NS) / MILLI, statedMs: line.uncertaintyNs / MILLI };
  });
}

describe('the clock of a device', () => {
  it.each([
    ['counting microseconds, 100 ppm fast', { tickNs: 1000, driftPpm: 100 }],
    ['counting milliseconds, 60 ppm slow', { tickNs: MILLI, driftPpm: -60 }],
    [
      'of 1/1024 s in 16 bits, that begins at 0 every 64 seconds',
      { tickNs: 1e9 / 1024, driftPpm: 40, wrapsAt: 65_536 },
    ],
    ['that was switched off and on after two minutes', { tickNs: 1000, driftPpm: 80, restartsAtS: 120 }],
  ] as const)('%s, frees every row of the jitter of its way', (_, device) => {
    const rows = play(device, 600, 5);
    const judged = errors(rows, linesOf(rows, device.tickNs));
    const arrival = rows.map(({ publisherNs, trueNs }) => (publisherNs - trueNs - LEAST_WAY_NS) / MILLI);
    const tickMs = device.tickNs / MILLI;
    expect(
      quantile(
        judged.map(({ errorMs }) => errorMs),
        0.95,
      ),
    ).toBeLessThan(0.5 + tickMs);
    expect(Math.max(...judged.map(({ errorMs }) => errorMs))).toBeLessThan(1.5 + tickMs);
    expect(quantile(arrival, 0.95)).toBeGreaterThan(14);
    const covered = judged.filter(({ errorMs, statedMs }) => errorMs <= statedMs).length;
    expect(covered / judged.length).toBeGreaterThanOrEqual(0.99);
  });

  it('without device times has no lines', () => {
    const fitter = new DeviceFitter({ kind: 'clock', tickNs: 1000 });
    fitter.add(0, null, 5);
    fitter.add(1, Number.NaN, 6);
    expect(fitter.lines()).toEqual([]);
  });

  it('that ran for less than two seconds has no line: its arrival times are more accurate', () => {
    expect(linesOf(play({ tickNs: 1000, driftPpm: 100 }, 1, 1), 1000)).toEqual([]);
    expect(linesOf(play({ tickNs: 1000, driftPpm: 100 }, 1, 1).slice(0, 1), 1000)).toEqual([]);
  });

  it('that is irregular has no line either', () => {
    const next = seeded(3);
    const rows = play({ tickNs: 1000, driftPpm: 0 }, 30, 3).map((row) => ({
      ...row,
      // It sleeps now and then without notice.
      device: row.device - Math.floor(row.trueNs / (2 * SECOND)) * 700_000,
      publisherNs: Math.round(row.trueNs + next() * MILLI),
    }));
    const judged = rows.flatMap((row) => {
      const line = linesOf(rows, 1000).find(({ fromSeq, toSeq }) => row.seq >= fromSeq && row.seq <= toSeq);
      return line ? [row] : [];
    });
    expect(judged).toEqual([]);
  });
});

describe('an undeclared rate', () => {
  interface Counted {
    rateHz: number;
    /** Nanoseconds per tick according to the kit. */
    claimedNs: number;
    seconds: number;
  }

  /** A counter of samples; each arrives with the delay of an idle or a busy machine. */
  function judge({ rateHz, claimedNs, seconds }: Counted, seed: number, busy: boolean) {
    const next = seeded(seed);
    const fitter = new DeviceFitter({ kind: 'counter', tickNs: claimedNs });
    const trueNs = Array.from({ length: Math.floor(seconds * rateHz) }, (_, i) => (i * SECOND) / rateHz);
    trueNs.forEach((at, seq) => {
      const late = busy ? -2 * Math.log(1 - next()) + (next() < 0.2 ? next() * 60 : 0) : next() * 0.3;
      fitter.add(seq, 1000 + seq, Math.round(at + LEAST_WAY_NS + late * MILLI));
    });
    const lines = fitter.lines();
    return trueNs.map((at, seq) => {
      const line = lines.find(({ fromSeq, toSeq }) => seq >= fromSeq && seq <= toSeq);
      if (!line) throw new Error(`no line holds row ${seq}`);
      const fitted = line.referenceNs + (1000 + seq - line.referenceDevice) * line.nsPerTick;
      return { errorMs: Math.abs(fitted - at - LEAST_WAY_NS) / MILLI, statedMs: line.uncertaintyNs / MILLI };
    });
  }

  it.each([
    ['1 % fast', { rateHz: 101, claimedNs: SECOND / 100, seconds: 10 }],
    ['1 % slow', { rateHz: 99, claimedNs: SECOND / 100, seconds: 10 }],
    ['3000 ppm off, as a ceramic resonator', { rateHz: 100.3, claimedNs: SECOND / 100, seconds: 60 }],
    ['really twice the nominal one', { rateHz: 200, claimedNs: SECOND / 100, seconds: 60 }],
    ['really half the nominal one', { rateHz: 50, claimedNs: SECOND / 100, seconds: 20 }],
    ['of a counter without a nominal one', { rateHz: 100, claimedNs: SECOND, seconds: 30 }],
  ] as const)('%s, is learned from the data', (_, counted) => {
    for (const busy of [false, true]) {
      const judged = [1, 2, 3, 4].flatMap((seed) => judge(counted, seed, busy));
      const errors = judged.map(({ errorMs }) => errorMs);
      expect(quantile(errors, 0.95)).toBeLessThan(0.5);
      const covered = judged.filter(({ errorMs, statedMs }) => errorMs <= statedMs).length;
      expect(covered / judged.length).toBeGreaterThanOrEqual(0.99);
    }
  });

  it('is allowed for in short runs and after a restart: the stated bounds include the truth', () => {
    for (const seconds of [3, 5, 8, 15]) {
      const judged = Array.from({ length: 12 }, (_, seed) =>
        judge({ rateHz: 100.3, claimedNs: SECOND / 100, seconds }, seed + 1, seed % 2 === 0),
      ).flat();
      const covered = judged.filter(({ errorMs, statedMs }) => errorMs <= statedMs).length;
      expect(covered / judged.length, `${seconds} s`).toBeGreaterThanOrEqual(0.98);
    }
    const late = play({ tickNs: 1000, driftPpm: 3000, restartsAtS: 50 }, 60, 7);
    const covered = errors(late, linesOf(late, 1000)).filter(({ errorMs, statedMs }) => errorMs <= statedMs).length;
    expect(covered / late.length).toBeGreaterThanOrEqual(0.98);
  });
});
