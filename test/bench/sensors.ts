/**
 * Samples of 3 channels from a wire to the disk: TCP link, lines parser, device host in its own process, door, store,
 * index. Compared in the same run with plain ways of writing the same rows.
 *
 *   node test/bench/sensors.ts [--quick] [--rate 200000] [--natural SECONDS] [--folder DIR]
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { DoorClient } from '../../electron/common/doorClient.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { Engine } from '../../electron/engine/engine.ts';
import type { HostFigures } from './sensors/host.entry.ts';
import { natural } from './sensors/natural.ts';
import { csvAppend, rawSqlite } from './sensors/plain.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    rate: { type: 'string', default: '200000' },
    folder: { type: 'string' },
    natural: { type: 'string', default: '60' },
  },
});
const COUNT = options.quick ? 400_000 : 2_000_000;
const RATE_HZ = Number(options.rate);
const LINES_A_BLOCK = 2_000;
const root = mkdtempSync(join(options.folder ?? tmpdir(), 'fieldroom-bench-'));

/** All lines of a run, generated before anything is measured. */
function makeBlocks(): Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = 0; at < COUNT; at += LINES_A_BLOCK) {
    let text = at === 0 ? 'end of a line that was begun before\n' : '';
    for (let i = at; i < at + LINES_A_BLOCK; i += 1) text += `${i},${i * 5},${Math.sin(i / 50).toFixed(4)}\n`;
    blocks.push(Buffer.from(text));
  }
  return blocks;
}

interface Run {
  name: string;
  perSecond: number;
  /** Maximum of bytes that were sent and not yet safe. */
  unsafeBytes: number;
  /** From the last line sent until everything is safe on disk. For a paced run it shows whether the system keeps up. */
  lagMs: number;
  hostRss: [number, number];
  engineRss: [number, number];
  hostCpu: number;
  engineCpu: number;
}

const blocks = makeBlocks();

async function through(name: string, rateHz: number): Promise<Run> {
  const folder = join(root, name.replaceAll(/\W+/g, '-'));
  mkdirSync(folder);
  const clients: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => clients.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const columns = [{ name: 'count', type: 'integer' }, { name: 'ms' }, { name: 'value', unit: 'V' }];
  const settings = { format: 'csv', header: false, columns };
  const source = { id: 'imu', kind: 'tcp', driver: 'lines', match: { path: `tcp://127.0.0.1:${port}` }, settings };
  const engine = await Engine.start({ dataFolder: folder, livekitServer: null, deviceHost: false });
  const door = new DoorClient({ url: engine.url, token: engine.tokenFor('operator') }, fetch);
  await door.call('kit.load', {
    kit: kitSchema.parse({ name: 'Bench', study: 'bench', sources: [source] }),
    path: null,
  });
  const host = fork(join(import.meta.dirname, 'sensors', 'host.entry.ts'), { execArgv: [] });
  let figures: HostFigures | null = null;
  let unsafeBytes = 0;
  host.on('message', (message: HostFigures) => {
    figures = message;
    unsafeBytes = Math.max(unsafeBytes, message.bufferedBytes);
  });
  host.send({ url: engine.url, token: engine.tokenFor('devices') });
  const now = (): HostFigures =>
    figures ?? { produced: 0, dropped: 0, bufferedBytes: 0, rssBytes: 0, cpuSeconds: 0, state: '' };
  while (clients.length === 0) await sleep(20);
  const session = await door.call('session.start', {});
  await sleep(500);
  const before = { host: now(), rss: process.memoryUsage.rss(), cpu: process.cpuUsage() };
  const startMs = performance.now();
  const socket = clients[0] as Socket;
  for (const [i, block] of blocks.entries()) {
    const dueMs = startMs + ((i * LINES_A_BLOCK) / rateHz) * 1000;
    if (performance.now() < dueMs) await sleep(dueMs - performance.now());
    if (!socket.write(block)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  const sentMs = performance.now();
  while (now().produced < COUNT || now().bufferedBytes > 0) {
    if (now().dropped > 0) throw new Error(`${now().dropped} samples were dropped`);
    await sleep(10);
  }
  const seconds = (performance.now() - startMs) / 1000;
  const lagMs = performance.now() - sentMs;
  const after = { host: now(), rss: process.memoryUsage.rss(), cpu: process.cpuUsage(before.cpu) };
  await door.call('session.stop', {});
  await door.call('session.sealed', { id: session.id });
  host.disconnect();
  await engine.stop();
  server.close();
  for (const client of clients) client.destroy();
  check(join(session.folder, 'session.sqlite'));
  rmSync(folder, { recursive: true });
  return {
    name,
    perSecond: COUNT / seconds,
    unsafeBytes,
    lagMs,
    hostRss: [before.host.rssBytes, after.host.rssBytes],
    engineRss: [before.rss, after.rss],
    hostCpu: (after.host.cpuSeconds - before.host.cpuSeconds) / seconds,
    engineCpu: (after.cpu.user + after.cpu.system) / 1e6 / seconds,
  };
}

/** Checks that every row exists once, with the values of its line. */
function check(file: string): void {
  const db = new Database(file, { readonly: true });
  const figures = db
    .prepare(
      'SELECT count(*) AS n, min(count) AS low, max(count) AS high, sum(count) AS sum, sum(ms) AS ms FROM samples_imu',
    )
    .get() as Record<'n' | 'low' | 'high' | 'sum' | 'ms', number>;
  db.close();
  const sum = (COUNT * (COUNT - 1)) / 2;
  if (
    figures.n !== COUNT ||
    figures.low !== 0 ||
    figures.high !== COUNT - 1 ||
    figures.sum !== sum ||
    figures.ms !== 5 * sum
  )
    throw new Error(`the session does not hold what was sent: ${JSON.stringify(figures)}`);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
try {
  const reference = rawSqlite(root, COUNT);
  const csv = csvAppend(root, COUNT);
  const runs = [
    await through('wire to disk, as fast as it goes', Number.POSITIVE_INFINITY),
    await through(`wire to disk, ${RATE_HZ} a second`, RATE_HZ),
  ];
  for (const { name, perSecond } of [reference, csv, ...runs])
    process.stdout.write(
      `${name.padEnd(36)} ${Math.round(perSecond).toLocaleString('en').padStart(10)} samples/s  ${(perSecond / reference.perSecond).toFixed(2)} x raw SQLite\n`,
    );
  for (const run of runs)
    process.stdout.write(
      `${run.name}: device host ${run.hostCpu.toFixed(2)} cores, ${megabytes(run.hostRss[0])} → ${megabytes(run.hostRss[1])}; engine and feeder ${run.engineCpu.toFixed(2)} cores, ${megabytes(run.engineRss[0])} → ${megabytes(run.engineRss[1])}; at most ${megabytes(run.unsafeBytes)} not yet safe, all safe ${run.lagMs.toFixed(0)} ms after the last line\n`,
    );
  const seconds = Number(options.natural);
  const ten = seconds > 0 ? await natural(join(root, 'ten'), seconds) : null;
  if (ten)
    process.stdout.write(
      `ten devices for ${ten.seconds} s: device host ${(ten.hostCpu * 100).toFixed(1)} % of one core, ${megabytes(ten.hostBytes[0])} → ${megabytes(ten.hostBytes[1])}; ${ten.samples} samples, ${ten.drops} drops, ${ten.gaps} gaps\n`,
    );
  process.stdout.write(
    `${JSON.stringify({ bench: 'sensors', samples: COUNT, goalSamplesPerSecond: 200_000, plain: [reference, csv], runs, ten })}\n`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
