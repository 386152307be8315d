/**
 * The command line as a person or a script uses it: real processes, exit codes, the last line, and nothing left running.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kit } from '../../electron/common/kit.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { type CliEnd, type CliRun, type PrintedSession, smallKit, TestPlace } from '../fixtures/appliance.ts';
import { countsUp, SessionIndex } from '../fixtures/sessionIndex.ts';
import { waitFor } from '../fixtures/wait.ts';
import { SignalClient } from '../integration/livekitHelp.ts';

interface Refusal {
  error: { code: string; message: string; nextStep?: string; data?: { faults?: string[] } };
}

/** A kit on disk whose sensor is emulated by this process. */
async function kitFile(place: TestPlace, kit: Kit = smallKit()): Promise<string> {
  return place.write('kit.json', (await place.emulate(kit)).kit);
}

const recordArgs = (place: TestPlace, kit: string, duration: string): string[] => [
  'record',
  '--kit',
  kit,
  '--data',
  place.dataFolder,
  '--for',
  duration,
  '--json',
];

/** Waits until the session of a `record` command is being recorded and every stream of it is safe on disk. */
async function untilRecording(place: TestPlace, run: CliRun): Promise<void> {
  const ended = run.ended.then(({ code, stderr }): never => {
    throw new Error(`record ended with ${code} before anything was recorded:\n${stderr}`);
  });
  const recording = (async () => {
    const door = await place.door();
    await waitFor(
      'every stream is safe on disk',
      async () => {
        const state = await door.call('state.get', {}).catch(() => null);
        const streams = state?.session?.state === 'recording' ? state.sources.flatMap((source) => source.streams) : [];
        return streams.length >= 3 && streams.every((stream) => stream.count > 0);
      },
      60_000,
    );
  })();
  await Promise.race([recording, ended]);
  ended.catch(() => undefined);
}

const refused = (end: CliEnd, exitCode = 1): Refusal['error'] => {
  expect(end.code, end.stderr).toBe(exitCode);
  const { error } = end.json<Refusal>();
  // A person reads the same sentence on the terminal.
  expect(end.stderr).toContain(error.message);
  return error;
};

describe('a recording from the command line', () => {
  let place: TestPlace;
  let end: CliEnd;
  let printed: PrintedSession;

  beforeAll(async () => {
    place = new TestPlace();
    end = await place.cli(recordArgs(place, await kitFile(place), '4s')).ended;
    expect(end.code, end.stderr).toBe(0);
    printed = end.json();
  });
  afterAll(() => place?.[Symbol.asyncDispose]());

  it('prints one JSON object in the last line, with the folder and the figures of each stream', () => {
    expect(isAbsolute(printed.session)).toBe(true);
    expect(printed.session.startsWith(join(place.dataFolder, 'test'))).toBe(true);
    expect(printed.state).toBe('sealed');
    expect(printed.streams.map(({ id, kind }) => [id, kind]).sort(), end.stderr).toEqual([
      ['camera', 'video'],
      ['light', 'samples'],
      ['mic', 'audio'],
    ]);
    for (const stream of printed.streams) {
      expect(stream).toMatchObject({ gaps: expect.any(Number), drops: expect.any(Number) });
      expect(stream.count).toBeGreaterThan(20);
      expect(BigInt(stream.lastNs ?? 0) - BigInt(stream.firstNs ?? 0)).toBeGreaterThan(2_000_000_000n);
      expect(BigInt(stream.lastNs ?? 0)).toBeLessThan(20_000_000_000n);
    }
  });

  it('reports progress on standard error', () => {
    expect(end.stderr).toContain(`Recording into ${printed.session}`);
    expect(end.stderr).toContain('Sealed');
  });

  it('reports the same figures as the index', () => {
    using index = new SessionIndex(printed.session);
    for (const stream of printed.streams) {
      const rows = stream.kind === 'samples' ? index.samples(stream.id) : index.packets(stream.id);
      expect(rows.length).toBe(stream.count);
      const missing = index.gaps().filter((gap) => gap.stream === stream.id);
      expect(missing.reduce((sum, gap) => sum + gap.missing, 0)).toBe(stream.drops);
    }
    for (const id of ['camera', 'mic']) expect(countsUp(index.packets(id).map(({ seq }) => seq))).toBe(true);
  });

  it('leaves no process running', () => place.allEnded());

  it('is inspected with the same figures', async () => {
    const inspected = await place.cli(['inspect', printed.session, '--json']).ended;
    expect(inspected.code).toBe(0);
    expect(inspected.json()).toEqual(printed);
    const words = await place.cli(['inspect', printed.session]).ended;
    expect(words.stdout).toContain(printed.session);
    for (const { id, count } of printed.streams)
      expect(words.stdout).toMatch(new RegExp(`^${id} .*\\b${count}\\b`, 'm'));
  });

  it('is verified, and verify changes nothing', async () => {
    const before = files(printed.session);
    const verified = await place.cli(['verify', printed.session, '--json']).ended;
    expect(verified.code, verified.stdout).toBe(0);
    expect(verified.json<object>()).toMatchObject({ session: printed.session, ok: true, sealed: true, findings: [] });
    expect(files(printed.session)).toEqual(before);
  });

  it.each(['media/camera/0001.mkv', 'media/mic/0001.mkv', 'session.sqlite'])(
    'one flipped bit in %s is found, and the finding names the file',
    async (file) => {
      const copy = join(place.folder, 'damaged');
      rmSync(copy, { recursive: true, force: true });
      cpSync(printed.session, copy, { recursive: true });
      flipBit(join(copy, file));
      const verified = await place.cli(['verify', copy, '--json']).ended;
      expect(verified.code).toBe(1);
      const { ok, findings } = verified.json<{ ok: boolean; findings: { where: string }[] }>();
      expect(ok).toBe(false);
      expect(findings.map(({ where }) => where).join('\n')).toContain(file);
    },
  );
});

describe('Ctrl-C', () => {
  it.each(['the command alone', 'the whole terminal'])(
    'to %s in mid-recording stops and seals the session and ends with 130',
    async (whom) => {
      await using place = new TestPlace();
      // `setsid` gives it its own process group, as a terminal does.
      const run = place.cli(recordArgs(place, await kitFile(place), '10m'), { through: ['setsid', '--wait'] });
      await untilRecording(place, run);
      const { pid } = place.process('cli');
      process.kill(whom === 'the command alone' ? pid : -pid, 'SIGINT');
      const end = await run.ended;
      expect(end.code, end.stderr).toBe(130);
      const printed = end.json();
      expect(printed.state).toBe('sealed');
      using index = new SessionIndex(printed.session);
      expect(index.lifecycle()).toEqual(['created', 'recording', 'sealing', 'sealed']);
      // Ctrl-C reaches only the command: no capturing process was cut off before its last packet.
      expect(index.gaps().filter(({ cause }) => cause !== 'frames-lost')).toEqual([]);
      expect(index.events().filter(({ code }) => code === 'publisher.lost')).toEqual([]);
      const verified = await place.cli(['verify', printed.session]).ended;
      expect(verified.code, verified.stdout).toBe(0);
      await place.allEnded();
    },
  );
});

describe('what cannot be recorded', () => {
  it('wrong usage exits with 2', async () => {
    await using place = new TestPlace();
    for (const args of [['record', '--json'], ['record', '--kit', 'x', '--for', '5 parsecs'], ['rekord']]) {
      const end = await place.cli(args).ended;
      expect([args, end.code]).toEqual([args, 2]);
      expect(end.stderr).toMatch(/^error: /);
    }
  });

  it('an invalid kit: each error has its position in the file, and nothing is started', async () => {
    await using place = new TestPlace();
    const kit = place.write('kit.json', {
      name: '',
      sources: [
        { id: 'Camera 1', kind: 'camera' },
        { id: 'mic', kind: 'microphone', settings: { channels: 7 } },
        { id: 'mic', kind: 'microphone', match: { vendorId: 'xyz' } },
        { id: 'odd', kind: 'telescope' },
        { id: 'light', kind: 'serial', driver: 'lines', lable: 'Light' },
      ],
    });
    const { code, message, data } = refused(await place.cli(recordArgs(place, kit, '2s')).ended);
    expect(code).toBe('kit.invalid');
    for (const path of [
      'name',
      'sources[0].id',
      'sources[1].settings.channels',
      'sources[2].match.vendorId',
      'sources[3].kind',
      'sources[4]',
    ]) {
      expect(
        data?.faults?.filter((fault) => fault.startsWith(`${path}: `)),
        path,
      ).toHaveLength(1);
      expect(message).toContain(`${path}: `);
    }
    expect(message).toContain('lable');
    expect(existsSync(place.dataFolder)).toBe(false);
  });

  it.each([
    ['does not exist', null, 'kit.unreadable'],
    ['is not valid JSON', '{ "name": "x", ', 'kit.not-json'],
    ['was made by a newer Fieldroom', '{ "version": 99, "name": "x", "sources": [] }', 'kit.newer'],
    ['is a folder', 'folder', 'kit.unreadable'],
  ])('a kit that %s', async (_what, text, expected) => {
    await using place = new TestPlace();
    const path = text === null || text === 'folder' ? join(place.folder, 'kit.json') : place.write('kit.json', text);
    if (text === 'folder') mkdirSync(path);
    const { code, message } = refused(await place.cli(recordArgs(place, path, '2s')).ended);
    expect(code).toBe(expected);
    expect(message).toContain(path);
    expect(existsSync(place.dataFolder)).toBe(false);
  });

  it('a session or an appliance that is not found', async () => {
    await using place = new TestPlace();
    mkdirSync(place.dataFolder);
    // For `verify` and `repair`, exit code 1 means findings.
    for (const [command, exitCode] of [
      ['inspect', 1],
      ['verify', 2],
      ['repair', 2],
    ] as const)
      expect(refused(await place.cli([command, place.dataFolder, '--json']).ended, exitCode).code).toBe(
        'store.no-session',
      );
    const token = await place.cli(['token', '--identity', 'p1', '--data', place.dataFolder, '--json']).ended;
    const { code, message } = refused(token);
    expect(code).toBe('door.unreachable');
    expect(message).toContain(place.dataFolder);
  });

  it('a data folder that is a file, or that is not writable', async () => {
    await using place = new TestPlace();
    const kit = await kitFile(place);
    const file = place.write('a-file', 'x');
    const readOnly = join(place.folder, 'read-only');
    using _mount = mounted(readOnly, 'ro,size=1m');
    for (const folder of [file, join(readOnly, 'data')]) {
      const end = await place.cli(['record', '--kit', kit, '--data', folder, '--for', '2s', '--json']).ended;
      const { code, message, nextStep } = refused(end);
      expect(code).toMatch(/^(app|data)\./);
      expect(message).toContain(folder);
      expect(nextStep).toBeTruthy();
    }
    await place.allEnded();
  });

  it('a data folder on a full disk', async () => {
    await using place = new TestPlace();
    const disk = join(place.folder, 'disk');
    using _mount = mounted(disk, 'size=8m');
    fill(join(disk, 'filler'));
    const kit = await kitFile(place);
    const folder = join(disk, 'data');
    const end = await place.cli(['record', '--kit', kit, '--data', folder, '--for', '2s', '--json']).ended;
    const { message } = refused(end);
    expect(message).toMatch(/full/);
    expect(message).toContain(folder);
    await place.allEnded();
  });
});

describe('what is recorded anyway', () => {
  it('the available sources, when a camera of the kit is missing: the missing camera is reported', async () => {
    await using place = new TestPlace();
    const kit = smallKit();
    const absent = { id: 'absent', kind: 'camera', label: 'Back', match: { label: 'No Such Camera' } };
    const path = await kitFile(place, kitSchema.parse({ ...kit, sources: [...kit.sources, absent] }));
    const end = await place.cli(recordArgs(place, path, '2s')).ended;
    expect(end.code, end.stderr).toBe(0);
    expect(end.stderr).toMatch(/^! absent: \S.*\.$/m);
    const printed = end.json();
    expect(printed.state).toBe('sealed');
    expect(printed.streams.map(({ id }) => id).sort()).toEqual(['camera', 'light', 'mic']);
    for (const stream of printed.streams) expect(stream.count).toBeGreaterThan(10);
    await place.allEnded();
  });

  it.each(['is not configured', 'is not at the configured path', 'is not executable'])(
    'every source, when livekit-server %s: only live tracks are missing, and that is reported',
    async (how) => {
      await using place = new TestPlace();
      const program = place.write('livekit-server', 'no program');
      chmodSync(program, 0o644);
      const path = { 'is not configured': undefined, 'is not at the configured path': '/nonexistent/livekit-server' }[
        how
      ];
      const env = { FIELDROOM_LIVEKIT_SERVER: how === 'is not executable' ? program : path };
      const end = await place.cli(recordArgs(place, await kitFile(place), '2s'), { env }).ended;
      expect(end.code, end.stderr).toBe(0);
      expect(end.stderr).toMatch(/^! .*livekit-server.*$/im);
      const printed = end.json();
      expect(printed.state).toBe('sealed');
      expect(printed.streams.map(({ id }) => id).sort()).toEqual(['camera', 'light', 'mic']);
      for (const stream of printed.streams) expect(stream.count).toBeGreaterThan(10);
      await place.allEnded();
    },
  );

  it('a session whose disk runs full: it is reported and stopped in time, and what was recorded is sealed whole', async () => {
    await using place = new TestPlace();
    const disk = join(place.folder, 'disk');
    using _mount = mounted(disk, 'size=320m');
    place.dataFolder = join(disk, 'data');
    const run = place.cli(recordArgs(place, await kitFile(place), '10m'));
    await untilRecording(place, run);
    fill(join(disk, 'filler'));
    const end = await run.ended;
    expect(end.code, end.stderr).toBe(1);
    expect(end.stderr).toContain('The disk is full: the session was stopped');
    expect(end.stderr).toContain('Free some space');
    const printed = end.json();
    expect(printed.state).toBe('sealed');
    using index = new SessionIndex(printed.session);
    expect(index.gaps().filter(({ cause }) => !['frames-lost', 'disk-full'].includes(cause))).toEqual([]);
    for (const id of ['camera', 'mic']) expect(countsUp(index.packets(id).map(({ seq }) => seq))).toBe(true);
    const verified = await place.cli(['verify', printed.session]).ended;
    expect(verified.code, verified.stdout).toBe(0);
  });
});

describe('a running appliance', () => {
  it('issues tokens that any client can join with, and refuses a second appliance on its folder', async () => {
    await using place = new TestPlace();
    const serve = place.cli(['serve', '--data', place.dataFolder, '--json']);
    const door = await place.door();
    await waitFor('the SFU runs', async () => (await door.call('state.get', {})).live.state === 'running', 30_000);

    const asked = await place.cli(['token', '--identity', 'p1', '--data', place.dataFolder, '--json']).ended;
    expect(asked.code, asked.stderr).toBe(0);
    const access = asked.json<{ url: string; token: string; room: string }>();
    expect(access.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    const client = await SignalClient.connect(access.url, access.token);
    expect(client.join.participant?.identity).toBe('p1');
    expect(client.join.room?.name).toBe(access.room);
    expect(client.join.participant?.permission).toMatchObject({ canPublish: false, canSubscribe: true });
    client.close();
    const publishing = await place.cli(['token', '--identity', 'p2', '--publish', '--data', place.dataFolder, '--json'])
      .ended;
    const publisher = await SignalClient.connect(access.url, publishing.json<{ token: string }>().token);
    expect(publisher.join.participant?.permission).toMatchObject({ canPublish: true });
    publisher.close();
    const odd = await place.cli(['token', '--identity', 'not a pseudonym', '--data', place.dataFolder, '--json']).ended;
    expect(refused(odd).message).toMatch(/pseudonym/);

    const second = await place.cli(['serve', '--data', place.dataFolder, '--json']).ended;
    expect(refused(second).code).toBe('data.in-use');
    expect((await door.call('state.get', {})).live.state).toBe('running');

    serve.child.kill('SIGTERM');
    expect((await serve.ended).code).toBe(0);
    await place.allEnded();
  });

  it('is not disturbed by a second recording on its folder, which is refused', async () => {
    await using place = new TestPlace();
    const kit = await kitFile(place);
    const first = place.cli(recordArgs(place, kit, '10m'));
    await untilRecording(place, first);
    const second = await place.cli(recordArgs(place, kit, '2s')).ended;
    const { code, message } = refused(second);
    expect(code).toBe('app.already-running');
    expect(message).toContain(place.dataFolder);
    expect((await (await place.door()).call('state.get', {})).session?.state).toBe('recording');
    first.child.kill('SIGTERM');
    const end = await first.ended;
    expect(end.json().state).toBe('sealed');
    await place.allEnded();
  });
});

/** Size and modification time of all files. */
function files(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return [name, `${size} ${mtimeMs}`];
    }),
  );
}

/** In the middle of the file: in a media file that is a frame or a packet. */
function flipBit(file: string): void {
  const at = Math.floor(statSync(file).size / 2);
  const handle = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(handle, byte, 0, 1, at);
  writeSync(handle, Buffer.from([(byte[0] as number) ^ 1]), 0, 1, at);
}

/** A separate disk in memory; needs root. */
function mounted(folder: string, options: string): Disposable {
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'fieldroom-test', folder]);
  // Lazy: a process that is ending may still have a file open there.
  return { [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', folder]) };
}

/** Writes until the disk is full. */
function fill(file: string): void {
  for (let size = 1024 * 1024; size >= 512; size = size > 4096 ? size / 4 : size / 2) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size, 1), { flag: 'a' });
    } catch {
      // A smaller piece may still fit.
    }
  }
}
