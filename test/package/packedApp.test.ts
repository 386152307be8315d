/**
 * The packed app (`npm run package`), moved to a folder outside this clone and started without Node on its path. It
 * records a simulated classroom, controlled only through its door.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmulatedKit, startEmulators } from '../../devices/emulate.ts';
import { DoorClient } from '../../electron/common/doorClient.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { readCells } from '../../renderer/capture/simulated/bitCells.ts';
import { decodeGrey } from '../e2e/fixtures/decode.ts';
import { waitFor } from '../fixtures/wait.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PACKED = join(ROOT, 'dist', 'linux-unpacked');
const SIZE = { width: 320, height: 180 };
const KIT = kitSchema.parse({
  name: 'Simulated classroom',
  study: 'packed',
  live: 'on',
  sources: [
    { id: 'camera', kind: 'camera', driver: 'simulated', settings: { ...SIZE, frameRate: 15 } },
    { id: 'mic', kind: 'microphone', driver: 'simulated' },
    { id: 'light', kind: 'serial', driver: 'lines', match: { path: 'emulator:lines' } },
  ],
});

const place = mkdtempSync(join(tmpdir(), 'fieldroom-packed-'));
const app = join(place, 'app');
let emulated: EmulatedKit;

beforeAll(async () => {
  if (!existsSync(join(PACKED, 'fieldroom'))) throw new Error('packed app not found: run `npm run package` first');
  cpSync(PACKED, app, { recursive: true, verbatimSymlinks: true });
  emulated = await startEmulators(KIT);
});
afterAll(async () => {
  await emulated?.stop();
  rmSync(place, { recursive: true, force: true });
});

it('has its fuses set: it cannot run as Node and accepts no debugger', async () => {
  const wire = await getCurrentFuseWire(join(app, 'fieldroom'));
  for (const [fuse, state] of [
    [FuseV1Options.RunAsNode, FuseState.DISABLE],
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable, FuseState.DISABLE],
    [FuseV1Options.EnableNodeCliInspectArguments, FuseState.DISABLE],
    [FuseV1Options.OnlyLoadAppFromAsar, FuseState.ENABLE],
    [FuseV1Options.GrantFileProtocolExtraPrivileges, FuseState.DISABLE],
  ] as const)
    expect(wire[fuse], FuseV1Options[fuse]).toBe(state);
  expect(existsSync(join(app, 'resources', 'app'))).toBe(false);
});

it('records a simulated classroom with only the packed files', async () => {
  const root = process.getuid?.() === 0;
  const child = spawn(
    join(app, 'fieldroom'),
    [...(root ? ['--no-sandbox', '--disable-gpu'] : []), '--hidden', '--data', join(place, 'data')],
    {
      cwd: place,
      stdio: ['ignore', 'pipe', 'inherit'],
      // No Node, no npm, and no variable that leads back to the clone.
      env: {
        PATH: '/nonexistent',
        HOME: place,
        DISPLAY: process.env.DISPLAY,
        XAUTHORITY: process.env.XAUTHORITY,
        FIELDROOM_HANDSHAKE: 'stdout',
      },
    },
  );
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  try {
    const ready = await new Promise<{ type: string; url: string; token: string }>((done, fail) => {
      createInterface({ input: child.stdout }).once('line', (line) => done(JSON.parse(line)));
      child.once('exit', (code) => fail(new Error(`the packed app ended with ${code}`)));
    });
    expect(ready).toMatchObject({ type: 'ready' });
    const door = new DoorClient(ready, fetch);
    await door.call('kit.load', { kit: emulated.kit, path: null });
    await waitFor(
      'every source',
      async () => {
        const { sources } = await door.call('state.get', {});
        return sources.length === 3 && sources.every(({ state }) => state.state === 'streaming');
      },
      60_000,
    );
    const { id } = await door.call('session.start', {});
    await waitFor(
      'two seconds of pictures, and the live room',
      async () => {
        const { sources, live } = await door.call('state.get', {});
        return sources.every(({ streams }) => (streams[0]?.count ?? 0) > 30) && live.state === 'running';
      },
      60_000,
    );
    expect(foreignFiles(child.pid as number)).toEqual([]);
    await door.call('session.stop', {});
    const summary = await door.call('session.sealed', { id });
    expect(summary.streams.map(({ id: stream }) => stream).sort()).toEqual(['camera', 'light', 'mic']);
    expect(await verifySession(summary.folder)).toMatchObject({ ok: true, sealed: true });
    const grey = await decodeGrey(join(summary.folder, 'media', 'camera', '0001.mkv'));
    const first = readCells(new Uint8Array(grey.subarray(0, SIZE.width * SIZE.height)), SIZE.width, SIZE.height);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(
      await door.call('review.session', { key: (await door.call('sessions.list', {})).sessions[0]?.key ?? '' }),
    ).toMatchObject({ id });
    await door.call('appliance.shutdown', {});
  } finally {
    child.kill('SIGTERM');
    await Promise.race([ended, new Promise((done) => setTimeout(done, 15_000))]);
    child.kill('SIGKILL');
  }
});

/** Programs and libraries of the app's processes that are in this clone or are this machine's own Node. */
function foreignFiles(pid: number): string[] {
  const family = [pid];
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)))
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // The process ended in the meantime.
    }
  for (const parent of family) for (const [child, of] of parents) if (of === parent) family.push(child);
  const programs = family.map((one) => readlinkSync(`/proc/${one}/exe`));
  // The engine runs on the packed Node, and livekit-server is the packed one.
  expect(
    programs.some((program) => program === join(app, 'resources/app.asar.unpacked/node_modules/node/bin/node')),
  ).toBe(true);
  expect(programs.some((program) => program === join(app, 'resources/bin/livekit-server'))).toBe(true);
  const mapped = family.flatMap((one) =>
    readFileSync(`/proc/${one}/maps`, 'utf8')
      .split('\n')
      .map((line) => line.slice(line.indexOf('/')))
      .filter((file) => file.startsWith('/')),
  );
  const outside = (file: string): boolean =>
    file.startsWith(`${ROOT}/`) || /\/node(js)?(\/|$)/.test(file.replace(app, ''));
  return [...new Set([...programs, ...mapped])].filter((file) => !file.startsWith(`${app}/`) && outside(file));
}
