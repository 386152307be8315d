/**
 * `npm run bench -- upload`: one session to SeaweedFS on loopback, by Fieldroom and by rclone in turns on the same server.
 * Goal: as fast as rclone, and no more than 300 MB of memory at any session size (`--mb`, sparse files).
 * npm run bench -- upload --large 50      memory for a session of 50 GB, sent to a server that stores only zeros
 * npm run bench -- upload --beside 60     cost of an upload to a recording of 60 s on the same computer
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { formatBytes } from '../../electron/common/units.ts';
import { UPLOADER_FLAGS } from '../../electron/engine/upload/uploaderSupervisor.ts';
import { markdown } from '../chaos/table.ts';
import { BUCKET, KEYS, seaweed } from '../fixtures/upload/servers.ts';
import { besideRecording } from './uploads/beside.ts';
import { bigSession, FILES } from './uploads/bigSession.ts';
import { zeroServer } from './uploads/zeroStore.ts';

const options = new Command('upload')
  .option('--mb <number>', 'size of the session', Number, 2000)
  .option('--rounds <number>', 'turns', Number, 3)
  .option('--large <gigabytes>', 'only memory and processor time, with a session of that size', Number)
  .option('--beside <seconds>', 'only what it costs a recording', Number)
  .parse(process.argv)
  .opts<{ mb: number; rounds: number; large?: number; beside?: number }>();
const TICKS_PER_SECOND = 100;
/** As `native/fieldroom.mjs` starts it. */
const CLI = [...UPLOADER_FLAGS, join(import.meta.dirname, '../../electron/cli/cli.entry.ts')];

const data = mkdtempSync(join(tmpdir(), 'fieldroom-bench-upload-'));
try {
  if (options.large) await large(options.large);
  else if (options.beside) process.stdout.write(await besideRecording(options.beside, CLI));
  else await compare();
} finally {
  rmSync(data, { recursive: true, force: true });
}

/** One session that need not fit on a disk: measures the uploader's own cost. */
async function large(gigabytes: number): Promise<void> {
  const folder = await bigSession(data, gigabytes * 1000);
  await using server = await zeroServer();
  const args = [...CLI, 'upload', folder, '--data', data, '--to', `tus+${server.url}/files`, '--json'];
  const { seconds, peakBytes, cpuSeconds } = await timed(args, process.execPath);
  const rate = `${formatBytes((gigabytes * 1e9) / seconds)}/s`;
  process.stdout.write(
    `${gigabytes} GB of sparse files to a tus server on loopback, each read back: ${seconds.toFixed(0)} s (${rate}), at most ${formatBytes(peakBytes)} of memory, ${cpuSeconds.toFixed(0)} s of processor time\n`,
  );
}

async function compare(): Promise<void> {
  await using server = await seaweed({ volumes: 60, volumeMB: 512 });
  const folder = await bigSession(data, options.mb);
  const rows: string[][] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const ours = await timed([...CLI, 'upload', folder, ...toUs(server.url, round)], process.execPath);
    const theirs = await timed(
      ['copy', folder, `weed:${BUCKET}/rclone-${round}`, '--config', rcloneConfig(server.url), '--transfers', '4'],
      rclonePath(),
    );
    const [a, b] = [ours, theirs].map(({ seconds }) => (options.mb * 1e6) / seconds);
    rows.push([
      ...[
        String(round + 1),
        `${formatBytes(a ?? 0)}/s`,
        `${formatBytes(b ?? 0)}/s`,
        (theirs.seconds / ours.seconds).toFixed(2),
      ],
      ...[
        formatBytes(ours.peakBytes),
        formatBytes(theirs.peakBytes),
        ours.cpuSeconds.toFixed(1),
        theirs.cpuSeconds.toFixed(1),
      ],
    ]);
  }
  const head = ['round', 'ours', 'rclone', 'ours / rclone', 'our peak memory', "rclone's", 'our CPU s', "rclone's"];
  process.stdout.write(
    `${options.mb} MB in ${FILES} files, SeaweedFS on loopback; ours verifies every file, rclone does not\n\n${markdown(head, rows)}\n`,
  );
}

function toUs(endpoint: string, round: number): string[] {
  return [
    '--data',
    join(data, createHash('sha256').update(String(round)).digest('hex').slice(0, 6)),
    '--to',
    `s3://${BUCKET}/ours-${round}`,
    '--endpoint',
    endpoint,
    '--json',
  ];
}

function rclonePath(): string {
  const path = process.env.FIELDROOM_TEST_RCLONE;
  if (!path) throw new Error('rclone not found: start this as npm run bench -- upload');
  return path;
}

function rcloneConfig(endpoint: string): string {
  const path = join(data, 'rclone.conf');
  const lines = ['[weed]', 'type = s3', 'provider = SeaweedFS', `endpoint = ${endpoint}`];
  writeFileSync(
    path,
    [...lines, `access_key_id = ${KEYS.accessKeyId}`, `secret_access_key = ${KEYS.secretAccessKey}`, ''].join('\n'),
  );
  return path;
}

interface Timed {
  seconds: number;
  peakBytes: number;
  cpuSeconds: number;
}

/** Linux: memory and processor time from the kernel's counters, sampled while the process runs. */
async function timed(args: string[], command: string): Promise<Timed> {
  const env = { ...process.env, AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey };
  const startMs = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  let peakBytes = 0;
  let cpuSeconds = 0;
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakBytes = Math.max(peakBytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024);
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      cpuSeconds = (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SECOND;
    } catch {
      // The process has just ended.
    }
  }, 50);
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  clearInterval(look);
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return { seconds: (performance.now() - startMs) / 1000, peakBytes, cpuSeconds };
}
