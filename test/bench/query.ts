/**
 * Reads a sealed session of 10 million samples (4 streams, 3 channels): 10,000 rows of one stream by a window of session
 * time, and plots of 1,000 points over windows of every size. Compared with a naive table and a CSV scan.
 *
 *   node test/bench/query.ts [--quick] [--folder DIR]
 */

import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { encodeSamples } from '../../electron/common/wire.ts';
import { StoreClient } from '../../electron/engine/store/storeClient.ts';
import { CLOCK, sampleStream, testFit, testMeta } from '../../electron/engine/store/testKit.ts';
import { plotChannel } from '../../electron/session/read/plot.ts';
import { openSession } from '../../electron/session/read/sessionReader.ts';
import { sealSession } from '../../electron/session/seal/seal.ts';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, folder: { type: 'string' } } });
const root = mkdtempSync(join(options.folder ?? tmpdir(), 'fieldroom-bench-'));
const STREAMS = ['imu-1', 'imu-2', 'imu-3', 'imu-4'];
const ROWS = (options.quick ? 1_000_000 : 10_000_000) / STREAMS.length;
const STEP_NS = 1_000_000;
const OFFSET_NS = 5_000_000_000n;
const WINDOW_ROWS = 10_000;
const QUERIES = options.quick ? 60 : 300;
const folder = join(root, 'session');

async function record(): Promise<void> {
  let wake = (): void => {};
  const client = new StoreClient({ onPressure: () => wake() });
  await client.request({ type: 'open', folder, meta: testMeta() });
  client.post({ type: 'fit', fit: testFit(OFFSET_NS, { drift: 12e-6 }) });
  for (const id of STREAMS) await client.request({ type: 'declare', stream: sampleStream(id), clock: CLOCK });
  const batch = 1000;
  const publisherNs = new Float64Array(batch);
  const columns = [new Float64Array(batch), new Float64Array(batch), new Float64Array(batch)];
  for (let firstSeq = 0; firstSeq < ROWS; firstSeq += batch) {
    for (let i = 0; i < batch; i += 1) {
      publisherNs[i] = (firstSeq + i) * STEP_NS;
      for (let c = 0; c < 3; c += 1) (columns[c] as Float64Array)[i] = Math.sin((firstSeq + i) / 997 + c) * 1000;
    }
    for (const stream of STREAMS) {
      const bytes = encodeSamples({ handle: 1, firstSeq, publisherNs, deviceTime: null, columns });
      client.post({ type: 'samples', stream, clock: CLOCK, bytes });
    }
    if (client.unsafeBytes > 8 * 1024 * 1024)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
  await client.close();
  await sealSession(folder);
}

interface Figure {
  name: string;
  p50: number;
  p99: number;
  queries: number;
}

async function measure(
  name: string,
  queries: number,
  query: (at: number) => number | Promise<number>,
  expected: number,
): Promise<Figure> {
  const times: number[] = [];
  for (let i = 0; i < queries; i += 1) {
    // Pseudorandom positions across the session, the same in every run.
    const at = Math.floor((((i * 7919) % queries) / queries) * (ROWS - WINDOW_ROWS));
    const started = performance.now();
    const found = await query(at);
    times.push(performance.now() - started);
    if (Math.abs(found - expected) > expected * 0.01) throw new Error(`${name}: ${found} rows, not ${expected}`);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(share * times.length))] as number;
  return { name, p50: at(0.5), p99: at(0.99), queries };
}

const session = (row: number): bigint => BigInt(Math.round(row * STEP_NS * (1 + 12e-6))) + OFFSET_NS;
const streamOf = (at: number): string => STREAMS[at % STREAMS.length] as string;

try {
  await record();
  using reader = openSession(folder);
  const figures: Figure[] = [];
  const window = (at: number): number =>
    reader.samples(streamOf(at), session(at), session(at + WINDOW_ROWS - 1), 20_000).seq.length;
  figures.push(await measure('10,000 rows by time window', QUERIES, window, WINDOW_ROWS));
  for (const share of [1, 0.3, 0.1, 0.03, 0.01]) {
    const rows = Math.max(WINDOW_ROWS, Math.floor(ROWS * share));
    const plot = (at: number): number => {
      const from = Math.floor((at / ROWS) * (ROWS - rows));
      const points = plotChannel(reader, streamOf(at), 'ch1', session(from), session(from + rows), 1000);
      if (points.length < 200 || points.length > 1100) throw new Error(`${points.length} points`);
      return 1;
    };
    figures.push(await measure(`plot of ${share * 100} % of a stream`, QUERIES, plot, 1));
  }

  const naive = new Database(join(root, 'naive.sqlite'));
  naive.pragma('synchronous = OFF');
  naive.exec(
    `ATTACH '${join(folder, 'session.sqlite')}' AS s; CREATE TABLE sample (stream TEXT, session_ns INTEGER, ch0 REAL, ch1 REAL, ch2 REAL)`,
  );
  for (const id of STREAMS)
    naive.exec(`INSERT INTO sample SELECT '${id}', publisher_ns, ch0, ch1, ch2 FROM s.samples_${id.replace('-', '_')}`);
  const select = naive.prepare('SELECT * FROM sample WHERE stream = ? AND session_ns BETWEEN ? AND ?').raw();
  figures.push(
    await measure(
      'naive table, no index',
      5,
      (at) => select.all(streamOf(at), at * STEP_NS, (at + WINDOW_ROWS - 1) * STEP_NS).length,
      WINDOW_ROWS,
    ),
  );
  naive.close();

  const csv = join(root, 'imu-1.csv');
  const file = createWriteStream(csv);
  for (let row = 0; row < ROWS; row += 10_000) {
    let text = '';
    for (let i = row; i < row + 10_000; i += 1)
      text += `${i * STEP_NS},${Math.sin(i / 997)},${Math.sin(i / 997 + 1)},${Math.sin(i / 997 + 2)}\n`;
    if (!file.write(text)) await once(file, 'drain');
  }
  await new Promise<void>((resolve) => file.end(resolve));
  const scan = async (at: number): Promise<number> => {
    let found = 0;
    for await (const line of createInterface({ input: createReadStream(csv, { highWaterMark: 1 << 20 }) })) {
      const ns = Number(line.slice(0, line.indexOf(',')));
      if (ns >= at * STEP_NS && ns <= (at + WINDOW_ROWS - 1) * STEP_NS)
        found += line.split(',').map(Number).length > 0 ? 1 : 0;
    }
    return found;
  };
  figures.push(await measure('CSV scan of one stream', 3, scan, WINDOW_ROWS));

  for (const { name, p50, p99, queries } of figures) {
    process.stdout.write(
      `${name.padEnd(32)} p50 ${p50.toFixed(2).padStart(9)} ms   p99 ${p99.toFixed(2).padStart(9)} ms   (${queries} queries)\n`,
    );
  }
  const goals = { rows: { p50: 10, p99: 30 }, plot: { p99: 10 } };
  process.stdout.write(`${JSON.stringify({ bench: 'query', samples: ROWS * STREAMS.length, goals, figures })}\n`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
