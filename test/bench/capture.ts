/**
 * The cost of recording a classroom: six cameras at 720p30 and six microphones through the real appliance. One run
 * measures a bare page that only encodes the same cameras, then recording alone, then recording with the live layer.
 * `--minutes N`: length of each phase (default 5). `--soak N`: one phase of N minutes with the live layer and the memory
 * of every process. Also `--cameras`, `--microphones`.
 *
 * Chromium's fake devices are seven cameras (one of which no encoder accepts) and two microphones. The other microphones
 * are the product's simulated ones, which share the path from the track onwards.
 */
import { mkdtemp } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { type Appliance, startAppliance } from '../../electron/cli/appliance.ts';
import { table } from '../../electron/cli/terminal.ts';
import { type Kit, kitSchema } from '../../electron/common/kit.ts';
import type { SessionSummary } from '../../electron/common/sessionSummary.ts';
import { waitFor } from '../fixtures/wait.ts';
import { type BareEncoding, bareEncoding } from './bareEncoding.ts';
import { coresOf, processTree, sumBy } from './processes.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    soak: { type: 'string' },
    cameras: { type: 'string', default: '6' },
    microphones: { type: 'string', default: '6' },
  },
});
const SAMPLE_MS = 10_000;
const FAKE_MICROPHONES = 2;
const SWITCHES = ['--use-fake-device-for-media-stream=device-count=7,fps=30', '--use-fake-ui-for-media-stream'];
const BARE_SECONDS = 30;

/** Fake device 1 is a depth camera. */
const cameraLabel = (camera: number): string => `fake_device_${camera === 0 ? 0 : camera + 1}`;

interface Phase {
  name: string;
  seconds: number;
  cores: Map<string, number>;
  memory: { atSeconds: number; byName: Map<string, number> }[];
  firstSafeMs: number;
  summary: SessionSummary;
  gaps: { stream: string; cause: string; gaps: number; lost: number }[];
}

function classroom(live: Kit['live']): Kit {
  const cameras = Array.from({ length: Number(values.cameras) }, (_, i) => ({
    id: `camera-${i + 1}`,
    kind: 'camera',
    match: { label: cameraLabel(i) },
  }));
  const microphones = Array.from({ length: Number(values.microphones) }, (_, i) => ({
    id: `mic-${i + 1}`,
    kind: 'microphone',
    ...(i < FAKE_MICROPHONES ? { match: { label: `Fake Audio Input ${i + 1}` } } : { driver: 'simulated' }),
  }));
  return kitSchema.parse({ name: 'Bench', study: 'bench', live, sources: [...cameras, ...microphones] });
}

async function measure(appliance: Appliance, name: string, live: Kit['live'], minutes: number): Promise<Phase> {
  const { door } = appliance;
  const kit = classroom(live);
  await door.call('kit.load', { kit, path: null });
  await waitFor(
    'every source delivers',
    async () => {
      const { sources } = await door.call('state.get', {});
      return (
        sources.length === kit.sources.length &&
        sources.every(({ state, streams }) => state.state === 'streaming' && streams.length > 0)
      );
    },
    60_000,
  );
  await sleep(5000);

  const pressedMs = performance.now();
  const session = await door.call('session.start', {});
  await waitFor(
    'every stream has something safe',
    async () =>
      (await door.call('state.get', {})).sources.every(({ streams }) => streams.every(({ count }) => count > 0)),
    60_000,
  );
  const firstSafeMs = performance.now() - pressedMs;

  const before = processTree(appliance.pid);
  const beginMs = performance.now();
  const memory: Phase['memory'] = [];
  const endMs = beginMs + minutes * 60_000;
  const machine = machineTimes();
  let [tree, atMs] = [before, beginMs];
  while (performance.now() < endMs) {
    await sleep(Math.min(SAMPLE_MS, endMs - performance.now()));
    const [now, nowMs] = [processTree(appliance.pid), performance.now()];
    memory.push({ atSeconds: (nowMs - beginMs) / 1000, byName: sumBy(now, ({ pssBytes }) => pssBytes) });
    const seconds = (nowMs - atMs) / 1000;
    const own = total(coresOf(tree, now, seconds));
    process.stderr.write(
      `${name}: ${Math.round((nowMs - beginMs) / 1000)} s, cores: ${own.toFixed(2)} ours, ${machine(seconds)}\n`,
    );
    [tree, atMs] = [now, nowMs];
  }
  const seconds = (performance.now() - beginMs) / 1000;
  const after = processTree(appliance.pid);
  await door.call('session.stop', {});
  const summary = await door.call('session.sealed', { id: session.id });
  return {
    name,
    seconds,
    cores: coresOf(before, after, seconds),
    memory,
    firstSafeMs,
    summary,
    gaps: gapsOf(summary.folder),
  };
}

/** Reports how the machine spent its time since the last call: a starved recording is not always our fault. */
function machineTimes(): (seconds: number) => string {
  const read = (): { busy: number; idle: number } => {
    const times = cpus().map((cpu) => cpu.times);
    const sum = (of: (one: (typeof times)[number]) => number): number => times.reduce((all, one) => all + of(one), 0);
    return { busy: sum(({ user, nice, sys, irq }) => user + nice + sys + irq), idle: sum(({ idle }) => idle) };
  };
  let last = read();
  return (seconds) => {
    const now = read();
    const [busy, idle] = [(now.busy - last.busy) / 1000 / seconds, (now.idle - last.idle) / 1000 / seconds];
    last = now;
    return `${busy.toFixed(2)} all, ${idle.toFixed(2)} idle, ${(cpus().length - busy - idle).toFixed(2)} waiting or not given`;
  };
}

function gapsOf(folder: string): Phase['gaps'] {
  const db = new Database(join(folder, 'session.sqlite'), { readonly: true });
  try {
    return db
      .prepare(
        'SELECT stream.name AS stream, cause, count(*) AS gaps, sum(max(coalesce(lost, 0), missing_seqs)) AS lost FROM gap JOIN stream ON stream.id = gap.stream GROUP BY 1, 2',
      )
      .all() as Phase['gaps'];
  } finally {
    db.close();
  }
}

const total = (map: ReadonlyMap<string, number>): number => [...map.values()].reduce((a, b) => a + b, 0);
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

function print(bare: BareEncoding, phases: readonly Phase[]): void {
  const columns = [{ name: 'bare page, cameras only', cores: bare.cores }, ...phases];
  const names = [...new Set(columns.flatMap(({ cores }) => [...cores.keys()]))].sort();
  const rows = [...names, 'all'].map((name) => [
    name,
    ...columns.map(({ cores }) => (name === 'all' ? total(cores) : (cores.get(name) ?? 0)).toFixed(3)),
  ]);
  process.stdout.write(`\nCPU, cores\n${table(['process', ...columns.map(({ name }) => name)], rows)}\n`);
  process.stdout.write(
    `\nbare page: ${(bare.framesASecond / Number(values.cameras)).toFixed(2)} frames a second a camera\n`,
  );
  for (const { name, summary, seconds, firstSafeMs, gaps, memory } of phases) {
    const video = summary.streams.filter(({ kind }) => kind === 'video');
    const frames = video.map(({ count }) => count / seconds);
    process.stdout.write(
      `\n${name}: ${seconds.toFixed(0)} s, press to first safe packet of every stream ${firstSafeMs.toFixed(0)} ms, disk ${(summary.bytes / seconds / 1e6).toFixed(2)} MB/s\n` +
        `  frames a second, slowest to fastest camera: ${Math.min(...frames).toFixed(2)} to ${Math.max(...frames).toFixed(2)}; drops ${summary.streams.reduce((sum, { drops }) => sum + drops, 0)}\n`,
    );
    for (const gap of gaps)
      process.stdout.write(`  gap  ${gap.stream}  ${gap.cause}  ${gap.gaps} times, ${gap.lost} lost\n`);
    const [first, last] = [memory[Math.min(2, memory.length - 1)], memory.at(-1)];
    if (first && last) {
      const growth = [...last.byName].map(([process_, bytes]) => [
        process_,
        megabytes(first.byName.get(process_) ?? 0),
        megabytes(bytes),
      ]);
      process.stdout.write(
        `${table(['memory, MB', `at ${first.atSeconds.toFixed(0)} s`, `at ${last.atSeconds.toFixed(0)} s`], growth)}\n`,
      );
    }
  }
}

const labels = Array.from({ length: Number(values.cameras) }, (_, camera) => cameraLabel(camera));
const bare = await bareEncoding(labels, SWITCHES, BARE_SECONDS);
const dataFolder = await mkdtemp(join(tmpdir(), 'fieldroom-bench-'));
const appliance = await startAppliance({
  dataFolder,
  hidden: true,
  env: { FIELDROOM_CHROMIUM_SWITCHES: SWITCHES.join(' ') },
});
try {
  const phases = values.soak
    ? [await measure(appliance, 'soak', 'on', Number(values.soak))]
    : [
        await measure(appliance, 'record only', 'off', Number(values.minutes)),
        await measure(appliance, 'with the live view', 'on', Number(values.minutes)),
      ];
  print(bare, phases);
  const [a, b] = phases.map(({ cores }) => total(cores));
  const ratio = a !== undefined && b !== undefined ? b / a : null;
  if (ratio !== null) process.stdout.write(`\nlive layer on / record only: ${ratio.toFixed(2)}\n`);
  if (a !== undefined) process.stdout.write(`${phases[0]?.name} / bare page: ${(a / total(bare.cores)).toFixed(2)}\n`);
  process.stdout.write(
    `${JSON.stringify({ bareCores: total(bare.cores), phases: phases.map(({ name, seconds, cores, firstSafeMs, summary, gaps }) => ({ name, seconds, cores: total(cores), firstSafeMs, bytes: summary.bytes, drops: summary.streams.reduce((sum, { drops }) => sum + drops, 0), gaps })), ratio, dataFolder })}\n`,
  );
} finally {
  await appliance.stop();
}
