import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifest } from '../../session/format/manifest.ts';
import { sealSession } from '../../session/seal/seal.ts';
import { StoreClient } from './storeClient.ts';
import {
  audioStream,
  CLOCK,
  sampleStream,
  temporaryFolder,
  testFit,
  testMeta,
  testPacket,
  testSamples,
  testStore,
  videoStream,
} from './testKit.ts';

let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
});
afterEach(() => remove());

const query = <T>(sql: string): T[] => {
  const db = new Database(join(folder, 'session.sqlite'), { readonly: true });
  try {
    return db.prepare(sql).all() as T[];
  } finally {
    db.close();
  }
};

describe('accepted data is in the files', () => {
  it('acknowledges packets and samples after they were committed, and finds them again', async () => {
    const { store, events, open, declare } = testStore({ flushMs: 60_000 });
    open(folder);
    expect(await declare(videoStream('cam-1'))).toEqual({ stream: 1, nextSeq: 0 });
    await declare(audioStream('mic-1'));
    await declare(sampleStream('heart'));
    store.handle({ type: 'fit', fit: testFit(5_000_000_000n) });
    for (let seq = 0; seq < 100; seq += 1) {
      store.handle({
        type: 'packet',
        stream: 'cam-1',
        clock: CLOCK,
        bytes: testPacket(seq, { key: seq % 30 === 0, unbounded: seq === 9 }),
      });
      store.handle({ type: 'packet', stream: 'mic-1', clock: CLOCK, bytes: testPacket(seq) });
    }
    store.handle({ type: 'samples', stream: 'heart', clock: CLOCK, bytes: testSamples(0, 5000) });
    expect(events.filter((e) => e.type === 'ack')).toEqual([]);
    store.handle({ type: 'flush', request: 1 });
    const ack = events.find((e) => e.type === 'ack');
    expect(ack?.acks).toEqual([
      { stream: 'cam-1', seq: 99 },
      { stream: 'mic-1', seq: 99 },
      { stream: 'heart', seq: 4999 },
    ]);
    store.handle({ type: 'close', request: 2 });

    const packets = query<{ seq: number; file: string; offset: number; length: number; session_ns: number }>(
      "SELECT * FROM timed_packet WHERE stream = 'cam-1' ORDER BY seq",
    );
    const file = readFileSync(join(folder, 'media/cam-1/0001.mkv'));
    expect(
      packets.map((p) => new DataView(file.buffer, file.byteOffset + p.offset, p.length).getFloat64(0, true)),
    ).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(packets[10]?.session_ns).toBe(5_200_000_000);
    // The clock is known to 150 µs, the packet to 2 ms before its stamp and 1 ms after it; the ninth has no stated
    // bounds.
    const bounds = query(
      "SELECT uncertainty_ns, early_ns, late_ns FROM timed_packet WHERE stream = 'cam-1' AND seq IN (8, 9) ORDER BY seq",
    );
    expect(bounds).toEqual([
      { uncertainty_ns: 2_150_000, early_ns: 2_150_000, late_ns: 1_150_000 },
      { uncertainty_ns: null, early_ns: null, late_ns: null },
    ]);
    const rows = query<{ seq: number; ch1: number; session_s: number; uncertainty_ns: number | null }>(
      'SELECT seq, ch1, session_s, uncertainty_ns FROM timed_heart ORDER BY seq',
    );
    expect(rows).toHaveLength(5000);
    expect(rows[1234]).toEqual({ seq: 1234, ch1: 2468, session_s: 6.234, uncertainty_ns: 500_000 });
    expect(rows[1239]?.uncertainty_ns).toBeNull();
  });

  it('makes a packet safe within half a second automatically', async () => {
    const { store, events, open, declare } = testStore();
    open(folder);
    await declare(audioStream('mic-1'));
    store.handle({ type: 'packet', stream: 'mic-1', clock: CLOCK, bytes: testPacket(0) });
    await expect.poll(() => events.some((e) => e.type === 'ack'), { timeout: 500, interval: 10 }).toBe(true);
    store.handle({ type: 'close', request: 1 });
  });

  it('continues after being reopened, with a new file at the next key frame', async () => {
    const first = testStore();
    first.open(folder);
    await first.declare(videoStream('cam-1'));
    await first.declare(sampleStream('heart'));
    for (let seq = 0; seq < 10; seq += 1)
      first.store.handle({ type: 'packet', stream: 'cam-1', clock: CLOCK, bytes: testPacket(seq, { key: seq === 0 }) });
    first.store.handle({ type: 'samples', stream: 'heart', clock: CLOCK, bytes: testSamples(0, 70) });
    first.store.handle({ type: 'close', request: 1 });

    const second = testStore({ flushMs: 1e9 });
    second.open(folder);
    expect(await second.declare(videoStream('cam-1'))).toEqual({ stream: 1, nextSeq: 10 });
    expect(await second.declare(sampleStream('heart'))).toEqual({ stream: 2, nextSeq: 70 });
    for (let seq = 8; seq < 20; seq += 1)
      second.store.handle({
        type: 'packet',
        stream: 'cam-1',
        clock: CLOCK,
        bytes: testPacket(seq, { key: seq === 15 }),
      });
    second.store.handle({ type: 'samples', stream: 'heart', clock: CLOCK, bytes: testSamples(60, 100) });
    second.store.handle({ type: 'close', request: 1 });

    expect(query('SELECT number, first_seq, reason FROM segment')).toEqual([
      { number: 1, first_seq: 0, reason: 'first' },
      { number: 2, first_seq: 15, reason: 'reopened' },
    ]);
    expect(query('SELECT count(*) AS n, min(seq) AS a, max(seq) AS b FROM packet')).toEqual([{ n: 20, a: 0, b: 19 }]);
    expect(query('SELECT count(*) AS n, max(seq) AS b FROM samples_heart')).toEqual([{ n: 160, b: 159 }]);
    expect(query('SELECT * FROM gap')).toEqual([]);
    const buckets = 'SELECT first_seq, last_seq, rows, ch0_min, ch0_max, ch0_mean FROM decimated_heart WHERE level =';
    expect(query(`${buckets} 128`)).toEqual([
      { first_seq: 0, last_seq: 127, rows: 128, ch0_min: 0, ch0_max: 127, ch0_mean: 63.5 },
    ]);
    expect(query<{ ch0_mean: number }>(`${buckets} 32`).map((b) => b.ch0_mean)).toEqual([
      15.5, 47.5, 79.5, 111.5, 143.5,
    ]);
    const ack = second.events.find((e) => e.type === 'ack');
    expect(ack?.counters.map((c) => [c.stream, c.count, c.lastSeq, c.duplicates, c.missing])).toEqual([
      ['cam-1', 20, 19, 2, 0],
      ['heart', 160, 159, 10, 0],
    ]);
  });

  it('keeps session records: markers, probes, lifecycle, big integers', async () => {
    const { store, open } = testStore();
    const meta = testMeta({ zeroEngineNs: 9_007_199_254_740_993n });
    open(folder, meta);
    store.handle({ type: 'lifecycle', request: 1, state: 'recording', atEngineNs: meta.zeroEngineNs + 5n, detail: '' });
    expect(readManifest(folder)).toMatchObject({ state: 'recording', revision: 2, files: [] });
    store.handle({ type: 'marker', request: 2, atNs: 123n, code: 'start', note: 'bell', author: 'r1' });
    store.handle({
      type: 'probes',
      probes: [
        {
          publisher: 'capture',
          epoch: 'epoch-0001',
          wave: 1,
          t0: 9_007_199_254_740_995n,
          t1: 5,
          t2: 6,
          t3: 9_007_199_254_740_999n,
        },
      ],
    });
    store.handle({ type: 'anchor', atNs: 1n, wallNs: meta.zeroWallNs });
    store.handle({ type: 'assignment', atNs: 0n, source: 'heart', participant: 'P01', place: 'left' });
    store.handle({ type: 'process', atNs: 0n, name: 'capture', pid: 1, event: 'start', detail: '' });
    store.handle({ type: 'close', request: 3 });
    expect(query("SELECT state, at_ns FROM lifecycle WHERE state = 'recording'")).toEqual([
      { state: 'recording', at_ns: 5 },
    ]);
    expect(query('SELECT at_ns, code, note, author FROM marker')).toEqual([
      { at_ns: 123, code: 'start', note: 'bell', author: 'r1' },
    ]);
    expect(query('SELECT CAST(t0_engine_ns AS TEXT) AS t0 FROM probe')).toEqual([{ t0: '9007199254740995' }]);
    expect(query('SELECT participant FROM assignment')).toEqual([{ participant: 'P01' }]);
  });
});

describe('bad input loses nothing else', () => {
  it('refuses a damaged packet and records it as missing', async () => {
    const { store, events, open, declare } = testStore();
    open(folder);
    await declare(audioStream('mic-1'));
    const bad = testPacket(1);
    bad[60] = (bad[60] as number) ^ 1;
    await store.dispatch({ type: 'packet', stream: 'mic-1', clock: CLOCK, bytes: testPacket(0) });
    await store.dispatch({ type: 'packet', stream: 'mic-1', clock: CLOCK, bytes: bad });
    await store.dispatch({ type: 'packet', stream: 'mic-1', clock: CLOCK, bytes: new Uint8Array(3) });
    await store.dispatch({ type: 'packet', stream: 'nobody', clock: CLOCK, bytes: testPacket(2) });
    await store.dispatch({ type: 'packet', stream: 'mic-1', clock: CLOCK, bytes: testPacket(2) });
    store.handle({ type: 'close', request: 1 });
    expect(events.flatMap((e) => (e.type === 'refused' ? [e.error.code] : []))).toEqual([
      'ingest.checksum',
      'ingest.malformed',
      'store.stream-unknown',
    ]);
    expect(query('SELECT cause, missing_seqs, from_ns, to_ns FROM gap')).toEqual([
      { cause: 'checksum', missing_seqs: 1, from_ns: 20_000_000, to_ns: 40_000_000 },
    ]);
  });

  it('refuses a stream whose channels change, a newer index, a path that is a file', async () => {
    const { store, open, declare } = testStore();
    open(folder);
    await declare(sampleStream('heart'));
    await expect(declare(sampleStream('heart', [{ name: 'other', unit: '', type: 'text' }]))).rejects.toMatchObject({
      code: 'store.stream-changed',
    });
    store.handle({ type: 'close', request: 1 });
    const db = new Database(join(folder, 'session.sqlite'));
    db.pragma('user_version = 99999');
    db.close();
    expect(() => testStore().open(folder)).toThrow(expect.objectContaining({ code: 'store.newer' }));
    writeFileSync(`${folder}-file`, 'x');
    expect(() => testStore().open(`${folder}-file`)).toThrow(expect.objectContaining({ code: 'store.not-a-folder' }));
    expect(() => testStore().open(`${folder}-file/deeper`)).toThrow(
      expect.objectContaining({ code: 'store.not-a-folder' }),
    );
  });
});

describe('through the worker thread', () => {
  it('stores, acknowledges, closes', async () => {
    const acks: number[] = [];
    const client = new StoreClient({ onAck: (event) => acks.push(...event.acks.map((a) => a.seq)) });
    await client.request({ type: 'open', folder, meta: testMeta() });
    const [cam, heart] = await Promise.all([
      client.request({ type: 'declare', stream: videoStream('cam-1'), clock: CLOCK }),
      client.request({ type: 'declare', stream: sampleStream('heart'), clock: CLOCK }),
    ]);
    expect([cam.nextSeq, heart.nextSeq]).toEqual([0, 0]);
    const pooled = Buffer.from(testPacket(0)) as unknown as Uint8Array<ArrayBuffer>;
    client.post({ type: 'packet', stream: 'cam-1', clock: CLOCK, bytes: pooled });
    client.post({ type: 'samples', stream: 'heart', clock: CLOCK, bytes: testSamples(0, 100) });
    await client.request({ type: 'flush' });
    expect(acks).toEqual([0, 99]);
    expect(client.unsafeBytes).toBe(0);
    await client.close();
    expect(statSync(join(folder, 'media/cam-1/0001.mkv')).size).toBeGreaterThan(300);
    expect(existsSync(join(folder, 'session.sqlite-wal'))).toBe(false);
  });

  it('reports why a request failed, and that it has died', async () => {
    let dead: string | null = null;
    const client = new StoreClient({ onDead: (error) => (dead = error.code) });
    await expect(client.request({ type: 'flush' })).resolves.toBeUndefined();
    await expect(client.request({ type: 'declare', stream: videoStream('cam-1'), clock: CLOCK })).rejects.toMatchObject(
      { code: 'store.not-open' },
    );
    const pending = client.request({ type: 'open', folder, meta: testMeta() });
    await client.kill();
    await expect(pending).rejects.toMatchObject({ code: 'store.dead' });
    expect(dead).toBe('store.dead');
    expect(() => client.post({ type: 'anchor', atNs: 0n, wallNs: 0n })).toThrow(
      expect.objectContaining({ code: 'store.dead' }),
    );
  });
});

it('is sealed while another program reads the index', async () => {
  const { store, open, declare } = testStore();
  open(folder);
  await declare(sampleStream('heart'));
  store.handle({ type: 'fit', fit: testFit(0n) });
  store.handle({ type: 'samples', stream: 'heart', clock: CLOCK, bytes: testSamples(0, 100) });
  store.handle({ type: 'close', request: 1 });
  const reader = new Database(join(folder, 'session.sqlite'), { readonly: true });
  expect(reader.prepare('SELECT count(*) FROM samples_heart').pluck().get()).toBe(100);
  const sealing = sealSession(folder);
  await new Promise((done) => setTimeout(done, 400));
  expect(readManifest(folder)?.state).not.toBe('sealed');
  reader.close();
  await sealing;
  expect(readManifest(folder)?.state).toBe('sealed');
});
