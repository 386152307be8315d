import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeSamples } from '../../common/wire.ts';
import { sealSession } from '../../session/seal/seal.ts';
import {
  CLOCK,
  sampleStream,
  temporaryFolder,
  testFit,
  testMeta,
  testPacket,
  testStore,
  videoStream,
} from './testKit.ts';

/** `docs/session-format.md` promises these; each query stands there and is run here as it stands. */
const queries = [
  ...readFileSync(new URL('../../../docs/session-format.md', import.meta.url), 'utf8').matchAll(
    /```sql\n([\s\S]*?)```/g,
  ),
].map((match) => match[1] as string);
const { folder, remove } = temporaryFolder();
const SECONDS = 6;
let db: Database.Database;

beforeAll(async () => {
  const { store, open, declare } = testStore();
  open(folder, testMeta({ zeroWallNs: 1_795_356_903_000_000_000n }));
  store.handle({ type: 'fit', fit: testFit(1_000_000_000n) });
  store.handle({ type: 'assignment', atNs: 0n, source: 'heart', participant: 'P01', place: 'left' });
  store.handle({ type: 'assignment', atNs: 4_000_000_000n, source: 'heart', participant: 'P02', place: 'left' });
  await declare(videoStream('cam-1'));
  await declare(sampleStream('heart', [{ name: 'bpm', unit: 'bpm', type: 'number' }]));
  for (let seq = 0; seq < SECONDS * 30; seq += 1) {
    const bytes = testPacket(seq < 60 ? seq : seq + 5, { key: seq % 60 === 0, durationNs: 33_333_333 });
    store.handle({ type: 'packet', stream: 'cam-1', clock: CLOCK, bytes });
  }
  const gap = { stream: 'cam-1', clock: CLOCK, fromNs: 1_999_999_980, toNs: 2_166_666_645 };
  store.handle({ type: 'gap', ...gap, cause: 'frames-lost', lost: 5, detail: '' });
  // 100 samples a second from session second 1 on: 60 bpm until second 4, then 90.
  const publisherNs = Float64Array.from({ length: SECONDS * 100 }, (_, i) => i * 10_000_000);
  const bpm = publisherNs.map((ns) => (ns < 3e9 ? 60 : 90));
  const earlyUs = new Uint32Array(publisherNs.length).fill(350);
  const bytes = encodeSamples({ handle: 2, firstSeq: 0, publisherNs, deviceTime: null, earlyUs, columns: [bpm] });
  store.handle({ type: 'samples', stream: 'heart', clock: CLOCK, bytes });
  store.handle({
    type: 'marker',
    request: 1,
    atNs: 2_010_000_000n,
    code: 'bell',
    note: 'the bell rings',
    author: 'r1',
  });
  store.handle({ type: 'close', request: 2 });
  await sealSession(folder);
  db = new Database(join(folder, 'session.sqlite'), { readonly: true });
});
afterAll(() => {
  db.close();
  remove();
});

const answers = (n: number): Record<string, unknown>[] =>
  db.prepare(queries[n] as string).all() as Record<string, unknown>[];

describe('the queries of docs/session-format.md', () => {
  it('are all tried here', () => expect(queries).toHaveLength(8));

  it('counts', () => {
    expect(answers(0)).toMatchObject([
      { name: 'cam-1', kind: 'video', count: 180, gaps: 1 },
      { name: 'heart', kind: 'samples', count: 600, gaps: 0 },
    ]);
  });

  it('finds a stretch of samples by session time, by the view and by the index', () => {
    const view = answers(1);
    expect(view).toHaveLength(201);
    expect(view[0]).toEqual({ session_s: 2, bpm: 60, uncertainty_ms: 0.5 });
    expect(view.at(-1)).toMatchObject({ session_s: 4, bpm: 90 });
    const index = answers(2);
    expect(index).toHaveLength(100);
    expect(index[0]).toEqual({ session_s: 2, bpm: 60 });
  });

  it('finds the picture at a marker', () => {
    const [answer] = answers(3);
    expect(answer).toMatchObject({ note: 'the bell rings', file: 'media/cam-1/0001.mkv' });
    expect(answer?.apart_ms).toBeCloseTo(-10, 3);
    const bytes = readFileSync(join(folder, 'media/cam-1/0001.mkv')).subarray(answer?.offset as number);
    expect(new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true)).toBe(30);
  });

  it('tells what is missing and why', () => {
    expect(answers(4)).toEqual([
      { stream: 'cam-1', from_s: 2.99999998, to_s: 3.166666645, cause: 'frames-lost', missing: 5 },
    ]);
  });

  it('knows who wore it', () => {
    expect(answers(5)).toEqual([
      { participant: 'P01', mean_bpm: 60, samples: 300 },
      { participant: 'P02', mean_bpm: 90, samples: 300 },
    ]);
  });

  it('plots, and tells the wall time', () => {
    expect(answers(6).map((b) => b.bpm_mean)).toEqual([60, 60, expect.closeTo(79.69, 1), 90]);
    expect(answers(7)).toEqual([{ note: 'the bell rings', wall_clock: '2026-11-22 14:15:05' }]);
  });
});
