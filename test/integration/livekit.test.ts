import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { PublishDataTrackRequest, SignalRequest } from '@livekit/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LivekitStatus } from '../../electron/engine/livekit/livekitStatus.ts';
import { LivekitSupervisor, type LivekitSupervisorOptions } from '../../electron/engine/livekit/livekitSupervisor.ts';
import { socketsOf } from '../fixtures/processTree.ts';
import { isAlive, realServer, SignalClient, temporaryFolder, until } from './livekitHelp.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let supervisors: LivekitSupervisor[];
let clients: SignalClient[];

beforeEach(async () => {
  folder = await temporaryFolder();
  supervisors = [];
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.close();
  await Promise.all(supervisors.map((supervisor) => supervisor.stop()));
  await folder.remove();
});

function supervisor(options: Partial<LivekitSupervisorOptions> = {}): LivekitSupervisor {
  const made = new LivekitSupervisor({ serverPath: realServer(), logFolder: folder.path, ...options });
  supervisors.push(made);
  return made;
}

async function joinAs(url: string, token: string): Promise<SignalClient> {
  const client = await SignalClient.connect(url, token);
  clients.push(client);
  return client;
}

describe('a running server', () => {
  test('is healthy, reports its states in order and lets a client join without a STUN server on the internet', async () => {
    const states: LivekitStatus[] = [];
    const livekit = supervisor({ onState: (status) => states.push(status) });
    const room = await livekit.openRoom('session-1');
    await livekit.start();
    expect(states.map(({ state }) => state)).toEqual(['starting', 'running']);
    const { url } = livekit.access();
    expect(livekit.status).toMatchObject({ state: 'running', url, pid: expect.any(Number), code: '' });
    expect(await room.exists()).toBe(true);

    const client = await joinAs(
      url,
      await room.token({ identity: 'p1', publish: true, subscribe: true, ttlSeconds: 60 }),
    );
    expect(client.join.room?.name).toBe('session-1');
    expect(client.join.iceServers.flatMap(({ urls }) => urls)).toEqual(['stun:127.0.0.1:9']);
    expect(client.join.enabledPublishCodecs.map(({ mime }) => mime.toLowerCase())).not.toContain('audio/red');
    expect(client.join.enabledPublishCodecs.map(({ mime }) => mime.toLowerCase())).toContain('video/h264');
  });

  test('listens on loopback only while the LAN is off, with a participant connected too', async () => {
    const livekit = supervisor();
    const room = await livekit.openRoom('session-1');
    await livekit.start();
    const { ports, pid } = livekit.status;
    await joinAs(
      livekit.access().url,
      await room.token({ identity: 'p1', publish: true, subscribe: true, ttlSeconds: 60 }),
    );
    expect(openSockets(pid)).toEqual([
      { protocol: 'tcp', address: '127.0.0.1', port: ports?.signal, listens: true, pid },
      { protocol: 'udp', address: '127.0.0.1', port: ports?.udp, listens: false, pid },
    ]);
    expect(socketsOf(pid ?? 0).filter(({ address }) => address !== '127.0.0.1')).toEqual([]);
  });

  test('opens media, and nothing else, to the LAN on request, at the same address, and closes it again', async () => {
    const lanAddress = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
    if (lanAddress === undefined) throw new Error('this test needs a machine with one IPv4 address beyond loopback');
    const livekit = supervisor();
    const room = await livekit.openRoom('session-1');
    await livekit.start();
    const before = livekit.access().url;
    await livekit.setLan({ addresses: [lanAddress], tcp: true });
    expect(livekit.access().url).toBe(before);
    const { ports } = livekit.status;
    const open = openSockets(livekit.status.pid);
    expect(open.filter(({ port }) => port === ports?.signal).map(({ address }) => address)).toEqual(['127.0.0.1']);
    expect(
      open
        .filter(({ port }) => port === ports?.udp)
        .map(({ address }) => address)
        .sort(),
    ).toEqual(['127.0.0.1', lanAddress].sort());
    expect(open.filter(({ port }) => port === ports?.tcp)).toHaveLength(1);
    expect(open).toHaveLength(4);
    expect(await room.exists()).toBe(true);
    await livekit.setLan(false);
    expect(livekit.access().url).toBe(before);
    expect(openSockets(livekit.status.pid).map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  test('shows participants, attributes and data tracks; a token opens one room with its rights only', async () => {
    const livekit = supervisor();
    await livekit.start();
    const room = await livekit.openRoom('session-1');
    expect(await room.participants()).toEqual([]);
    const token = await room.token({
      identity: 'capture',
      name: 'Capture',
      publish: true,
      subscribe: false,
      ttlSeconds: 60,
      attributes: { 'cam-1': 'Front' },
      describeItself: true,
    });
    const client = await joinAs(livekit.access().url, token);
    client.send(
      new SignalRequest({
        message: {
          case: 'publishDataTrackRequest',
          value: new PublishDataTrackRequest({ pubHandle: 1, name: 'line-1' }),
        },
      }),
    );
    await until(
      'the data track is visible',
      async () => (await room.participants())[0]?.tracks.some(({ kind }) => kind === 'data') ?? false,
    );
    expect(await room.participants()).toEqual([
      {
        identity: 'capture',
        name: 'Capture',
        state: expect.stringMatching(/^join(ing|ed)$/),
        attributes: { 'cam-1': 'Front' },
        tracks: [
          {
            name: 'line-1',
            kind: 'data',
            sid: expect.stringMatching(/^DTR_/),
            muted: false,
            source: 'data',
            codec: '',
          },
        ],
      },
    ]);
    expect(client.join.participant?.permission).toMatchObject({
      canPublish: true,
      canSubscribe: false,
      canPublishData: true,
      canUpdateMetadata: true,
    });

    const watcher = await joinAs(
      livekit.access().url,
      await room.token({ identity: 'w', publish: false, subscribe: true, ttlSeconds: 60 }),
    );
    expect(watcher.join.participant?.permission).toMatchObject({
      canPublish: false,
      canSubscribe: true,
      canPublishData: false,
      canUpdateMetadata: false,
    });
    await expect(SignalClient.connect(livekit.access().url, `${token}x`)).rejects.toThrow('401');
  });

  test('has no secret in its log, its command line or on disk', async () => {
    const livekit = supervisor();
    const room = await livekit.openRoom('session-1');
    await livekit.start();
    const { apiSecret, url } = livekit.access();
    const token = await room.token({ identity: 'p1', publish: true, subscribe: true, ttlSeconds: 60 });
    (await joinAs(url, token)).close();
    const lines = readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? [commandLineOf(pid)] : []));
    expect(lines.filter((line) => line.includes(apiSecret) || line.includes(token))).toEqual([]);
    await livekit.stop();
    const files = readdirSync(folder.path);
    expect(files).toEqual(['livekit-server.log']);
    const log = readFileSync(join(folder.path, 'livekit-server.log'), 'utf8');
    expect(log).toContain('starting LiveKit server');
    expect(log).not.toContain(apiSecret);
    expect(log).not.toContain(token.split('.')[2]);
  });
});

describe('restart', () => {
  test('after kill -9 it runs again within 5 s at the same address, with the room, and old tokens still work', async () => {
    const states: string[] = [];
    const livekit = supervisor({ onState: ({ state }) => states.push(state) });
    const room = await livekit.openRoom('session-1');
    await livekit.start();
    const { url } = livekit.access();
    const token = await room.token({ identity: 'p1', publish: true, subscribe: true, ttlSeconds: 60 });
    const times: number[] = [];
    for (let kill = 1; kill <= 3; kill += 1) {
      const pid = livekit.status.pid ?? 0;
      const beginMs = performance.now();
      process.kill(pid, 'SIGKILL');
      await until('it runs again', () => livekit.status.restarts === kill && livekit.status.state === 'running', 5000);
      times.push(Math.round(performance.now() - beginMs));
      expect(livekit.status.pid).not.toBe(pid);
    }
    console.info(`kill -9 to running again: ${times.join(', ')} ms`);
    expect(livekit.access().url).toBe(url);
    expect(await room.exists()).toBe(true);
    expect((await joinAs(url, token)).join.room?.name).toBe('session-1');
    expect(states).toEqual([
      'starting',
      'running',
      'restarting',
      'running',
      'restarting',
      'running',
      'restarting',
      'running',
    ]);
  });

  test('a server that hangs is killed and restarted', async () => {
    const livekit = supervisor();
    await livekit.start();
    const pid = livekit.status.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    await until('it runs again', () => livekit.status.restarts === 1 && livekit.status.state === 'running', 20_000);
    expect(isAlive(pid)).toBe(false);
  }, 30_000);

  test('a guard that is killed leaves no server on the ports, and the server is restarted', async () => {
    const livekit = supervisor();
    await livekit.start();
    const pid = livekit.status.pid ?? 0;
    process.kill(parentOf(pid), 'SIGKILL');
    await until('it runs again', () => livekit.status.restarts === 1 && livekit.status.state === 'running');
    expect(isAlive(pid)).toBe(false);
  });

  test('two supervisors run side by side on different ports', async () => {
    const [one, two] = [supervisor(), supervisor({ logFolder: join(folder.path, 'two') })];
    await Promise.all([one.start(), two.start()]);
    expect(one.access().url).not.toBe(two.access().url);
    expect(one.access().apiSecret).not.toBe(two.access().apiSecret);
    expect(isAlive(one.status.pid ?? 0) && isAlive(two.status.pid ?? 0)).toBe(true);
  });
});

describe('stop', () => {
  test('leaves no process, even with a participant connected, and can be started again', async () => {
    const livekit = supervisor();
    const room = await livekit.openRoom('session-1');
    await livekit.start();
    const pid = livekit.status.pid ?? 0;
    const guard = parentOf(pid);
    const client = await joinAs(
      livekit.access().url,
      await room.token({ identity: 'p1', publish: true, subscribe: true, ttlSeconds: 60 }),
    );
    const beginMs = performance.now();
    await livekit.stop();
    console.info(`stop: ${Math.round(performance.now() - beginMs)} ms`);
    client.close();
    expect(isAlive(pid) || isAlive(guard)).toBe(false);
    expect(livekit.status).toMatchObject({ state: 'stopped', pid: null, url: null });
    await livekit.start();
    expect(livekit.status.state).toBe('running');
  });

  test('during the start cancels the start', async () => {
    const livekit = supervisor();
    const started = livekit.start().then(
      () => 'started',
      () => 'ended',
    );
    await new Promise((resolve) => setTimeout(resolve, 60));
    await livekit.stop();
    await started;
    expect(livekit.status.state).toBe('stopped');
  });
});

/** Sockets that others could reach: listening TCP and all UDP. */
function openSockets(pid: number | null): ReturnType<typeof socketsOf> {
  return socketsOf(pid ?? 0).filter(({ listens, protocol }) => listens || protocol.startsWith('udp'));
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
