/**
 * Store throughput, counted when safe on disk: samples (3 channels) and packets through its worker thread, compared with
 * plain better-sqlite3 inserts of the same rows in one process of the same run.
 *
 *   node test/bench/ingest.ts [--quick] [--folder DIR]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crc32 } from 'node:zlib';
import Database from 'better-sqlite3';
import { encodePacket, encodeSamples } from '../../electron/common/wire.ts';
import { StoreClient } from '../../electron/engine/store/storeClient.ts';
import { CLOCK, sampleStream, testMeta, videoStream } from '../../electron/engine/store/testKit.ts';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, folder: { type: 'string' } } });
const root = mkdtempSync(join(options.folder ?? tmpdir(), 'fieldroom-bench-'));
const ROWS = options.quick ? 200_000 : 2_000_000;
const PACKETS = options.quick ? 20_000 : 100_000;
/** Limit of unacknowledged data; above it the sender waits, as the door does. */
const IN_FLIGHT_BYTES = 4 * 1024 * 1024;

interface Result {
  name: string;
  perSecond: number;
  /** Longest time from posting a batch to its ack. */
  safeMs: { p50: number; max: number };
}

/** Sends through a StoreClient and waits until everything is acknowledged. */
async function through(
  name: string,
  streams: string[],
  count: number,
  send: (client: StoreClient, at: number) => number,
  perSecond = Infinity,
): Promise<Result> {
  const folder = join(root, name.replaceAll(/[^a-z0-9]+/g, '-'));
  const posted = new Map<string, { seq: number; at: number }[]>();
  const delays: number[] = [];
  let wake = (): void => {};
  let safe = 0;
  const last = new Map<string, number>();
  const client = new StoreClient({
    onAck: ({ acks }) => {
      const now = performance.now();
      for (const { stream, seq } of acks) {
        safe += seq - (last.get(stream) ?? -1);
        last.set(stream, seq);
        const waiting = posted.get(stream) ?? [];
        while (waiting[0] && waiting[0].seq <= seq) delays.push(now - (waiting.shift()?.at ?? now));
      }
    },
    onPressure: () => wake(),
  });
  await client.request({ type: 'open', folder, meta: testMeta() });
  for (const id of streams) {
    const stream = name.startsWith('packets') ? videoStream(id) : sampleStream(id);
    await client.request({ type: 'declare', stream, clock: CLOCK });
  }
  const started = performance.now();
  for (let at = 0; at < count; ) {
    const stream = streams[0] as string;
    at += send(client, at);
    if (at % 10_000 < 1000)
      (posted.get(stream) ?? posted.set(stream, []).get(stream))?.push({
        seq: Math.floor((at - 1) / streams.length),
        at: performance.now(),
      });
    if (client.unsafeBytes > IN_FLIGHT_BYTES)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    else if (at % 5000 === 0) await new Promise(setImmediate);
    while (performance.now() - started < (at / perSecond) * 1000)
      await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await client.request({ type: 'flush' });
  const seconds = (performance.now() - started) / 1000;
  if (safe !== count) throw new Error(`${name}: ${safe} of ${count} are safe`);
  await client.close();
  rmSync(folder, { recursive: true });
  const sorted = delays.sort((a, b) => a - b);
  return {
    name,
    perSecond: count / seconds,
    safeMs: { p50: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0 },
  };
}

/** Several sensors in turn, each with its own batches. */
function sampleSender(streams: string[], batch: number): (client: StoreClient, at: number) => number {
  const next = streams.map(() => 0);
  const publisherNs = new Float64Array(batch);
  const columns = [new Float64Array(batch), new Float64Array(batch), new Float64Array(batch)];
  return (client, at) => {
    const which = Math.floor(at / batch) % streams.length;
    const firstSeq = next[which] as number;
    for (let i = 0; i < batch; i += 1) {
      publisherNs[i] = (firstSeq + i) * 1_000_000 + 137;
      for (let c = 0; c < 3; c += 1) (columns[c] as Float64Array)[i] = Math.sin(firstSeq + i + c) * 1000;
    }
    const bytes = encodeSamples({ handle: 1, firstSeq, publisherNs, deviceTime: null, columns });
    client.post({ type: 'samples', stream: streams[which] as string, clock: CLOCK, bytes });
    next[which] = firstSeq + batch;
    return batch;
  };
}

function packetSender(streams: string[], size: number): (client: StoreClient, at: number) => number {
  const data = new Uint8Array(size).fill(7);
  const crc = crc32(data);
  return (client, at) => {
    const seq = Math.floor(at / streams.length);
    const times = { publisherNs: seq * 33_333_333, deviceNs: Number.NaN, durationNs: 33_333_333 };
    const bytes = encodePacket({ handle: 1, seq, ...times, key: seq % 60 === 0, crc32: crc, data });
    client.post({ type: 'packet', stream: streams[at % streams.length] as string, clock: CLOCK, bytes });
    return 1;
  };
}

/** Baseline: one prepared statement per row, and a committed and synced transaction per 50,000 rows. */
function raw(name: string, columns: number, rows: number): Result {
  const folder = join(root, 'raw');
  mkdirSync(folder);
  const db = new Database(join(folder, 'raw.sqlite'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  const names = Array.from({ length: columns }, (_, i) => `c${i}`);
  db.exec(
    `CREATE TABLE t (seq INTEGER PRIMARY KEY, clock INTEGER, ns INTEGER, ${names.map((n) => `${n} REAL`).join(', ')})`,
  );
  const insert = db.prepare(`INSERT INTO t VALUES (?, ?, ?, ${names.map(() => '?').join(', ')})`);
  const started = performance.now();
  for (let at = 0; at < rows; at += 50_000) {
    db.transaction(() => {
      const end = Math.min(rows, at + 50_000);
      for (let i = at; i < end; i += 1)
        insert.run(i, 1, i * 1_000_000 + 137, Math.sin(i) * 1000, Math.sin(i + 1) * 1000, Math.sin(i + 2) * 1000);
    })();
  }
  const seconds = (performance.now() - started) / 1000;
  db.close();
  rmSync(folder, { recursive: true });
  return { name, perSecond: rows / seconds, safeMs: { p50: 0, max: 0 } };
}

const sensors = ['imu-1', 'imu-2', 'imu-3', 'imu-4'];
const cameras = Array.from({ length: 12 }, (_, i) => `cam-${i + 1}`);
try {
  const reference = raw('raw better-sqlite3 inserts', 3, ROWS);
  const results = [
    reference,
    await through('samples, batches of 1000', sensors, ROWS, sampleSender(sensors, 1000)),
    await through('samples, batches of 100', sensors, ROWS, sampleSender(sensors, 100)),
    await through('samples, batches of 10', sensors, ROWS / 10, sampleSender(sensors, 10)),
    await through('samples at 200,000 a second', sensors, ROWS, sampleSender(sensors, 100), 200_000),
    await through('packets at 1,000 a second', cameras, PACKETS / 20, packetSender(cameras, 8000), 1000),
    await through('packets of 1 kB, 12 streams', cameras, PACKETS, packetSender(cameras, 1000)),
    await through('packets of 8 kB, 12 streams', cameras, PACKETS / 4, packetSender(cameras, 8000)),
  ];
  for (const { name, perSecond, safeMs } of results) {
    const ratio = (perSecond / reference.perSecond).toFixed(2);
    const safe = safeMs.max > 0 ? `safe after p50 ${safeMs.p50.toFixed(0)} ms, max ${safeMs.max.toFixed(0)} ms` : '';
    process.stdout.write(
      `${name.padEnd(30)} ${Math.round(perSecond).toLocaleString('en').padStart(10)} /s  ${ratio} x raw  ${safe}\n`,
    );
  }
  process.stdout.write(
    `${JSON.stringify({ bench: 'ingest', rows: ROWS, packets: PACKETS, goalSamplesPerSecond: 200_000, results })}\n`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
