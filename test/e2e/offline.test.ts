/**
 * The school has no internet, and what happens in the classroom stays there.
 *
 * Given a machine with nothing but loopback, or one whose every outgoing frame is counted, or one with a real interface,
 * when the appliance records, then it works, sends nothing, and opens nothing to others.
 */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { smallKit, TestPlace, untilState } from '../fixtures/appliance.ts';
import { countedNetwork, ONLY_LOOPBACK } from '../fixtures/namespace.ts';
import { socketsOf } from '../fixtures/processTree.ts';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

describe('without a network', () => {
  it('the demo records every source with only loopback up', async () => {
    await using place = new TestPlace();
    const end = await place.cli(['demo', '--for', '6s', '--json'], { through: ONLY_LOOPBACK }).ended;
    expect(end.code, end.stderr).toBe(0);
    const { streams, verified } = end.json();
    expect(verified).toBe(true);
    expect(streams.length).toBeGreaterThanOrEqual(10);
    for (const stream of streams) expect(stream.count, stream.id).toBeGreaterThan(0);
  });
});

describe('with a network that nobody allowed', () => {
  it('not one frame leaves the machine during a session: no name is looked up, nobody is called', async () => {
    using network = countedNetwork();
    await using place = new TestPlace();
    const end = await place.cli(['demo', '--for', '10s', '--json'], { through: network.through }).ended;
    expect(end.code, end.stderr).toBe(0);
    expect(network.framesOut()).toBe(0);
    // The count can fail: one question to a name server is seen.
    const [program = '', ...through] = network.through;
    const ask = "const s = require('node:dgram').createSocket('udp4'); s.send('?', 53, '192.0.2.53', () => s.close())";
    execFileSync(program, [...through, process.execPath, '-e', ask]);
    expect(network.framesOut()).toBeGreaterThan(0);
  });

  it('nothing of ours listens beyond loopback while the classroom network is off', async () => {
    await using place = new TestPlace();
    const { kit } = await place.emulate(smallKit());
    const { door, stop } = await place.appliance();
    await door.call('kit.load', { kit, path: null });
    await untilState(door, 'the capture window is live', ({ live }) =>
      live.participants.some(({ tracks }) => tracks.length >= 2),
    );
    const processes = place.processes();
    const open = processes.flatMap(({ pid, role }) => socketsOf(pid).map((socket) => ({ ...socket, role })));
    const listening = open.filter(({ protocol, listens }) => listens || protocol.startsWith('udp'));
    expect(listening.map(({ role }) => role)).toEqual(expect.arrayContaining(['engine', 'livekit']));
    // Chromium's network service binds the sockets of a peer connection to each of the machine's addresses. They answer
    // nobody but the SFU on loopback: a peer needs the credentials of that connection (RFC 8445).
    const ours = listening.filter(({ role, protocol }) => !(role === 'network' && protocol.startsWith('udp')));
    expect(ours.filter(({ address }) => !LOOPBACK.test(address))).toEqual([]);
    await stop();
  });
});
