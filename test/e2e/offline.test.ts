/**
 * Everything works without a network, and with one the appliance sends nothing to it: the test counts packets, traces
 * system calls and lists sockets.
 */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { verifySession } from '../../electron/session/check/verify.ts';
import { ALL_LIVE, allStream, safe, smallKit, TestPlace, untilState } from '../fixtures/appliance.ts';
import { COUNTED_LAN, insideNetworkOf, LOOPBACK_ONLY, sentPackets } from '../fixtures/networks.ts';
import { readTrace, traced } from '../fixtures/networkTrace.ts';
import { nameQuestions, outward } from '../fixtures/outward.ts';
import { isLoopback, type OpenSocket, socketsOf } from '../fixtures/processTree.ts';
import { waitFor } from '../fixtures/wait.ts';

const DEMO_KIT = fileURLToPath(new URL('../../resources/kits/demo.json', import.meta.url));
const WATCH = fileURLToPath(new URL('../fixtures/watchLive.entry.ts', import.meta.url));

describe('with no network but loopback', () => {
  it('the demo records, seals and verifies everything, and every track is live in the room', async () => {
    await using place = new TestPlace();
    const demo = place.cli(['demo', '--for', '8s', '--data', place.dataFolder, '--json'], { through: LOOPBACK_ONLY });
    await waitFor('the demo runs', () => place.processes().some(({ role }) => role === 'main'), 30_000);
    expect(JSON.parse(insideNetworkOf(demo.pid, ['ip', '-json', 'link'])).map(nameOf)).toEqual(['lo']);
    const watching = promisify(execFile)('nsenter', [
      '--target',
      String(demo.pid),
      '--net',
      process.execPath,
      WATCH,
      place.dataFolder,
    ]);
    const end = await demo.ended;
    expect(end.code, end.stderr).toBe(0);
    const printed = end.json();
    expect(printed.verified).toBe(true);
    const { sources } = JSON.parse(readFileSync(DEMO_KIT, 'utf8')) as { sources: { id: string }[] };
    for (const { id } of sources) {
      const own = printed.streams.filter((stream) => stream.id === id || stream.id.startsWith(`${id}-`));
      expect(own.length, id).toBeGreaterThan(0);
      for (const { count } of own) expect(count, id).toBeGreaterThan(0);
    }
    for (const kind of ['video', 'audio'] as const) {
      const media = printed.streams.filter((stream) => stream.kind === kind);
      expect(media).toHaveLength(2);
      for (const { durationNs } of media) expect(Number(durationNs)).toBeGreaterThan(6e9);
    }
    const seen = (await watching).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { recording: boolean; tracks: string[] });
    const live = new Set(seen.filter(({ recording }) => recording).flatMap(({ tracks }) => tracks));
    for (const { id } of printed.streams) expect([...live]).toContain(id);
    await place.allEnded();
  });
});

const nameOf = ({ ifname }: { ifname: string }): string => ifname;

/** Local programs that the appliance talks to over unix sockets: the display, the sound server, the system bus. */
const LOCAL_SERVICES =
  /^(?:@?\/tmp\/\.X11-unix\/X\d+|.*\/SingletonSocket|\/(?:var\/)?run\/(?:user\/\d+\/)?(?:pulse\/native|dbus\/system_bus_socket|bus)|\/(?:run|tmp)\/.*pulse-?\w*\/native)$/;

describe('with a network that it is not allowed to use', () => {
  it('control: traffic would be counted and traced', async () => {
    await using place = new TestPlace();
    const trace = join(place.folder, 'trace');
    const script =
      'const s = require("dgram").createSocket("udp4"); s.send("x", 53, "8.8.8.8"); s.send("x", 5353, "224.0.0.251", () => s.close(() => setTimeout(() => {}, 3000)))';
    const [program = '', ...args] = [...COUNTED_LAN, ...traced(trace), process.execPath, '-e', script, place.folder];
    const child = spawn(program, args, { stdio: 'ignore' });
    const ended = new Promise((done) => child.once('close', done));
    await waitFor('what was sent is counted', () => {
      try {
        return sentPackets(child.pid ?? 0) >= 2;
      } catch {
        // It is still being set up.
        return false;
      }
    });
    await ended;
    const told = outward(readTrace(trace)).flatMap(({ addresses }) =>
      addresses.map(({ host, port }) => `${host}:${port}`),
    );
    expect(told).toEqual(expect.arrayContaining(['8.8.8.8:53', '224.0.0.251:5353']));
  });

  it('no packet leaves during a session, no name is looked up, and no network system call goes outward', async () => {
    await using place = new TestPlace();
    const kit = place.write('kit.json', (await place.emulate(smallKit({ live: 'on' }))).kit);
    const trace = join(place.folder, 'trace');
    const run = place.cli(['record', '--kit', kit, '--data', place.dataFolder, '--for', '10m', '--json'], {
      through: [...COUNTED_LAN, ...traced(trace)],
    });
    const watching = promisify(execFile)('nsenter', [
      '--target',
      String(run.pid),
      '--net',
      process.execPath,
      WATCH,
      place.dataFolder,
    ]);
    let said = '';
    watching.child.stdout?.on('data', (text: string) => {
      said += text;
    });
    const cut = run.ended.then(({ code, stderr }): never => {
      throw new Error(`record ended with ${code}:\n${stderr}`);
    });
    // Read while the network still exists: it ends with its last process.
    let sent = -1;
    const counting = setInterval(() => {
      try {
        sent = sentPackets(run.pid);
      } catch {
        // It is starting or has ended.
      }
    }, 250);
    // It is recording and every source is live: a session that uses every part.
    const live = (tracks: string[]): boolean => said.includes(JSON.stringify({ recording: true, tracks }));
    const all = (): boolean => live(ALL_LIVE);
    await Promise.race([waitFor('it records and every source is live', all, 120_000), cut]);
    cut.catch(() => undefined);
    process.kill(place.process('cli').pid, 'SIGINT');
    const end = await run.ended;
    clearInterval(counting);
    await watching;
    expect(end.code, end.stderr).toBe(130);
    expect((await verifySession(end.json().session)).findings).toEqual([]);
    expect(sent).toBe(0);

    const calls = readTrace(trace);
    expect(calls.length).toBeGreaterThan(500);
    expect(outward(calls).map(({ line }) => line)).toEqual([]);
    // No names are looked up, neither remotely nor with a local resolver.
    expect(nameQuestions(calls).map(({ line }) => line)).toEqual([]);
    const joins =
      /IP_ADD_MEMBERSHIP|IP_ADD_SOURCE_MEMBERSHIP|IPV6_ADD_MEMBERSHIP|IPV6_JOIN_GROUP|MCAST_JOIN|IP_MULTICAST_IF/;
    expect(calls.filter(({ call, line }) => call === 'setsockopt' && joins.test(line)).map(({ line }) => line)).toEqual(
      [],
    );
    const raw = calls.filter(({ call, line }) => call === 'socket' && /AF_PACKET|AF_INET6?, SOCK_RAW/.test(line));
    expect(raw.map(({ line }) => line)).toEqual([]);
    const local = calls.flatMap(({ call, addresses }) =>
      call === 'connect' ? addresses.filter(({ family }) => family === 'AF_UNIX').map(({ host }) => host) : [],
    );
    expect([...new Set(local)].filter((path) => !LOCAL_SERVICES.test(path))).toEqual([]);
    await place.allEnded();
  });

  it('listens on loopback only, except for the ports that the browser part opens for media', async () => {
    await using place = new TestPlace();
    const emulated = await place.emulate(smallKit({ live: 'on' }));
    const appliance = await place.appliance();
    const { door } = appliance;
    await door.call('kit.load', { kit: emulated.kit, path: null });
    await untilState(door, 'every source delivers', (state) => allStream(state) && state.live.state === 'running');
    await door.call('session.start', {});
    await untilState(
      door,
      'it records and is live',
      (state) => safe(20)(state) && (state.live.participants[0]?.tracks.length ?? 0) > 0,
    );
    const sockets = place.processes().flatMap(({ pid, role }) => socketsOf(pid).map((socket) => ({ role, ...socket })));
    const isTcp = ({ protocol }: OpenSocket): boolean => protocol.startsWith('tcp');
    const listening = sockets.filter((socket) => isTcp(socket) && socket.listens);
    // The door and the SFU's signalling.
    expect([...new Set(listening.map(({ role, address }) => `${role} ${address}`))].sort()).toEqual([
      'engine 127.0.0.1',
      'livekit 127.0.0.1',
    ]);
    expect(sockets.filter((socket) => isTcp(socket) && !isLoopback(socket.address))).toEqual([]);
    const udp = sockets.filter((socket) => !isTcp(socket));
    expect(udp.filter(({ role }) => role === 'livekit').map(({ address }) => address)).toEqual(['127.0.0.1']);
    // WebRTC in Chromium opens a port on each interface, and nothing we tried keeps it to loopback: the other three
    // policies of `setWebRTCIPHandlingPolicy` open one on all interfaces, and a page that may only relay over TCP opens
    // the same ones.
    const beyond = udp.filter(({ address }) => !isLoopback(address));
    expect(beyond.filter(({ role, address }) => role !== 'network' || ['0.0.0.0', '::'].includes(address))).toEqual([]);
    await door.call('session.stop', {});
    await appliance.stop();
    await place.allEnded();
  });
});
