/** The engine enforces a pause: whatever a publisher sends, nothing captured during the pause is stored or shown. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { socketAddress } from '../../electron/common/doorClient.ts';
import { encodeSamples } from '../../electron/common/wire.ts';
import { TestPlace, untilState } from '../fixtures/appliance.ts';
import { sensorKit, type TestEngine, testEngine } from '../fixtures/engine.ts';
import { counterStream, sendCounter, testPublisher, untilConnected } from '../fixtures/publisher.ts';
import { SessionIndex } from '../fixtures/sessionIndex.ts';
import { waitFor } from '../fixtures/wait.ts';

/** A publisher that sends regardless of pauses. */
async function stubborn(test: TestEngine) {
  await test.door.call('kit.load', { kit: sensorKit('counter'), path: null });
  const { publisher, now, sockets } = testPublisher(test.address('devices'));
  const stream = publisher.declare(counterStream());
  await untilConnected(publisher);
  await waitFor('the clock is known', async () => (await test.door.call('state.get', {})).clocks[0]?.offsetNs);
  const force = (firstSeq: number, numbers: number[], ns = () => now()): void => {
    const columns = [Float64Array.from(numbers), Float64Array.from(numbers), numbers.map((n) => `w${n}`)];
    const publisherNs = Float64Array.from(numbers, ns);
    sockets.at(-1)?.send(encodeSamples({ handle: 0, firstSeq, publisherNs, deviceTime: null, columns }));
  };
  return { publisher, now, stream, force };
}

const numbers = (folder: string): number[] => {
  using index = new SessionIndex(folder);
  return index.all<{ n: number }>('SELECT n FROM samples_counter ORDER BY seq').map(({ n }) => n);
};
const SETTLED_MS = 150;

describe('what is captured in a pause', () => {
  it.each([
    ['a source', (test: TestEngine, paused: boolean) => test.door.call('source.pause', { source: 'counter', paused })],
    [
      'the session',
      (test: TestEngine, paused: boolean) => test.door.call(paused ? 'session.pause' : 'session.resume', {}),
    ],
  ])('of %s is not stored, and what was captured before it is', async (_what, setPaused) => {
    await using test = await testEngine();
    const { publisher, now, stream, force } = await stubborn(test);
    const session = await test.door.call('session.start', {});
    await waitFor('the publisher records', () => publisher.session?.state === 'recording');
    sendCounter(stream, now, 0, 100);
    await waitFor('it is safe', () => publisher.bufferedBytes === 0);
    const beforeNs = now();
    await setPaused(test, true);
    await sleep(SETTLED_MS);
    // Captured before the pause and late; one batch across its beginning; and what was captured in it.
    const times = [beforeNs, beforeNs + 1, now(), now()];
    force(100, [100, 101, -1, -2], () => times.shift() ?? now());
    force(104, [-3, -4]);
    await sleep(SETTLED_MS);
    await setPaused(test, false);
    await waitFor('the publisher records', () => publisher.mayPublish('counter'));
    force(106, [106]);
    await waitFor(
      'the last one is safe',
      async () => (await test.door.call('state.get', {})).sources[0]?.streams[0]?.count === 103,
    );
    await test.door.call('session.stop', {});
    await test.door.call('session.sealed', { id: session.id });
    publisher.close();
    expect(numbers(session.folder)).toEqual([...Array.from({ length: 102 }, (_, i) => i), 106]);
  });

  it('is shown to nobody, in a session or outside', async () => {
    await using test = await testEngine();
    const { publisher, now } = await stubborn(test);
    const { url, protocols } = socketAddress(
      { url: test.engine.url, token: test.engine.tokenFor('viewer') },
      '/v1/events',
    );
    const shown: string[] = [];
    const viewer = new WebSocket(url, protocols);
    viewer.onmessage = ({ data }) => {
      const { type } = JSON.parse(String(data));
      if (type !== 'state' && type !== 'event') shown.push(type);
    };
    await new Promise((resolve) => {
      viewer.onopen = resolve;
    });
    viewer.send(JSON.stringify({ type: 'watch', previews: true, samples: true }));
    const show = async (): Promise<string[]> => {
      shown.length = 0;
      publisher.send({ type: 'level', source: 'counter', peak: 0.5 });
      publisher.send({ type: 'previewRows', stream: 'counter', rows: [[now(), 1, 1, 'w']] });
      await sleep(SETTLED_MS);
      return [...shown];
    };
    await waitFor('it is watched', async () => (await show()).length === 2);
    await test.door.call('source.pause', { source: 'counter', paused: true });
    await sleep(SETTLED_MS);
    expect(await show()).toEqual([]);
    await test.door.call('source.pause', { source: 'counter', paused: false });
    expect(await show()).toEqual(['level', 'samples']);
    await test.door.call('session.start', {});
    await test.door.call('session.pause', {});
    await sleep(SETTLED_MS);
    expect(await show()).toEqual([]);
    viewer.close();
    publisher.close();
  });
});

describe('a person’s pause', () => {
  it('is on disk before it is confirmed, and stays in force after the recorder was killed', async () => {
    await using place = new TestPlace();
    const kit = sensorKit('counter', 'other');
    let run = place.cli(['serve', '--data', place.dataFolder, '--json']);
    const door = await place.door();
    await door.call('kit.load', { kit, path: null });
    const session = await door.call('session.start', {});
    await door.call('source.pause', { source: 'counter', paused: true });
    const kept = JSON.parse(readFileSync(join(place.dataFolder, '.fieldroom', 'pauses.json'), 'utf8'));
    expect(Object.keys(kept.sources)).toEqual(['counter']);
    run.child.kill('SIGKILL');
    await run.ended;
    run = place.cli(['serve', '--data', place.dataFolder, '--json']);
    const again = await place.door();
    const state = await untilState(again, 'the session was taken up again', (now) => now.session?.id === session.id);
    expect(state.sources.map(({ id, paused }) => [id, paused])).toEqual([
      ['counter', true],
      ['other', false],
    ]);
    await again.call('session.stop', {});
    await again.call('appliance.shutdown', {});
    await run.ended;
    expect(existsSync(join(place.dataFolder, '.fieldroom', 'pauses.json'))).toBe(false);
  });

  it('outlives a pause for lack of disk space', async () => {
    await using test = await testEngine();
    await test.door.call('kit.load', { kit: sensorKit('counter'), path: null });
    const { recorder } = test.engine;
    recorder.pauseSource('counter', true);
    recorder.pauseSource('counter', true, 'disk-full');
    recorder.pauseSource('counter', false, 'disk-full');
    expect((await test.door.call('state.get', {})).sources[0]?.paused).toBe(true);
    recorder.pauseSource('counter', false);
    expect((await test.door.call('state.get', {})).sources[0]?.paused).toBe(false);
  });
});
