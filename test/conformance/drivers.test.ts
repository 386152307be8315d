/** Every driver against its emulator, over the product's transport. The truth is the emulator's own log of what it sent. */
import { describe, expect, it } from 'vitest';
import { registered } from '../../devices/registry.ts';
import { waitFor } from '../fixtures/wait.ts';
import { Bench } from './bench.ts';
import type { Chop } from './chopper.ts';
import { type ConformanceRow, rows } from './rows.ts';

const named = (row: ConformanceRow): string => (row.variant ? `${row.driver}, ${row.variant}` : row.driver);
const isStreamOfBytes = (row: ConformanceRow): boolean => row.kind === 'serial' || row.kind === 'tcp';
const isFoundByList = (row: ConformanceRow): boolean => row.kind === 'serial' || row.kind === 'hid';

/** One device, plugged in and recorded. */
async function running(row: ConformanceRow, chop: Chop = 'whole'): Promise<Bench> {
  const bench = new Bench(row);
  bench.wires.chop = chop;
  await bench.plug();
  await bench.use({ id: 'one', match: bench.wires.match('S1') });
  await bench.more();
  return bench;
}

it('has a row for every driver', () => {
  // Bluetooth belongs to the capture window: the device host opens no link for it.
  const hosted = registered.filter(({ driver }) => driver.kinds.some((kind) => kind !== 'ble'));
  const missing = hosted.map((entry) => entry.driver.id).filter((id) => !rows.some((row) => row.driver === id));
  expect(missing).toEqual([]);
});

// These tests mostly wait for silence, a return or a next line, so several run concurrently.
describe.concurrent.each(rows.map((row) => [named(row), row] as const))('%s', (_, row) => {
  const { corrupt, garbage, silent, restart, wrongDevice } = row.faults;

  it('records exactly what the device sends', async () => {
    await using bench = await running(row);
    await bench.more();
    await bench.state('streaming');
    expect(bench.causes()).toEqual([]);
    expect(await bench.faults()).toEqual([]);
  });

  it.runIf(isStreamOfBytes(row)).each(['bytes', 'sevens', 'merged'] as const)(
    'reads the same when reads come as %s',
    async (chop) => {
      await using bench = await running(row, chop);
      await bench.more();
      // Splitting takes time, more on a busy machine; a device that really became slow may report that.
      expect(bench.causes().filter((cause) => cause !== 'silent')).toEqual([]);
      expect(await bench.faults()).toEqual([]);
    },
  );

  it.runIf(corrupt)('discards frames with a wrong checksum and reports them', async () => {
    await using bench = await running(row);
    if (corrupt) bench.fault(corrupt);
    await bench.more();
    expect(await bench.faults()).toEqual([]);
    expect(bench.recorder.gaps('one').length).toBeGreaterThan(0);
  });

  it.runIf(garbage)('continues reading after garbage', async () => {
    await using bench = await running(row);
    if (garbage) bench.fault(garbage);
    await bench.more();
    expect(await bench.faults()).toEqual([]);
  });

  it.runIf(silent)('reports that a device is silent, and since when', async () => {
    await using bench = await running(row);
    if (silent) bench.fault(silent);
    await bench.state('silent');
    await bench.more();
    await bench.state('streaming');
    // One stick receives many straps: each strap's gap ends with its own next beat.
    const silences = () => bench.recorder.gaps('one').filter(({ cause }) => cause === 'silent');
    const lasting = () => silences().filter(({ toNs }) => toNs === null);
    await waitFor('every silence ends', () => lasting().length === 0, 30_000).catch(() => undefined);
    expect(lasting()).toEqual([]);
    // Last step, because comparing stops the device.
    expect(await bench.faults()).toEqual([]);
    expect(silences()).not.toEqual([]);
    for (const { fromNs, toNs } of silences()) expect(toNs).toBeGreaterThan(fromNs);
  });

  it.runIf(restart)('continues when the device restarts in the middle of a frame', async () => {
    await using bench = await running(row);
    if (restart) bench.fault(restart);
    await bench.more();
    expect(await bench.faults()).toEqual([]);
  });

  it.runIf(wrongDevice)('records nothing from an unexpected device and reports it', async () => {
    await using bench = new Bench(row);
    await bench.plug('S1', wrongDevice ? [wrongDevice] : []);
    await bench.use({ id: 'one', match: bench.wires.match('S1') });
    await bench.state('error', 'one', 15_000);
    expect(bench.recorder.count('one')).toBe(0);
    const state = bench.recorder.state('one');
    expect(state?.message).not.toBe('');
    expect(state?.nextStep).not.toBe('');
  });

  it('records an unplugged cable as a gap and reconnects automatically, even on a new path', async () => {
    await using bench = await running(row);
    await bench.unplug();
    await bench.state('searching').catch(() => bench.state('error', 'one', 100));
    const gap = bench.recorder.gaps('one').find((candidate) => candidate.cause === 'device-lost');
    expect(gap).toMatchObject({ toNs: null });
    await bench.plug();
    await bench.more();
    await bench.state('streaming');
    expect(gap?.toNs ?? 0).toBeGreaterThan(gap?.fromNs ?? 0);
    expect(await bench.faults()).toEqual([]);
  });

  it.runIf(isFoundByList(row))('never guesses between two devices of the same kind', async () => {
    await using bench = new Bench(row);
    await bench.plug('S1');
    await bench.plug('S2');
    const { vendorId = '', productId = '' } = row.device ?? {};
    await bench.use({ id: 'one', match: { vendorId, productId } });
    await bench.state('choosing');
    expect(bench.recorder.count('one')).toBe(0);
    const candidates = bench.recorder.state('one')?.candidates ?? [];
    expect(candidates.map((candidate) => candidate.match.serialNumber).sort()).toEqual(['S1', 'S2']);
    // A person chooses one; only the other is then left.
    await bench.use({ id: 'one', match: { serialNumber: 'S2' } }, { id: 'two', match: { vendorId, productId } });
    await bench.more();
    await bench.more(row.samples, 'two');
    expect(await bench.faults('S2', 'one')).toEqual([]);
    expect(await bench.faults('S1', 'two')).toEqual([]);
  });
});
