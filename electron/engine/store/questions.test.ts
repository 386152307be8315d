// The queries of docs/session-format.md, run as they are printed, and the views that they use, against known truth.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import initSqlJs from 'sql.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeSamples } from '../../common/wire.ts';
import { addMarker } from '../../session/annotations.ts';
import { sealSession } from '../../session/seal/seal.ts';
import {
  CLOCK,
  sampleStream,
  temporaryFolder,
  testFit,
  testPacket,
  testSamples,
  testStore,
  videoStream,
} from './testKit.ts';

const ANOTHER = 'devices/epoch-0002';
const FRAMES = 30 * 60 * 20;
const FRAME_NS = 1e9 / 30;
const OFFSET_NS = 700_000_000;
const MARKERS = 50;
const place = temporaryFolder();

const blocks = [
  ...readFileSync(join(import.meta.dirname, '../../../docs/session-format.md'), 'utf8').matchAll(
    /```sql\n([\s\S]*?)```/g,
  ),
].map((match) => match[1] as string);

/** A lesson of 20 minutes with the demo's streams, on two clocks. */
beforeAll(async () => {
  const { store, open, declare } = testStore();
  open(place.folder);
  store.handle({ type: 'fit', fit: testFit(BigInt(OFFSET_NS)) });
  store.handle({ type: 'fit', fit: testFit(5_000_000_000n, { clock: ANOTHER, drift: 20e-6 }) });
  await declare({ ...videoStream('camera-front'), nominalRateHz: 30 } as never);
  for (let seq = 0; seq < FRAMES; seq += 1) {
    const publisherNs = Math.round(seq * FRAME_NS);
    const bytes = testPacket(seq, { key: seq % 60 === 0, size: 40, publisherNs });
    store.handle({ type: 'packet', stream: 'camera-front', clock: CLOCK, bytes });
  }
  for (const [id, participant] of [
    ['heart-p01', 'P01'],
    ['heart-p02', 'P02'],
  ] as const) {
    const heart = sampleStream(id, [
      { name: 'heart_rate', unit: 'bpm', type: 'number' },
      { name: 'rr_ms', unit: 'ms', type: 'number' },
    ]);
    await declare({ ...heart, participant }, ANOTHER);
    const count = 1200;
    const bytes = encodeSamples({
      handle: 1,
      firstSeq: 0,
      publisherNs: Float64Array.from({ length: count }, (_, i) => i * 1e9),
      deviceTime: null,
      columns: [
        new Float64Array(count).fill(id === 'heart-p01' ? 70 : 90),
        Float64Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 800 + i : Number.NaN)),
      ],
    });
    store.handle({ type: 'samples', stream: id, clock: ANOTHER, bytes });
  }
  await declare(sampleStream('clicker', [{ name: 'name', unit: '', type: 'text' }]), ANOTHER);
  const word = { handle: 1, firstSeq: 0, publisherNs: Float64Array.of(1e9), deviceTime: null, columns: [['yes']] };
  store.handle({ type: 'samples', stream: 'clicker', clock: ANOTHER, bytes: encodeSamples(word) });
  const assign = (atNs: bigint, source: string, participant: string | null): void =>
    void store.handle({ type: 'assignment', atNs, source, participant, place: '' });
  assign(40_000_000n, 'heart-p01', 'P01');
  assign(605_000_000_000n, 'heart-p01', 'P03');
  for (let i = 0; i < MARKERS; i += 1) {
    const atNs = BigInt(1 + i * 20) * 1_000_000_000n;
    store.handle({ type: 'marker', request: 0, atNs, code: '1', note: `m${i}`, author: 'operator' });
  }
  store.handle({ type: 'close', request: 0 });
  await sealSession(place.folder);
}, 60_000);

afterAll(() => place.remove());

test('every query of the documentation works, in a lesson of 20 minutes', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(9);
  using index = openIndex();
  for (const sql of blocks) {
    const rows = index.all(sql);
    if (!/FROM timed_gap/.test(sql)) expect(rows, sql).not.toEqual([]);
  }
});

test('a program with SQLite 3.35 opens the session, runs the same queries and reads what was added to it', async () => {
  addMarker(place.folder, { atNs: 5n, code: '2', note: 'later', author: 'me' });
  const wasmBinary = readFileSync(createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm.wasm'));
  const SQL = await initSqlJs({ wasmBinary: wasmBinary.buffer.slice(0, wasmBinary.byteLength) as ArrayBuffer });
  const open = (name: string): InstanceType<typeof SQL.Database> =>
    new SQL.Database(readFileSync(join(place.folder, name)));
  const old = open('session.sqlite');
  expect(old.exec('SELECT sqlite_version()')[0]?.values).toEqual([['3.35.0']]);
  for (const sql of blocks)
    if (!/FROM timed_gap/.test(sql)) expect(old.exec(sql)[0]?.values.length, sql).toBeGreaterThan(0);
  expect(open('annotations.sqlite').exec('SELECT note FROM marker_now')[0]?.values).toEqual([['later']]);
});

describe('a view', () => {
  test('all_samples assigns each value to the wearer of the sensor, from time zero on', () => {
    using index = openIndex();
    const means = index.all(
      "SELECT participant, avg(value) AS mean, count(*) AS rows, min(unit) AS unit FROM all_samples WHERE channel = 'heart_rate' GROUP BY participant ORDER BY 1",
    );
    // Session time is behind by five seconds and the drift: the strap changes participants before sample 600.
    expect(means).toEqual([
      { participant: 'P01', mean: 70, rows: 600, unit: 'bpm' },
      { participant: 'P02', mean: 90, rows: 1200, unit: 'bpm' },
      { participant: 'P03', mean: 70, rows: 600, unit: 'bpm' },
    ]);
    expect(index.all("SELECT count(*) AS n FROM all_samples WHERE channel = 'rr_ms'")).toEqual([{ n: 1200 }]);
    expect(index.all("SELECT text, value FROM all_samples WHERE stream = 'clicker'")).toEqual([
      { text: 'yes', value: null },
    ]);
  });

  test('marker_frame gives the frame shown at each marker', () => {
    using index = openIndex();
    const rows = index.all('SELECT at_ns, seq, session_ns FROM marker_frame ORDER BY at_ns') as Record<
      string,
      number
    >[];
    expect(rows).toHaveLength(MARKERS);
    for (const { at_ns, seq, session_ns } of rows as { at_ns: number; seq: number; session_ns: number }[]) {
      expect(seq).toBe(Math.floor((at_ns - OFFSET_NS) / FRAME_NS + 1e-6));
      expect(Math.abs(session_ns - (OFFSET_NS + seq * FRAME_NS))).toBeLessThan(2);
    }
  });

  test('frame_time counts the frames of a file as a reader does', () => {
    using index = openIndex();
    const [row] = index.all(
      "SELECT session_ns FROM frame_time WHERE file = 'media/camera-front/0001.mkv' AND frame = 4500",
    );
    expect(row).toEqual({ session_ns: OFFSET_NS + Math.round(4500 * FRAME_NS) });
  });

  test('all_samples covers more streams than one compound query may contain', async () => {
    const many = temporaryFolder();
    const { store, open, declare } = testStore();
    open(many.folder);
    store.handle({ type: 'fit', fit: testFit(0n) });
    for (let i = 0; i < 450; i += 1) await declare(sampleStream(`s${i}`, [{ name: 'a', unit: '', type: 'number' }]));
    store.handle({ type: 'samples', stream: 's449', clock: CLOCK, bytes: testSamples(0, 3, 1) });
    store.handle({ type: 'close', request: 0 });
    {
      using index = openIndex(many.folder);
      expect(index.all('SELECT stream, value FROM all_samples')).toEqual([
        { stream: 's449', value: 0 },
        { stream: 's449', value: 1 },
        { stream: 's449', value: 2 },
      ]);
    }
    // Windows cannot remove an open file.
    many.remove();
  });
});

function openIndex(folder = place.folder): Disposable & { all: (sql: string) => Record<string, unknown>[] } {
  const db = new Database(join(folder, 'session.sqlite'), { readonly: true });
  return {
    all: (sql) => db.prepare(sql).all() as Record<string, unknown>[],
    [Symbol.dispose]: () => void db.close(),
  };
}
