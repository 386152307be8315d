/**
 * Attacks on an active recorder by another user or program of the laptop: thousands of silent and stalled connections,
 * wrong tokens and hosts, reading its files, and taking its port after a crash. A fault is a sentence.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DoorClient } from '../../../electron/common/doorClient.ts';
import { lockFile, readLock } from '../../../electron/engine/dataFolder.ts';
import { TestPlace } from '../../fixtures/appliance.ts';
import { sensorKit } from '../../fixtures/engine.ts';

export interface OutsiderReport {
  connections: number;
  /** Longest time of one operator call under the flood, milliseconds. */
  slowestMs: number;
  faults: string[];
}

const STALLED_MS = 13_000;

/** @param connections number of silent connections, opened as fast as possible */
export async function outsiderCampaign(connections: number): Promise<OutsiderReport> {
  const report: OutsiderReport = { connections, slowestMs: 0, faults: [] };
  await using place = new TestPlace();
  // The data folder existed before, with access for everyone.
  mkdirSync(place.dataFolder, { recursive: true, mode: 0o755 });
  const run = place.cli(['serve', '--data', place.dataFolder, '--json']);
  const door = await place.door();
  await door.call('kit.load', { kit: sensorKit('counter'), path: null });
  const session = await door.call('session.start', {});
  const port = Number(new URL(door.address.url).port);

  report.faults.push(...privacy([session.folder, lockFile(place.dataFolder)]));
  await stalled(port, report);
  await flood(port, connections, door, report);
  run.child.kill('SIGKILL');
  await run.ended;
  await takePort(port, door, report);
  if (readLock(place.dataFolder) === null) report.faults.push('the lock of the crashed recorder is gone');
  return report;
}

/** Another user can read neither the session nor the key. */
function privacy(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const open = (statSync(path).mode & 0o077) !== 0 ? [`${path} is open to others`] : [];
    if (process.getuid?.() !== 0) return open;
    const nobody = spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'ls', join(path, '.')]);
    return nobody.status === 0 ? [...open, `another user lists ${path}`] : open;
  });
}

/** A connection whose head or body never ends is closed. */
async function stalled(port: number, report: OutsiderReport): Promise<void> {
  const lines = `POST /v1/call/state.get HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
  const sockets = [lines, `${lines}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`].map((text) =>
    connect(port, '127.0.0.1', function send(this: Socket) {
      this.write(text);
    })
      .on('error', () => undefined)
      .resume(),
  );
  await sleep(STALLED_MS);
  if (sockets.some((socket) => !socket.destroyed)) report.faults.push('a stalled request is still open');
  for (const socket of sockets) socket.destroy();
}

async function flood(port: number, connections: number, door: DoorClient, report: OutsiderReport): Promise<void> {
  const sockets: Socket[] = [];
  for (let n = 0; n < connections; n += 1) {
    sockets.push(connect(port, '127.0.0.1').on('error', () => undefined));
    if (n % 250 !== 0) continue;
    const beganMs = performance.now();
    const answered = await door.call('state.get', {}).catch(() => null);
    if (!answered) report.faults.push(`the operator got no answer at connection ${n}`);
    report.slowestMs = Math.max(report.slowestMs, performance.now() - beganMs);
  }
  const { session } = await door.call('state.get', {});
  if (session?.state !== 'recording') report.faults.push('the session is no longer recording');
  for (const socket of sockets) socket.destroy();
}

/** A program that takes the port of a crashed recorder receives no token. */
async function takePort(port: number, door: DoorClient, report: OutsiderReport): Promise<void> {
  const { address } = door;
  const heard: string[] = [];
  const thief = createServer((request, response) => {
    heard.push(`${request.url} ${JSON.stringify(request.headers)}`);
    response.end('{"ok":true,"proof":"00"}');
  });
  await new Promise<void>((done) => thief.listen(port, '127.0.0.1', done));
  const client = new DoorClient(address, fetch);
  const code = await client.call('state.get', {}).then(
    () => 'answered',
    (error: { code?: string }) => error.code ?? '',
  );
  if (code !== 'door.not-genuine') report.faults.push(`a client took the thief for the recorder: ${code}`);
  const signature = address.token.split('.')[1] ?? address.token;
  if (heard.some((text) => text.includes(signature))) report.faults.push('a token was sent to the thief');
  await new Promise((done) => thief.close(done));
}
