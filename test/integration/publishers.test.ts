/** Publishers that claim foreign sources, send invalid numbers or crash: others are not affected. */
import { describe, expect, it } from 'vitest';
import { socketAddress } from '../../electron/common/doorClient.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { encodeSamples } from '../../electron/common/wire.ts';
import type { PublisherKindName } from '../../electron/engine/sources/publisherKinds.ts';
import { sensorKit, type TestEngine, testEngine } from '../fixtures/engine.ts';
import { counterStream, sendCounter, testPublisher, untilConnected } from '../fixtures/publisher.ts';
import { SessionIndex } from '../fixtures/sessionIndex.ts';
import { waitFor } from '../fixtures/wait.ts';

const MIXED = kitSchema.parse({
  name: 'Mixed',
  study: 'test',
  sources: [
    { id: 'counter', kind: 'serial', driver: 'lines' },
    { id: 'camera', kind: 'camera' },
  ],
});

/** Messages from the engine to a hand-written socket client. */
class Stranger {
  readonly heard: { type: string; code?: string; handle?: number; nextSeq?: number }[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<void>;

  constructor(test: TestEngine, kind: PublisherKindName) {
    const { url, protocols } = socketAddress(test.address(kind), '/v1/ingest');
    this.socket = new WebSocket(url, protocols);
    this.socket.onmessage = ({ data }) => {
      const message = JSON.parse(String(data));
      this.heard.push(message);
      if (message.type !== 'probe') return;
      const { wave, n, t0 } = message;
      this.say({ type: 'probeReply', wave, n, t0, t1: this.now(), t2: this.now() });
    };
    this.closed = new Promise((resolve) => {
      this.socket.onclose = () => resolve();
    });
  }

  readonly #zero = process.hrtime.bigint();
  readonly now = (): number => Number(process.hrtime.bigint() - this.#zero);

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  async hello(epoch: string, publisher?: string): Promise<void> {
    await new Promise((resolve) => {
      this.socket.onopen = resolve;
    });
    this.say({ type: 'hello', protocol: 1, epoch, clockResolutionNs: 1, ...(publisher ? { publisher } : {}) });
  }

  until(type: string): Promise<(typeof this.heard)[number]> {
    return waitFor(`"${type}" is heard`, () => this.heard.find((message) => message.type === type));
  }
}

async function recordedCounter(test: TestEngine, kit = MIXED) {
  await test.door.call('kit.load', { kit, path: null });
  const sender = testPublisher(test.address('devices'));
  const stream = sender.publisher.declare(counterStream());
  await untilConnected(sender.publisher);
  const session = await test.door.call('session.start', {});
  await waitFor('the publisher records', () => sender.publisher.session?.state === 'recording');
  return { ...sender, stream, session };
}

async function sealed(test: TestEngine, session: { id: string; folder: string }): Promise<SessionIndex> {
  await test.door.call('session.stop', {});
  await test.door.call('session.sealed', { id: session.id });
  return new SessionIndex(session.folder);
}

const numbers = (index: SessionIndex, table: string): number[] =>
  index.all<{ n: number }>(`SELECT n FROM ${table} ORDER BY seq`).map(({ n }) => n);
const upTo = (count: number, from = 0): number[] => Array.from({ length: count - from }, (_, i) => from + i);

describe('a publisher that claims what is not its own', () => {
  it('receives an error for that stream and source alone, and changes nothing that people see', async () => {
    await using test = await testEngine();
    const { publisher, now, stream, session } = await recordedCounter(test);
    sendCounter(stream, now, 0, 100);
    publisher.report({
      source: 'camera',
      state: 'streaming',
      message: '',
      nextStep: '',
      code: '',
      device: '',
      candidates: [],
    });
    const stolen = publisher.declare(counterStream('camera'));
    await waitFor('the claim is refused', () => stolen.isRefused);
    sendCounter(stolen, now, 0, 10);
    sendCounter(stream, now, 100, 200);
    await waitFor('its own samples are safe', () => stream.outbox.bytes === 0);
    const camera = (await test.door.call('state.get', {})).sources.find(({ id }) => id === 'camera');
    expect(camera).toMatchObject({ state: { state: 'searching', code: '' }, streams: [] });
    using index = await sealed(test, session);
    publisher.close();
    expect(numbers(index, 'samples_counter')).toEqual(upTo(200));
    expect(index.all('SELECT name FROM stream')).toEqual([{ name: 'counter' }]);
    expect(index.events().map(({ code }) => code)).toContain('ingest.not-owner');
  });

  it('cannot displace the process that publishes under its name, nor publish when that process leaves', async () => {
    await using test = await testEngine();
    const { publisher, now, sockets, stream, session } = await recordedCounter(test);
    sendCounter(stream, now, 0, 100);
    const second = new Stranger(test, 'devices');
    await second.hello('another-life');
    await second.closed;
    expect(second.heard.at(-1)).toMatchObject({ type: 'error', code: 'publisher.name-taken' });
    const renamed = new Stranger(test, 'capture');
    await renamed.hello('another-life', 'device-host');
    await renamed.closed;
    expect(renamed.heard).toMatchObject([{ type: 'error', code: 'publisher.wrong-name' }]);
    expect(sockets).toHaveLength(1);
    expect((await test.door.call('state.get', {})).sources[0]?.state.code).not.toBe('publisher.lost');
    sendCounter(stream, now, 100, 200);
    using index = await sealed(test, session);
    publisher.close();
    expect(numbers(index, 'samples_counter')).toEqual(upTo(200));
  });

  it('takes back its name at once when it is the same process, over a connection that still looks open', async () => {
    await using test = await testEngine();
    const first = new Stranger(test, 'devices');
    await first.hello('the-same-life');
    await first.until('welcome');
    const again = new Stranger(test, 'devices');
    await again.hello('the-same-life');
    await again.until('welcome');
    await first.closed;
    expect([...test.engine.recorder.connections].map(({ publisher }) => publisher)).toEqual(['device-host']);
  });
});

describe('invalid numbers', () => {
  it('do not make a valid sample a duplicate, and are not acknowledged', async () => {
    await using test = await testEngine();
    await test.door.call('kit.load', { kit: sensorKit('counter'), path: null });
    const hand = new Stranger(test, 'devices');
    await hand.hello('by-hand-01');
    await hand.until('welcome');
    const session = await test.door.call('session.start', {});
    hand.say({ type: 'declare', handle: 0, stream: counterStream() });
    await hand.until('declared');
    await waitFor('the clock is known', async () => (await test.door.call('state.get', {})).clocks[0]?.offsetNs);
    const send = (firstSeq: number, n: number, ns = hand.now()): void => {
      const columns = [Float64Array.of(n), Float64Array.of(n * n), ['w']];
      const publisherNs = Float64Array.of(ns);
      hand.socket.send(encodeSamples({ handle: 0, firstSeq, publisherNs, deviceTime: null, columns }));
    };
    send(0, 0);
    send(9_007_199_254_740_000, -1);
    send(1, -1, 9e15);
    send(4e9, -1);
    hand.say({ type: 'gap', handle: 0, fromNs: 9e15, toNs: 9e15 + 5, cause: 'x', lost: 9e15 });
    for (let n = 1; n < 100; n += 1) send(n, n);
    await waitFor('the last one is safe', () =>
      hand.heard.some((message) => JSON.stringify(message) === '{"type":"ack","acks":[[0,99]]}'),
    );
    const acks = hand.heard.filter(({ type }) => type === 'ack') as unknown as { acks: [number, number][] }[];
    expect(Math.max(...acks.flatMap((ack) => ack.acks.map(([, seq]) => seq)))).toBe(99);
    hand.say({ type: 'drained', session: session.id });
    using index = await sealed(test, session);
    expect(numbers(index, 'samples_counter')).toEqual(upTo(100));
    expect(index.gaps().filter(({ cause }) => cause === 'x')).toEqual([]);
    hand.socket.close();
  });
});

describe('a stream that changes or ends', () => {
  it('is recorded under another id, with its reason, when its columns change; no other stream loses a sample', async () => {
    await using test = await testEngine();
    const { publisher, now, sockets, stream, session } = await recordedCounter(test, sensorKit('counter', 'other'));
    const other = publisher.declare(counterStream('other'));
    sendCounter(stream, now, 0, 100);
    sendCounter(other, now, 0, 100);
    const narrow = counterStream();
    narrow.channels = narrow.channels.slice(0, 1);
    const changed = publisher.declare(narrow);
    for (let n = 0; n < 50; n += 1) changed.samples(Float64Array.of(now()), null, [Float64Array.of(n)]);
    sendCounter(other, now, 100, 200);
    const back = publisher.declare(counterStream());
    sendCounter(back, now, 100, 150);
    await waitFor('all is safe', () => publisher.bufferedBytes === 0);
    expect(sockets).toHaveLength(1);
    using index = await sealed(test, session);
    publisher.close();
    expect(numbers(index, 'samples_counter')).toEqual(upTo(150));
    expect(numbers(index, 'samples_counter_v2')).toEqual(upTo(50));
    expect(numbers(index, 'samples_other')).toEqual(upTo(200));
    expect(index.events().filter(({ code }) => code === 'stream.columns-changed')).toHaveLength(1);
  });

  it('is absent from later sessions when its source is removed from the kit', async () => {
    await using test = await testEngine();
    const { publisher, now, stream, session } = await recordedCounter(test, sensorKit('counter', 'other'));
    publisher.declare(counterStream('other'));
    sendCounter(stream, now, 0, 10);
    (await sealed(test, session))[Symbol.dispose]();
    publisher.withdraw('other');
    await test.door.call('kit.load', { kit: sensorKit('counter'), path: null });
    const next = await test.door.call('session.start', {});
    await waitFor('the publisher records', () => publisher.session?.id === next.id);
    sendCounter(stream, now, 0, 10);
    using index = await sealed(test, next);
    publisher.close();
    expect(index.all('SELECT name FROM stream')).toEqual([{ name: 'counter' }]);
    expect(index.events().map(({ code }) => code)).not.toContain('ingest.not-owner');
  });

  it('has a gap without an end when its publisher crashed before it had sent everything', async () => {
    await using test = await testEngine();
    const { publisher, now, stream, session } = await recordedCounter(test);
    sendCounter(stream, now, 0, 100);
    await waitFor('all is safe', () => publisher.bufferedBytes === 0);
    publisher.close();
    await waitFor('it is gone', () => test.engine.recorder.connections.size === 0);
    using index = await sealed(test, session);
    expect(index.gaps()).toMatchObject([{ stream: 'counter', cause: 'publisher-not-drained', to_session_ns: null }]);
  });
});

describe('a publisher that brings its own sources', () => {
  it('is shown beside the kit, recorded under its participant, and removed with its page', async () => {
    await using test = await testEngine();
    await test.door.call('kit.load', { kit: sensorKit('counter'), path: null });
    const token = test.engine.publisherToken('student', {
      name: 'student-p07',
      participant: 'P07',
      expiresMs: Date.now() + 60_000,
    });
    const { publisher, now } = testPublisher({ url: test.engine.url, token });
    const log = publisher.declare(counterStream('student-p07-log'));
    const foreign = publisher.declare(counterStream('counter'));
    await untilConnected(publisher);
    await waitFor('the foreign claim is refused', () => foreign.isRefused);
    const session = await test.door.call('session.start', {});
    await waitFor('the page records', () => publisher.session?.state === 'recording');
    sendCounter(log, now, 0, 100);
    await waitFor('all is safe', () => publisher.bufferedBytes === 0);
    const { sources } = await test.door.call('state.get', {});
    expect(sources.map(({ id, kind, participant }) => [id, kind, participant])).toEqual([
      ['counter', 'serial', 'P01'],
      ['student-p07-log', 'log', 'P07'],
    ]);
    using index = await sealed(test, session);
    expect(index.all("SELECT name, participant FROM stream WHERE name LIKE 'student%'")).toEqual([
      { name: 'student-p07-log', participant: 'P07' },
    ]);
    expect(numbers(index, 'samples_student_p07_log')).toEqual(upTo(100));
    publisher.close();
  });
});
