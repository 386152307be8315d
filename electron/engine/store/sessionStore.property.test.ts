import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SampleStream } from '../../common/stream.ts';
import { type Column, encodeSamples } from '../../common/wire.ts';
import { verifySession } from '../../session/check/verify.ts';
import { CLOCK, sampleStream, temporaryFolder, testFit, testPacket, testStore, videoStream } from './testKit.ts';

interface Source {
  publisherNs: Float64Array;
  deviceTime: Float64Array;
  columns: Column[];
}

const channels: SampleStream['channels'] = [
  { name: 'value', unit: '', type: 'number' },
  { name: 'count', unit: '', type: 'integer' },
  { name: 'on', unit: '', type: 'boolean' },
  { name: 'Seq', unit: '', type: 'text' },
];

const sample = fc.record({
  step: fc.integer({ min: -2_000, max: 5_000_000 }),
  value: fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, 5e-324, 0.1, 2 ** 60, 2 ** 63)),
  count: fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constant(Number.NaN)),
  on: fc.constantFrom(0, 1, Number.NaN),
  text: fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '"', '\u0000', '12', '1.50', 'NULL')), {
    nil: null,
  }),
});

function sourceOf(samples: { step: number; value: number; count: number; on: number; text: string | null }[]): Source {
  let ns = 1_000_000_000_000_000;
  return {
    publisherNs: Float64Array.from(samples, (s) => (ns += s.step)),
    deviceTime: Float64Array.from(samples, (_, i) => (i % 7 === 3 ? Number.NaN : i * 3)),
    columns: [
      Float64Array.from(samples, (s) => s.value),
      Float64Array.from(samples, (s) => s.count),
      Float64Array.from(samples, (s) => s.on),
      samples.map((s) => s.text),
    ],
  };
}

const batchOf = ({ publisherNs, deviceTime, columns }: Source, from: number, to: number): Uint8Array<ArrayBuffer> =>
  encodeSamples({
    handle: 3,
    firstSeq: from,
    publisherNs: publisherNs.slice(from, to),
    deviceTime: deviceTime.slice(from, to),
    columns: columns.map((c) => c.slice(from, to)),
  });

/** The stored form of a batch: NaN and null are NULL, minus zero is zero. */
const stored = (value: number | string | null | undefined): number | string | null =>
  value === null || value === undefined || Number.isNaN(value) ? null : typeof value === 'number' ? value + 0 : value;

/** Ways a publisher may send: pieces in order, some repeated from further back, with flushes and restarts between. */
const plan = (length: number) =>
  fc.array(
    fc.record({
      size: fc.integer({ min: 1, max: Math.max(1, length) }),
      back: fc.integer({ min: 0, max: 40 }),
      after: fc.constantFrom('nothing', 'nothing', 'flush', 'repeat', 'restart'),
    }),
    { maxLength: 12 },
  );

describe('samples', () => {
  it('are stored unchanged, however they were split, repeated and interrupted', async () => {
    const cases = fc
      .array(sample, { minLength: 1, maxLength: 200 })
      .chain((samples) => fc.record({ samples: fc.constant(samples), pieces: plan(samples.length) }));
    await fc.assert(
      fc.asyncProperty(cases, async ({ samples, pieces }) => {
        const { folder, remove } = temporaryFolder();
        try {
          const source = sourceOf(samples);
          const stream = sampleStream('s', channels, true);
          let t = testStore();
          t.open(folder);
          await t.declare(stream);
          let next = 0;
          for (const { size, back, after } of [...pieces, { size: samples.length, back: 0, after: 'nothing' }]) {
            const from = Math.max(0, next - back);
            const to = Math.min(samples.length, next + size);
            if (to <= from) continue;
            const bytes = batchOf(source, from, to);
            t.store.handle({ type: 'samples', stream: 's', clock: CLOCK, bytes });
            if (after === 'repeat') t.store.handle({ type: 'samples', stream: 's', clock: CLOCK, bytes });
            if (after === 'flush') t.store.handle({ type: 'flush', request: 0 });
            if (after === 'restart') {
              t.store.handle({ type: 'close', request: 0 });
              t = testStore();
              t.open(folder);
              expect((await t.declare(stream)).nextSeq).toBe(to);
            }
            next = to;
          }
          t.store.handle({ type: 'close', request: 0 });
          const db = new Database(join(folder, 'session.sqlite'), { readonly: true });
          const rows = db
            .prepare('SELECT seq, publisher_ns, device_time, value, count, "on", Seq_ FROM samples_s ORDER BY seq')
            .raw()
            .all();
          db.close();
          const expected = samples.map((_, i) =>
            [i, source.publisherNs[i], source.deviceTime[i], ...source.columns.map((c) => c[i])].map(stored),
          );
          expect(rows).toEqual(expected);
          const { findings } = await verifySession(folder);
          expect(findings).toEqual([]);
        } finally {
          remove();
        }
      }),
      { numRuns: 40 },
    );
  });

  it('that never arrived are counted once each, whatever else is lost around them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 30 }),
        async (kept) => {
          const { folder, remove } = temporaryFolder();
          try {
            const { store, events, open, declare } = testStore();
            open(folder);
            await declare(videoStream('cam-1'));
            const sent = [...kept].sort((a, b) => a - b);
            for (const seq of sent)
              store.handle({ type: 'packet', stream: 'cam-1', clock: CLOCK, bytes: testPacket(seq) });
            store.handle({ type: 'close', request: 0 });
            const counters = events.findLast((e) => e.type === 'ack')?.counters[0];
            expect(counters).toMatchObject({ count: sent.length, missing: (sent.at(-1) as number) + 1 - sent.length });
            expect((await verifySession(folder)).findings).toEqual([]);
          } finally {
            remove();
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('are found by session time even where their timestamps go backwards', async () => {
    const { openSession } = await import('../../session/read/sessionReader.ts');
    const cases = fc.record({
      steps: fc.array(fc.integer({ min: -3_000, max: 5_000 }), { minLength: 1, maxLength: 300 }),
      cut: fc.integer({ min: 1, max: 50 }),
      from: fc.integer({ min: -100_000, max: 400_000 }),
      width: fc.integer({ min: 0, max: 300_000 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ steps, cut, from, width }) => {
        const { folder, remove } = temporaryFolder();
        try {
          const { store, open, declare } = testStore();
          open(folder);
          await declare(sampleStream('s'));
          store.handle({ type: 'fit', fit: testFit(1_000n, { drift: 1e-3 }) });
          let ns = 0;
          const stamps = Float64Array.from(steps, (step) => (ns += step));
          for (let at = 0; at < stamps.length; at += cut) {
            const publisherNs = stamps.slice(at, at + cut);
            const columns = [publisherNs, publisherNs, publisherNs];
            const bytes = encodeSamples({ handle: 1, firstSeq: at, publisherNs, deviceTime: null, columns });
            store.handle({ type: 'samples', stream: 's', clock: CLOCK, bytes });
            store.handle({ type: 'flush', request: 0 });
          }
          store.handle({ type: 'close', request: 0 });
          using reader = openSession(folder);
          const expected = [...stamps].flatMap((p, seq) => {
            const session = p + 1_000 + Math.round(1e-3 * p);
            return session >= from && session <= from + width ? [seq] : [];
          });
          expect(reader.samples('s', BigInt(from), BigInt(from + width)).seq).toEqual(expected);
        } finally {
          remove();
        }
      }),
      { numRuns: 40 },
    );
  });
});
