/** Devices whose clock, way to the computer and restarts are known. */
import { describe, expect, it } from 'vitest';
import { DeviceFitter, type DeviceLine } from './deviceFit.ts';
import { quantile, SECOND, seeded } from './simulation.testKit.ts';

const MILLI = 1e6;
const LEAST_WAY_NS = 2 * MILLI;

interface Device {
  tickNs: number;
  driftPpm: number;
  wrapsAt?: number;
  /** It begins anew at this true time. */
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
  const fitter = new DeviceFitter(tickNs);
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

describe("a device's own clock", () => {
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

  it('that says nothing has no lines', () => {
    const fitter = new DeviceFitter(1000);
    fitter.add(0, null, 5);
    fitter.add(1, Number.NaN, 6);
    expect(fitter.lines()).toEqual([]);
  });

  it('of a few rows is taken at its word, along the earliest arrival', () => {
    const rows = play({ tickNs: 1000, driftPpm: 100 }, 5, 1);
    const lines = linesOf(rows, 1000);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.nsPerTick).toBe(1000);
    expect(Math.max(...errors(rows, lines).map(({ errorMs }) => errorMs))).toBeLessThan(1.5);
  });

  it('with a single row has one line for it', () => {
    const fitter = new DeviceFitter(1000);
    fitter.add(7, 42, 1_000_000);
    expect(fitter.lines()).toEqual([expect.objectContaining({ fromSeq: 7, toSeq: 7, referenceNs: 1_000_000 })]);
  });
});
