/**
 * A session's life on this system: recorded, its recorder killed, resumed, sealed, verified, sent and received. Runs on
 * Linux, on Windows, and under Wine (`npm run test:windows`).
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmulatedKit, startEmulators } from '../../devices/emulate.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { SessionIndex } from '../fixtures/sessionIndex.ts';
import { waitFor } from '../fixtures/wait.ts';
import { command, type Served, serve } from './command.ts';

const KIT = kitSchema.parse({
  name: 'Sensors',
  study: 'portable',
  live: 'small',
  sources: [
    { id: 'inside', kind: 'serial', driver: 'lines', match: { path: 'emulator:lines' } },
    { id: 'network', kind: 'tcp', driver: 'lines', match: { path: 'emulator:lines' } },
    ...(process.env.FIELDROOM_TEST_PORT
      ? [{ id: 'port', kind: 'serial', driver: 'lines', match: { path: process.env.FIELDROOM_TEST_PORT } }]
      : []),
  ],
});
const STREAMS = KIT.sources.map(({ id }) => id);

/** Waits until each stream has this many samples safe on disk, including those from before a crash. */
async function delivered(served: Served, samples: number): Promise<void> {
  await waitFor(
    `${samples} samples of each stream are safe on disk`,
    async () => {
      const { sources } = await served.door.call('state.get', {});
      const counts = new Map(sources.flatMap(({ streams }) => streams.map(({ id, count }) => [id, count] as const)));
      return STREAMS.every((id) => (counts.get(id) ?? 0) >= samples);
    },
    60_000,
  );
}

describe('a session', () => {
  let place: string;
  let emulated: EmulatedKit;
  let folder: string;
  /** Number of lines that the network sensor had sent when recording began and ended. */
  let sent: string[] = [];

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'fr-cycle-'));
    emulated = await startEmulators(KIT, { sources: ['inside', 'network'] });
    const data = join(place, 'data');
    let served = await serve(data);
    await served.door.call('kit.load', { kit: emulated.kit, path: null });
    await waitFor(
      'every source streams',
      async () => {
        const { sources } = await served.door.call('state.get', {});
        return sources.length === STREAMS.length && sources.every(({ state }) => state.state === 'streaming');
      },
      60_000,
    );
    const session = await served.door.call('session.start', {});
    folder = session.folder;
    await delivered(served, 30);
    await served.kill();
    served = await serve(data);
    await waitFor('the same session is recorded', async () => {
      const { session: now } = await served.door.call('state.get', {});
      return now?.id === session.id;
    });
    await delivered(served, 70);
    await served.door.call('session.stop', {});
    await served.door.call('session.sealed', { id: session.id });
    sent = (emulated.emulators.get('network')?.truth ?? []).map(({ values }) => JSON.stringify(values));
    expect(await served.shutdown()).toBe(0);
  });
  afterAll(async () => {
    await emulated?.stop();
    if (place) rmSync(place, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  it('is whole after its recorder was killed, and records the time as a gap', async () => {
    const { code, stderr } = await command('verify', folder);
    expect(code, stderr).toBe(0);
    using index = new SessionIndex(folder);
    expect(index.lifecycle()).toEqual(['created', 'recording', 'recording', 'sealing', 'sealed']);
    expect(index.events().map((event) => event.code)).toContain('engine.restarted');
  });

  it('contains each sensor sample once and in order', () => {
    using index = new SessionIndex(folder);
    const rows = index.values('network').map((values) => JSON.stringify(values));
    expect(rows.length).toBeGreaterThanOrEqual(70);
    let at = -1;
    for (const row of rows) {
      const next = sent.indexOf(row, at + 1);
      expect(next, row).toBeGreaterThan(at);
      at = next;
    }
  });

  it('uses the same file names as on every other system', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
      files: { path: string }[];
      session: object;
    };
    const onDisk = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(manifest.files.length).toBeGreaterThan(1);
    expect(manifest.files.length).toBeLessThanOrEqual(onDisk.length);
    expect(JSON.stringify(manifest)).not.toContain('\\\\');
  });

  it('is sent to a folder, and is whole there', async () => {
    const to = join(place, 'lab');
    mkdirSync(to);
    const { code, stderr } = await command('upload', folder, '--to', to, '--json');
    expect(code, stderr).toBe(0);
    const [study = ''] = readdirSync(to).filter((name) => name === 'portable');
    const received = join(to, study, readdirSync(join(to, study)).filter((name) => !name.includes('.'))[0] ?? '');
    expect(readFileSync(join(received, 'manifest.json'))).toEqual(readFileSync(join(folder, 'manifest.json')));
    const verdict = await command('verify', received);
    expect(verdict.code, verdict.stderr).toBe(0);
  });
});
