/**
 * Kills each process of the appliance: dependent processes end automatically, the others continue, and the session is
 * sealed whole.
 */
import { describe, expect, it } from 'vitest';
import type { Appliance } from '../../electron/cli/appliance.ts';
import type { ApplianceState, SessionState } from '../../electron/common/applianceState.ts';
import type { DoorClient } from '../../electron/common/doorClient.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { allStream, safe, smallKit, TestPlace, untilState } from '../fixtures/appliance.ts';
import type { OwnProcess, Role } from '../fixtures/processTree.ts';
import { countsUp, type GapRow, SessionIndex } from '../fixtures/sessionIndex.ts';
import { waitFor } from '../fixtures/wait.ts';

const PARTS: Role[] = ['main', 'capture', 'network', 'engine', 'device-host', 'guard', 'livekit'];
/** The camera's losses on a busy machine, which have nothing to do with the kills. */
const SHORT_OF_TIME = 'frames-lost';

interface Standing {
  place: TestPlace;
  appliance: Appliance;
  door: DoorClient;
  truth: () => readonly (readonly unknown[])[];
}

/** Starts the whole appliance with a small kit; resolves when every source is streaming and the SFU is running. */
async function standing(place: TestPlace): Promise<Standing> {
  const emulated = await place.emulate(smallKit());
  const appliance = await place.appliance();
  const { door } = appliance;
  await door.call('kit.load', { kit: emulated.kit, path: null });
  await untilState(door, 'every source delivers', (state) => allStream(state) && state.live.state === 'running');
  for (const part of PARTS) place.process(part);
  const truth = () => (emulated.emulators.get('light')?.truth ?? []).map(({ values }) => values);
  return { place, appliance, door, truth };
}

async function recording(place: TestPlace): Promise<Standing & { session: SessionState }> {
  const all = await standing(place);
  const session = await all.door.call('session.start', {});
  await untilState(all.door, 'every stream is safe on disk', safe(10));
  return { ...all, session };
}

function kill(place: TestPlace, part: Role): OwnProcess {
  const found = place.process(part);
  process.kill(found.pid, 'SIGKILL');
  return found;
}

const countsOf = ({ sources }: ApplianceState): Record<string, number> =>
  Object.fromEntries(sources.flatMap(({ streams }) => streams.map(({ id, count }) => [id, count])));

/** Waits until each of these streams has more data safe on disk than before, in the same session. */
async function goOn(door: DoorClient, session: SessionState, streams: string[], more = 30): Promise<void> {
  const before = countsOf(await untilState(door, 'the door answers', () => true));
  await untilState(door, `${streams.join(', ')} go on`, (state) => {
    const now = countsOf(state);
    return state.session?.id === session.id && streams.every((id) => (now[id] ?? 0) >= (before[id] ?? 0) + more);
  });
}

/** Stops and seals; the session must be whole except for recorded gaps. */
async function sealWhole(door: DoorClient, session: SessionState): Promise<SessionIndex> {
  expect((await door.call('session.stop', {})).id).toBe(session.id);
  const summary = await door.call('session.sealed', { id: session.id });
  expect(summary).toMatchObject({ id: session.id, folder: session.folder, state: 'sealed' });
  const verdict = await verifySession(session.folder);
  expect(verdict.findings).toEqual([]);
  return new SessionIndex(session.folder);
}

const causes = (gaps: GapRow[], stream: string): string[] =>
  gaps.filter((gap) => gap.stream === stream && gap.cause !== SHORT_OF_TIME).map(({ cause }) => cause);

/** A gap that begins and ends within the session. */
function expectPlaced(gaps: GapRow[], stream: string): void {
  for (const gap of gaps.filter((one) => one.stream === stream)) {
    expect(gap.from_session_ns, JSON.stringify(gap)).toBeGreaterThanOrEqual(0);
    expect(gap.to_session_ns, JSON.stringify(gap)).toBeGreaterThanOrEqual(
      gap.from_session_ns ?? Number.POSITIVE_INFINITY,
    );
  }
}

/** Every recorded sample was sent, once and in order; samples sent and missing are covered by a gap. */
function expectTrueSamples(index: SessionIndex, truth: readonly (readonly unknown[])[], gaps: number): void {
  const rows = index.values('light').map((values) => JSON.stringify(values));
  const sent = truth.map((values) => JSON.stringify(values));
  expect(rows.length).toBeGreaterThan(50);
  let at = sent.indexOf(rows[0] as string);
  expect(at).toBeGreaterThanOrEqual(0);
  let holes = 0;
  for (const row of rows.slice(1)) {
    const next = sent.indexOf(row, at + 1);
    if (next < 0) throw new Error(`recorded, but not sent after the one before: ${row}`);
    if (next > at + 1) holes += 1;
    at = next;
  }
  expect(holes).toBeLessThanOrEqual(gaps);
}

/** Each packet begins where the previous one ended, on the audio clock; the machine's losses are in gaps. */
function expectUnbrokenSound(index: SessionIndex, stream: string): void {
  const packets = index.packets(stream);
  const holes = packets.slice(1).filter((packet, i) => {
    const before = packets[i] as typeof packet;
    return Math.abs(packet.device_ns - before.device_ns - before.duration_ns) > 1e6;
  });
  const told = index.gaps().filter((gap) => gap.stream === stream);
  expect(holes.length, JSON.stringify({ holes, told })).toBeLessThanOrEqual(told.length);
}

/**
 * Another session whose engine is killed. A person says that the lesson was already over, undoes that, and says it again.
 */
async function endAtCrash(place: TestPlace, door: DoorClient, truth: Standing['truth']): Promise<void> {
  const session = await door.call('session.start', {});
  const before = countsOf(await untilState(door, 'every stream is safe on disk', safe(10)));
  kill(place, 'engine');
  const resumed = await untilState(door, 'it resumes after the crash', ({ afterCrash }) => afterCrash !== null);
  const sentByThen = truth().length;
  await goOn(door, session, ['camera', 'mic', 'light']);
  await door.call('session.afterCrash', { choice: 'end-there' });
  expect((await door.call('state.get', {})).afterCrash?.endsInMs).toBeGreaterThan(5000);
  await door.call('session.afterCrash', { choice: 'undo' });
  expect((await door.call('state.get', {})).afterCrash).toMatchObject({ mayEndThere: true, endsInMs: null });
  await door.call('session.afterCrash', { choice: 'end-there' });
  using index = await sealWhole(door, session);
  expect(index.lifecycle()).toEqual(['created', 'recording', 'sealing', 'sealed']);
  const sent = truth().map((values) => JSON.stringify(values));
  const kept = index.values('light').map((values) => JSON.stringify(values));
  expect(kept.length).toBeGreaterThanOrEqual(before.light ?? 0);
  expect(sent.lastIndexOf(kept.at(-1) as string)).toBeLessThan(sentByThen);
  const resumedNs = Number(resumed.session?.elapsedNs);
  for (const stream of ['camera', 'mic']) {
    const packets = index.packets(stream);
    expect(packets.length).toBeGreaterThanOrEqual(before[stream] ?? 0);
    expect(packets.at(-1)?.session_ns).toBeLessThan(resumedNs);
  }
}

describe('outside a recording', () => {
  it('nothing keeps running when main is killed', async () => {
    await using place = new TestPlace();
    await standing(place);
    kill(place, 'main');
    const beginMs = performance.now();
    await place.allEnded(10_000);
    console.info(`main killed: all ended after ${Math.round(performance.now() - beginMs)} ms`);
  });

  it('the whole appliance quits on request', async () => {
    await using place = new TestPlace();
    const { appliance } = await standing(place);
    await appliance.stop();
    await place.allEnded(5_000);
  });
});

describe('in a recording', () => {
  it('main is killed: the engine continues with the sensors and restarts main, and the session is sealed whole', async () => {
    await using place = new TestPlace();
    const { door, session, truth } = await recording(place);
    const engine = place.process('engine');
    const before = kill(place, 'main');
    await waitFor('another main', () =>
      place.processes().some(({ role, pid }) => role === 'main' && pid !== before.pid),
    );
    await goOn(door, session, ['camera', 'mic', 'light']);
    for (const part of PARTS) place.process(part);
    expect(place.process('engine').pid).toBe(engine.pid);
    using index = await sealWhole(door, session);
    expect(index.lifecycle()).toEqual(['created', 'recording', 'sealing', 'sealed']);
    for (const stream of ['camera', 'mic']) {
      expect(causes(index.gaps(), stream)).toEqual(['publisher-restarted']);
      expectPlaced(index.gaps(), stream);
    }
    expect(causes(index.gaps(), 'light')).toEqual([]);
    expectTrueSamples(index, truth(), 0);
    // The new app owns the engine permanently: it serves the next session, and ends with the app.
    const next = await door.call('session.start', {});
    await goOn(door, next, ['camera', 'mic', 'light'], 5);
    expect(place.process('engine').pid).toBe(engine.pid);
    await door.call('session.stop', {});
    kill(place, 'main');
    await place.allEnded();
  });

  it('the program that started a hidden app is killed: the session is stopped, sealed and kept, and nothing keeps running', async () => {
    await using place = new TestPlace();
    const emulated = await place.emulate(smallKit());
    const kit = place.write('kit.json', emulated.kit);
    const run = place.cli(['record', '--kit', kit, '--for', '10m', '--data', place.dataFolder]);
    const recording = (state: ApplianceState): boolean => state.session !== null && safe(10)(state);
    const { session } = await untilState(await place.door(), 'every stream is safe on disk', recording);
    run.child.kill('SIGKILL');
    await place.allEnded();
    expect(await verifySession(session?.folder ?? '')).toMatchObject({ findings: [], sealed: true });
  });

  it('the capture window is killed: it comes back, and the gap has its cause', async () => {
    await using place = new TestPlace();
    const { door, session, appliance, truth } = await recording(place);
    const before = kill(place, 'capture');
    await waitFor('another capture window', () =>
      place.processes().some(({ role, pid }) => role === 'capture' && pid !== before.pid),
    );
    await goOn(door, session, ['camera', 'mic', 'light']);
    using index = await sealWhole(door, session);
    for (const stream of ['camera', 'mic']) {
      expect(causes(index.gaps(), stream)).toEqual(['publisher-restarted']);
      expectPlaced(index.gaps(), stream);
    }
    expect(causes(index.gaps(), 'light')).toEqual([]);
    expectTrueSamples(index, truth(), 0);
    await appliance.stop();
    await place.allEnded();
  });

  it('the engine is killed: it is restarted and continues the same session, with every packet', async () => {
    await using place = new TestPlace();
    const { door, session, appliance, truth } = await recording(place);
    const before = place.processes();
    const engine = kill(place, 'engine');
    await waitFor('another engine', () =>
      place.processes().some(({ role, pid }) => role === 'engine' && pid !== engine.pid),
    );
    // The same address and secret: clients reconnect with what they have.
    await goOn(door, session, ['camera', 'mic', 'light']);
    await untilState(door, 'a notice is shown', ({ notices }) =>
      notices.some(({ code }) => code === 'session.resumed'),
    );
    const old = before.filter(({ role }) => ['guard', 'livekit'].includes(role)).map(({ pid }) => pid);
    await waitFor('the server of the killed one has ended', () =>
      place.processes().every(({ pid }) => !old.includes(pid)),
    );
    await untilState(door, 'the SFU is back', ({ live }) => live.state === 'running');
    // The device host kept unacknowledged data, so it is not restarted.
    const host = before.find(({ role }) => role === 'device-host');
    expect(place.process('device-host').pid).toBe(host?.pid);
    using index = await sealWhole(door, session);
    expect(index.lifecycle()).toEqual(['created', 'recording', 'recording', 'sealing', 'sealed']);
    expect(index.events().map(({ code }) => code)).toContain('engine.restarted');
    for (const stream of ['camera', 'mic']) {
      // The window kept unacknowledged data and sent it again.
      expect(causes(index.gaps(), stream)).toEqual([]);
      expect(countsUp(index.packets(stream).map(({ seq }) => seq))).toBe(true);
    }
    expectUnbrokenSound(index, 'mic');
    expect(causes(index.gaps(), 'light')).toEqual([]);
    expectTrueSamples(index, truth(), 0);
    const { sessions } = await door.call('sessions.list', {});
    expect(sessions.find(({ id }) => id === session.id)).toMatchObject({ state: 'sealed', interruptions: 1 });
    await untilState(door, 'the sensor is ready for the next session', allStream);
    expect(place.process('device-host').pid).not.toBe(host?.pid);
    await endAtCrash(place, door, truth);
    await appliance.stop();
    await place.allEnded();
  });

  it('the device host is killed: it is restarted, and the gap has its cause', async () => {
    await using place = new TestPlace();
    const { door, session, appliance, truth } = await recording(place);
    const before = kill(place, 'device-host');
    await waitFor('another device host', () =>
      place.processes().some(({ role, pid }) => role === 'device-host' && pid !== before.pid),
    );
    await goOn(door, session, ['camera', 'mic', 'light']);
    using index = await sealWhole(door, session);
    for (const stream of ['camera', 'mic']) expect(causes(index.gaps(), stream)).toEqual([]);
    // The port is reopened in the middle of a line.
    const told = causes(index.gaps(), 'light');
    expect(told.filter((cause) => cause !== 'partial-first-line')).toEqual(['publisher-restarted']);
    expectPlaced(index.gaps(), 'light');
    expectTrueSamples(index, truth(), 1);
    await appliance.stop();
    await place.allEnded();
  });
});
