/** The machine sleeps, its wall clock is set, and its processes freeze, in mid-session. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ApplianceState } from '../../electron/common/applianceState.ts';
import { untilState } from '../fixtures/appliance.ts';
import { sensorKit, testEngine } from '../fixtures/engine.ts';
import { counterStream, sendCounter, testPublisher, untilConnected } from '../fixtures/publisher.ts';
import { SessionIndex } from '../fixtures/sessionIndex.ts';
import { waitFor } from '../fixtures/wait.ts';

describe('a session with clock disturbances', () => {
  it('keeps its time when the wall clock is set by an hour and back; the anchors record it', async () => {
    let wallShiftNs = 0n;
    let sleptS = 0;
    await using test = await testEngine({
      clock: {
        epoch: 'test/monotonic',
        now: () => process.hrtime.bigint(),
        wall: () => BigInt(Date.now()) * 1_000_000n + wallShiftNs,
      },
      sinceBootS: () => Number(process.hrtime.bigint()) / 1e9 + sleptS,
    });
    await test.door.call('kit.load', { kit: sensorKit('counter'), path: null });
    const { publisher, now } = testPublisher(test.address('devices'));
    const stream = publisher.declare(counterStream());
    await untilConnected(publisher);
    await waitFor('the clock is known', async () => (await test.door.call('state.get', {})).clocks[0]?.offsetNs);
    const session = await test.door.call('session.start', {});
    await waitFor('the publisher records', () => publisher.session?.state === 'recording');
    const startedNs = process.hrtime.bigint();
    const truthNs: bigint[] = [];
    const timer = setInterval(() => {
      truthNs.push(process.hrtime.bigint() - startedNs);
      sendCounter(stream, now, truthNs.length - 1, truthNs.length, 1);
    }, 20);
    await sleep(600);
    wallShiftNs = 3_600_000_000_000n;
    await sleep(600);
    wallShiftNs = -3_600_000_000_000n;
    await sleep(600);
    // The lid is closed for ten minutes: wall clock and boot time advance, the monotonic clock does not.
    sleptS = 600;
    wallShiftNs += 600_000_000_000n;
    await sleep(600);
    clearInterval(timer);
    await test.door.call('session.stop', {});
    await test.door.call('session.sealed', { id: session.id });
    publisher.close();

    using index = new SessionIndex(session.folder);
    const rows = index.all<{ n: number; session_ns: number }>('SELECT n, session_ns FROM timed_counter ORDER BY seq');
    expect(rows.length).toBe(truthNs.length);
    const shift = (rows[0]?.session_ns as number) - Number(truthNs[0]);
    for (const { n, session_ns } of rows) expect(Math.abs(session_ns - shift - Number(truthNs[n]))).toBeLessThan(15e6);
    const codes = index.events().map(({ code }) => code);
    expect(codes.filter((code) => code === 'clock.wall-stepped').length).toBe(2);
    expect(codes.filter((code) => code === 'machine.suspended').length).toBe(1);
    expect(index.gaps()).toMatchObject([{ stream: 'counter', cause: 'suspended' }]);
    expect(index.gaps()[0]?.detail).toContain('10:00.0');
    const labels = index.all<{ at_ns: number; wall_ns: number }>('SELECT at_ns, wall_ns FROM anchor ORDER BY at_ns');
    const hours = labels.map(
      ({ at_ns, wall_ns }) => Math.round((wall_ns - at_ns - (labels[0]?.wall_ns ?? 0)) / 360e9) / 10,
    );
    expect(new Set(hours)).toEqual(new Set([0, 1, -1, -0.8]));
  });
});

describe('a process that freezes', () => {
  it('records the start and end in every stream that it should have delivered', async () => {
    await using test = await testEngine({ deviceHost: true });
    await test.door.call('kit.load', {
      kit: {
        ...sensorKit('light'),
        sources: [{ id: 'light', kind: 'serial', driver: 'lines', match: { path: 'emulator:lines?rate=50' } }],
      },
      path: null,
    });
    await untilState(test.door, 'the sensor delivers', ({ sources }) => sources[0]?.state.state === 'streaming');
    const session = await test.door.call('session.start', {});
    await untilState(test.door, 'samples are safe', ({ sources }) => (sources[0]?.streams[0]?.count ?? 0) > 20);
    const pid = Number(readFileSync(join(test.dataFolder, '.fieldroom', 'device-host.pid'), 'utf8'));
    expect(pid).toBeGreaterThan(1);
    const fromNs = process.hrtime.bigint();
    process.kill(pid, 'SIGSTOP');
    const isSilent = ({ notices }: ApplianceState): boolean => notices.some(({ code }) => code === 'publisher.silent');
    await untilState(test.door, 'the silence is shown while it is frozen', isSilent);
    await sleep(Math.max(0, 3500 - Number(process.hrtime.bigint() - fromNs) / 1e6));
    process.kill(pid, 'SIGCONT');
    const stoodNs = Number(process.hrtime.bigint() - fromNs);
    await untilState(test.door, 'it answers again', (state) => !isSilent(state));
    await untilState(test.door, 'a gap is recorded', ({ sources }) => (sources[0]?.streams[0]?.gaps ?? 0) > 0);
    await test.door.call('session.stop', {});
    await test.door.call('session.sealed', { id: session.id });
    using index = new SessionIndex(session.folder);
    const gap = index.gaps().find(({ cause }) => cause === 'frozen');
    const lastsNs = (gap?.to_session_ns ?? 0) - (gap?.from_session_ns ?? 0);
    expect(lastsNs).toBeGreaterThan(stoodNs - 0.6e9);
    expect(lastsNs).toBeLessThan(stoodNs + 1.5e9);
    expect(index.events().map(({ code }) => code)).toContain('publisher.frozen');
  });
});
