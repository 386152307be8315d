/** Timing reports of sessions whose clocks, rates, gaps and sound cards are known. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  clocks,
  measure,
  paths,
  reading,
  SECOND,
  type SimulatedClock,
  seeded,
} from '../../common/clock/simulation.testKit.ts';
import { encodeSamples } from '../../common/wire.ts';
import { readManifest } from '../../session/format/manifest.ts';
import { openSession } from '../../session/read/sessionReader.ts';
import type { TimingReport } from '../../session/report/timing.ts';
import { TIMING_JSON, TIMING_PAGE } from '../../session/report/writeTiming.ts';
import { sealSession } from '../../session/seal/seal.ts';
import { sealHooks } from '../../session/seal/sealHooks.ts';
import {
  audioStream,
  CLOCK,
  sampleStream,
  temporaryFolder,
  testFit,
  testMeta,
  testPacket,
  testStore,
} from './testKit.ts';

const places: (() => void)[] = [];
afterEach(() => {
  for (const remove of places.splice(0)) remove();
});

const RATE_HZ = 50;
const MILLI = 1e6;
const HEART = {
  ...sampleStream('heart', [{ name: 'bpm', unit: 'bpm', type: 'number' }]),
  label: 'Heart strap',
  nominalRateHz: RATE_HZ,
};

interface Recorded {
  folder: string;
  clock: SimulatedClock;
}

/** A session of `seconds`: a sensor of 50 Hz that was unplugged from 20 s to 25 s, and perhaps a microphone. */
async function record(seconds: number, { cardPpm }: { cardPpm?: number } = {}): Promise<Recorded> {
  const { folder, remove } = temporaryFolder();
  places.push(remove);
  const next = seeded(3);
  const clock: SimulatedClock = { ...clocks.awake(next), driftPpm: 80, wanderPpm: 0, resolutionNs: 1 };
  const { store, open, declare } = testStore();
  const zeroEngineNs = 5_000_000_000_000n;
  open(folder, testMeta({ zeroEngineNs }));
  const offsetNs = BigInt(-reading(clock, 0));
  await store.handle({ type: 'fit', fit: testFit(offsetNs) });
  const [publisher = '', epoch = ''] = CLOCK.split('/');
  const { waves } = measure(clock, paths.loopback(next), seconds * SECOND, next);
  const probes = waves.flatMap((wave, i) =>
    wave.map(({ t0, t1, t2, t3 }) => ({
      publisher,
      epoch,
      wave: i + 1,
      t0: zeroEngineNs + BigInt(Math.round(t0)),
      t1,
      t2,
      t3: zeroEngineNs + BigInt(Math.round(t3)),
    })),
  );
  await store.handle({ type: 'probes', probes });
  await declare(HEART);
  let seq = 0;
  for (let second = 0; second < seconds; second += 1) {
    if (second >= 20 && second < 25) continue;
    const times = Float64Array.from({ length: RATE_HZ }, (_, i) => reading(clock, (second + i / RATE_HZ) * SECOND));
    const bytes = encodeSamples({
      handle: 1,
      firstSeq: seq,
      publisherNs: times,
      deviceTime: null,
      earlyUs: new Uint32Array(times.length).fill(300),
      columns: [times.map(() => 70)],
    });
    await store.handle({ type: 'samples', stream: 'heart', clock: CLOCK, bytes });
    seq += RATE_HZ;
  }
  const unplugged = { fromNs: reading(clock, 20 * SECOND), toNs: reading(clock, 25 * SECOND), cause: 'device-lost' };
  await store.handle({
    type: 'gap',
    stream: 'heart',
    clock: CLOCK,
    ...unplugged,
    lost: 250,
    detail: 'the cable was out',
  });
  if (cardPpm !== undefined) {
    await declare({ ...audioStream('mic'), label: 'Table 1', nominalRateHz: 50 });
    for (let i = 0; i < seconds * 50; i += 1) {
      const [deviceNs, at] = [i * 20 * MILLI, i * 20 * MILLI * (1 + cardPpm * 1e-6)];
      const bytes = testPacket(i, { publisherNs: reading(clock, at), deviceNs, size: 20 });
      await store.handle({ type: 'packet', stream: 'mic', clock: CLOCK, bytes });
    }
  }
  await store.handle({ type: 'anchor', atNs: 0n, wallNs: 1_795_000_000_000_000_000n });
  await store.handle({ type: 'anchor', atNs: 5_000_000_000n, wallNs: 1_795_003_605_000_000_000n });
  await store.handle({ type: 'close', request: 1 });
  return { folder, clock };
}

const reportOf = (folder: string): TimingReport => JSON.parse(readFileSync(join(folder, TIMING_JSON), 'utf8'));
const stream = (report: TimingReport, id: string) => report.streams.find((one) => one.id === id);

describe('the timing report of a sealed session', () => {
  it('states rates, gaps with their cause, the drift of clock and sound card, and the accuracy', async () => {
    const { folder } = await record(180, { cardPpm: 50 });
    await sealSession(folder, sealHooks);
    const report = reportOf(folder);
    const heart = stream(report, 'heart');
    expect(heart?.count).toBe(175 * RATE_HZ);
    expect(heart?.rateHz).toBeCloseTo((175 * RATE_HZ) / 180, 1);
    expect(heart?.deliveringRateHz).toBeCloseTo(RATE_HZ, 1);
    expect(heart?.gapsByCause).toEqual([expect.objectContaining({ cause: 'device-lost', gaps: 1, missing: 250 })]);
    expect(heart?.gapSeconds).toBeCloseTo(5, 2);
    expect(heart?.gaps[0]?.fromS).toBeCloseTo(20, 2);
    expect(heart?.jitterMs?.p95).toBeLessThan(0.1);
    expect(stream(report, 'mic')?.device?.driftPpm).toBeCloseTo(50, 0);
    expect(stream(report, 'mic')?.device?.wouldBeOffMs).toBeCloseTo(9, 0);
    expect(report.clocks[0]?.driftPpm?.mean).toBeCloseTo(-80, 0);
    expect(report.wall.steps).toEqual([{ atS: 5, byS: 3600 }]);
    expect(report.claims).toContainEqual(expect.objectContaining({ a: 'microphones', b: 'Heart strap', share: 0.9 }));
    // The stated bounds of both, 2 ms and 0.3 ms, and nothing smaller.
    const claim = report.claims.find(({ a, b }) => a === 'microphones' && b === 'Heart strap');
    expect(claim?.withinMs).toBeGreaterThanOrEqual(2.3);
    const words = report.warnings.map(({ text }) => text).join('\n');
    expect(words).toContain('Heart strap: 250 of 9000 samples are missing (2.78 %): 250 device-lost.');
    expect(words).toContain('wall clock was set by +60.0 min at 00:00:05.0. No time of this session moved');
  });

  it('places every row within its stated bounds of the true time', async () => {
    const { folder, clock } = await record(120);
    await sealSession(folder, sealHooks);
    const { uncertaintyMs } = stream(reportOf(folder), 'heart') ?? {};
    const session = openSession(folder);
    const { sessionNs, publisherNs } = session.samples('heart', 0n, BigInt(120 * SECOND), 10_000);
    session.close();
    expect(publisherNs.length).toBe(115 * RATE_HZ);
    const origin = clock.zeroNs;
    const worst = publisherNs.reduce((most, ns, i) => {
      const trueNs = (ns - origin) / (1 + clock.driftPpm * 1e-6);
      return Math.max(most, Math.abs(Number(sessionNs[i]) - trueNs));
    }, 0);
    expect(worst / MILLI).toBeLessThan(uncertaintyMs?.most ?? 0);
    expect(uncertaintyMs?.most).toBeLessThan(0.5);
  });

  it('gives the rows of a sensor with its own clock times without transport jitter', async () => {
    const { folder, remove } = temporaryFolder();
    places.push(remove);
    const next = seeded(9);
    const { store, open, declare } = testStore();
    open(folder);
    await store.handle({ type: 'fit', fit: testFit(1_000_000_000n) });
    await declare({ ...sampleStream('board', [{ name: 'v', unit: '', type: 'number' }], true), nominalRateHz: 100 });
    const seconds = 120;
    for (let second = 0; second < seconds; second += 1) {
      const times = Array.from({ length: 100 }, (_, i) => (second + i / 100) * SECOND);
      const bytes = encodeSamples({
        handle: 1,
        firstSeq: second * 100,
        publisherNs: Float64Array.from(times, (ns) => Math.round(ns + next() * 16 * MILLI)),
        deviceTime: Float64Array.from(times, (ns) => Math.floor((ns * (1 + 70e-6)) / 1000)),
        columns: [Float64Array.from(times, () => 1)],
      });
      await store.handle({ type: 'samples', stream: 'board', clock: CLOCK, bytes });
    }
    await store.handle({ type: 'close', request: 1 });
    await sealSession(folder, sealHooks);
    const session = openSession(folder);
    const rows = session.db
      .prepare(
        'SELECT seq, session_ns AS arrived, device_session_ns AS fitted, device_uncertainty_ns AS within FROM timed_board',
      )
      .all() as { seq: number; arrived: number; fitted: number; within: number }[];
    session.close();
    const off = (at: number, seq: number): number => Math.abs(at - SECOND - seq * 10 * MILLI) / MILLI;
    expect(rows).toHaveLength(seconds * 100);
    expect(Math.max(...rows.map(({ seq, fitted }) => off(fitted, seq)))).toBeLessThan(1);
    expect(Math.max(...rows.map(({ seq, arrived }) => off(arrived, seq)))).toBeGreaterThan(15);
    expect(rows.every(({ seq, fitted, within }) => off(fitted, seq) <= within / MILLI)).toBe(true);
    const told = stream(reportOf(folder), 'board')?.device;
    expect(told?.driftPpm).toBeCloseTo(-70, 0);
    expect(told?.arrivalMs?.median).toBeCloseTo(8, 0);
  });

  it('is one page without scripts or external resources, and both files are in the manifest', async () => {
    const { folder } = await record(60);
    await sealSession(folder, sealHooks);
    const page = readFileSync(join(folder, TIMING_PAGE), 'utf8');
    expect(page).not.toMatch(/<script|<link|<img|<iframe|src=|href=|url\(|@import|https?:/i);
    expect(page).toContain('prefers-color-scheme:dark');
    expect(page).toContain('ms');
    const listed = readManifest(folder)?.files.map(({ path }) => path);
    expect(listed).toEqual(expect.arrayContaining([TIMING_JSON, TIMING_PAGE]));
  });

  it('shows text from the kit as text, never as markup', async () => {
    const { folder, remove } = temporaryFolder();
    places.push(remove);
    const { store, open, declare } = testStore();
    open(folder, testMeta({ name: '<b>Lesson</b> & "more"' }));
    await declare({ ...sampleStream('light'), label: '</svg><script>alert(1)</script>' });
    await store.handle({ type: 'close', request: 1 });
    await sealSession(folder, sealHooks);
    const page = readFileSync(join(folder, TIMING_PAGE), 'utf8');
    expect(page).toContain('&lt;b&gt;Lesson&lt;/b&gt; &amp; &quot;more&quot;');
    expect(page).not.toContain('<script');
    expect(page).toContain('nothing was recorded');
  });

  it('names each source of the kit that never delivered, before anything else', async () => {
    const { folder, remove } = temporaryFolder();
    places.push(remove);
    const { store, open, declare } = testStore();
    const source = (id: string, label: string) => ({ id, kind: 'serial', driver: 'lines', label, match: {} });
    open(
      folder,
      testMeta({ kit: { version: 1, name: 'lab', sources: [source('heart', 'Strap'), source('tag', 'Tag 7')] } }),
    );
    await store.handle({ type: 'fit', fit: testFit(0n) });
    await declare({ ...HEART, source: 'heart' });
    await store.handle({ type: 'close', request: 1 });
    await sealSession(folder, sealHooks);
    const report = JSON.parse(readFileSync(join(folder, TIMING_JSON), 'utf8')) as TimingReport;
    expect(report.absentSources).toEqual([{ source: 'tag', label: 'Tag 7' }]);
    expect(report.warnings[0]).toEqual({ level: 'bad', text: 'Tag 7: nothing was recorded; it never delivered.' });
    expect(readFileSync(join(folder, TIMING_PAGE), 'utf8')).toContain('Tag 7: nothing was recorded');
  });

  it('is written even for a session without any data', async () => {
    const { folder, remove } = temporaryFolder();
    places.push(remove);
    const { store, open } = testStore();
    open(folder);
    await store.handle({ type: 'close', request: 1 });
    await sealSession(folder, sealHooks);
    expect(reportOf(folder).streams).toEqual([]);
    expect(readFileSync(join(folder, TIMING_PAGE), 'utf8')).toContain('Nothing was recorded.');
  });

  it('stays small for a long session: plots and lists are limited, totals are complete', async () => {
    const { folder } = await record(30);
    const { store, open, declare } = testStore();
    open(folder, testMeta({ zeroEngineNs: 5_000_000_000_000n }));
    await declare(HEART);
    for (let i = 0; i < 20_000; i += 1)
      await store.handle({
        type: 'gap',
        stream: 'heart',
        clock: CLOCK,
        fromNs: i * 10,
        toNs: i * 10 + 5,
        cause: 'frozen',
        lost: 1,
        detail: 'x'.repeat(400),
      });
    await store.handle({ type: 'close', request: 1 });
    await sealSession(folder, sealHooks);
    expect(stream(reportOf(folder), 'heart')?.gapsByCause.find(({ cause }) => cause === 'frozen')?.missing).toBe(
      20_000,
    );
    expect(statSync(join(folder, TIMING_PAGE)).size).toBeLessThan(1_000_000);
    expect(statSync(join(folder, TIMING_JSON)).size).toBeLessThan(1_000_000);
  });

  it('that cannot be created is reported in the index, and the session is sealed anyway', async () => {
    const { folder } = await record(30);
    const writeReport = (): void => {
      throw new Error('no room for a report');
    };
    const { manifest } = await sealSession(folder, { ...sealHooks, writeReport });
    expect(manifest.state).toBe('sealed');
    expect(existsSync(join(folder, TIMING_PAGE))).toBe(false);
    const session = openSession(folder);
    const told = session.db.prepare("SELECT message FROM event WHERE code = 'report.failed'").pluck().all();
    session.close();
    expect(told).toEqual(['The timing report could not be written: no room for a report']);
  });
});
