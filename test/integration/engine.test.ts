/** The engine through its door, with a publisher that knows what it sent. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { WebSocket as WsClient } from 'ws';
import { parseKit } from '../../electron/common/kit.ts';
import { Tokens } from '../../electron/engine/door/tokens.ts';
import { sensorKit, type TestEngine, testEngine } from '../fixtures/engine.ts';
import { counterStream, sendCounter, testPublisher, untilConnected } from '../fixtures/publisher.ts';
import { waitFor } from '../fixtures/wait.ts';

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: { code?: string }) => error.code ?? String(error),
  );

/** A publisher with the counter stream, and a session that records it. */
async function startCounter(test: TestEngine) {
  await test.door.call('kit.load', { kit: sensorKit('counter'), path: null });
  const { publisher, now, sockets } = testPublisher(test.address('devices'));
  const stream = publisher.declare(counterStream());
  await untilConnected(publisher);
  const session = await test.door.call('session.start', {});
  await waitFor('the publisher records', () => publisher.session?.state === 'recording');
  return { publisher, now, sockets, stream, session };
}

/** Records samples 0 to `total` and seals. */
async function recordCounter(test: TestEngine, total: number): Promise<{ folder: string; id: string }> {
  const { publisher, now, stream, session } = await startCounter(test);
  sendCounter(stream, now, 0, total);
  await test.door.call('session.stop', {});
  await test.door.call('session.sealed', { id: session.id });
  publisher.close();
  return session;
}

function rowsOf(folder: string): { n: number; square: number; word: string }[] {
  const db = new Database(join(folder, 'session.sqlite'), { readonly: true });
  try {
    return db.prepare('SELECT n, square, word FROM samples_counter ORDER BY seq').all() as {
      n: number;
      square: number;
      word: string;
    }[];
  } finally {
    db.close();
  }
}

function expectWhole(folder: string, total: number): void {
  const rows = rowsOf(folder);
  expect(rows.length).toBe(total);
  for (const [i, row] of rows.entries()) expect(row).toEqual({ n: i, square: i * i, word: `w${i}` });
}

describe('a session through the door', () => {
  it('keeps every sample that was sent before Stop, and reports the right figures', async () => {
    await using test = await testEngine();
    const session = await recordCounter(test, 5000);
    expectWhole(session.folder, 5000);
    const summary = await test.door.call('session.sealed', { id: session.id });
    expect(summary.state).toBe('sealed');
    expect(summary.streams).toMatchObject([{ id: 'counter', kind: 'samples', count: 5000, gaps: 0, drops: 0 }]);
  });

  it('sends unacknowledged data again when the connection breaks, and keeps nothing twice', async () => {
    await using test = await testEngine();
    const { publisher, now, sockets, stream, session } = await startCounter(test);
    for (let part = 0; part < 20; part += 1) {
      sendCounter(stream, now, part * 100, part * 100 + 100);
      if (part % 3 === 1) sockets.at(-1)?.close();
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await waitFor('all is safe', () => publisher.bufferedBytes === 0);
    await test.door.call('session.stop', {});
    await test.door.call('session.sealed', { id: session.id });
    publisher.close();
    expectWhole(session.folder, 2000);
  });

  it('waits for a reconnecting publisher when Stop is pressed during a connection break', async () => {
    await using test = await testEngine();
    const { publisher, now, sockets, stream, session } = await startCounter(test);
    sendCounter(stream, now, 0, 1000);
    sockets[0]?.close();
    await waitFor(
      'the connection is broken',
      () => !publisher.connected && test.engine.recorder.connections.size === 0,
    );
    sendCounter(stream, now, 1000, 2000);
    await test.door.call('session.stop', {});
    await test.door.call('session.sealed', { id: session.id });
    publisher.close();
    expectWhole(session.folder, 2000);
  });

  it('records a pause as a gap with its cause, and none of its data', async () => {
    await using test = await testEngine();
    const { publisher, now, stream, session } = await startCounter(test);
    sendCounter(stream, now, 0, 100);
    await test.door.call('session.pause', {});
    await waitFor('the publisher pauses', () => publisher.session?.state === 'paused');
    expect(stream.samples(Float64Array.of(now()), null, [Float64Array.of(-1), Float64Array.of(-1), ['secret']])).toBe(
      false,
    );
    await test.door.call('session.resume', {});
    await waitFor('the publisher records again', () => publisher.session?.state === 'recording');
    sendCounter(stream, now, 100, 200);
    await test.door.call('session.stop', {});
    await test.door.call('session.sealed', { id: session.id });
    publisher.close();
    expectWhole(session.folder, 200);
    const db = new Database(join(session.folder, 'session.sqlite'), { readonly: true });
    expect(db.prepare("SELECT count(*) AS count FROM gap WHERE cause = 'paused' AND to_ns IS NOT NULL").get()).toEqual({
      count: 1,
    });
    db.close();
  });

  it('converts samples to session time although the publisher counts from another zero', async () => {
    await using test = await testEngine();
    await test.door.call('kit.load', { kit: sensorKit('counter'), path: null });
    const { publisher, now } = testPublisher(test.address('devices'), { skewNs: 7e15 });
    const stream = publisher.declare(counterStream());
    await untilConnected(publisher);
    await waitFor('the clock is known', async () => (await test.door.call('state.get', {})).clocks[0]?.offsetNs);
    const before = process.hrtime.bigint();
    const session = await test.door.call('session.start', {});
    await waitFor('the publisher records', () => publisher.session?.state === 'recording');
    const truth = Number(process.hrtime.bigint() - before);
    sendCounter(stream, now, 0, 1);
    await test.door.call('session.stop', {});
    const { streams } = await test.door.call('session.sealed', { id: session.id });
    publisher.close();
    // The session's zero is within the call that started it.
    expect(Number(streams[0]?.firstNs)).toBeGreaterThan(0);
    expect(Number(streams[0]?.firstNs)).toBeLessThan(truth + 5e6);
    expect(streams[0]?.uncertaintyNs).toBeLessThan(5e6);
  });
});

describe('the door', () => {
  it('rejects a wrong, an expired and a missing token, and what a role may not do, each with its code', async () => {
    await using test = await testEngine();
    const say = async (token: string, name = 'state.get'): Promise<string> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(`${test.engine.url}/v1/call/${name}`, { method: 'POST', headers, body: '{}' });
      return ((await answer.json()) as { error: { code: string } }).error.code;
    };
    const operator = (secret: string, expiresMs: number): string =>
      new Tokens(secret).issue({ role: 'operator', name: 'x', expiresMs });
    expect(await say('nonsense.x')).toBe('door.wrong-token');
    expect(await say(operator('another secret', Date.now() + 1e6))).toBe('door.wrong-token');
    expect(await say('')).toBe('door.no-token');
    expect(await say(test.engine.tokenFor('capture'), 'session.start')).toBe('door.not-allowed');
    const lock = JSON.parse(await readFile(join(test.dataFolder, '.fieldroom', 'engine.json'), 'utf8')) as {
      secret: string;
    };
    expect(await say(operator(lock.secret, Date.now() - 1))).toBe('door.expired-token');
  });

  it('answers a socket with a wrong token, host or origin with an HTTP status, and does not open it', async () => {
    await using test = await testEngine();
    const token = test.engine.tokenFor('devices');
    const status = async (headers: Record<string, string>, shown = token): Promise<string> => {
      const socket = new WsClient(
        `${test.engine.url.replace('http', 'ws')}/v1/ingest`,
        ['fieldroom', `token.${shown}`],
        {
          headers,
        },
      );
      return new Promise((resolve) => {
        socket.on('error', (error) => resolve(error.message));
        socket.on('open', () => {
          socket.close();
          resolve('open');
        });
      });
    };
    expect(await status({})).toBe('open');
    expect(await status({}, 'wrong')).toContain('401');
    expect(await status({}, test.engine.tokenFor('viewer'))).toContain('403');
    expect(await status({ host: 'evil.example' })).toContain('403');
    expect(await status({ origin: 'https://evil.example' })).toContain('403');
    expect(await status({ origin: 'app://fieldroom' })).toBe('open');
    const call = await fetch(`${test.engine.url}/v1/health`, { headers: { origin: 'https://evil.example' } });
    expect(call.status).toBe(403);
  });

  it.each([
    ['text that is not valid JSON', '{', 'ingest.malformed'],
    ['a message of no known type', '{"type":"format-disk"}', 'ingest.malformed'],
    ['data before hello', new Uint8Array(64), 'ingest.unknown-stream'],
  ])(
    'closes a publisher that sends %s, with one error, and loses nothing of the others',
    async (_what, message, expected) => {
      await using test = await testEngine();
      const { publisher, now, stream, session } = await startCounter(test);
      sendCounter(stream, now, 0, 500);
      const bad = new WebSocket(`${test.engine.url.replace('http', 'ws')}/v1/ingest`, [
        'fieldroom',
        `token.${test.engine.tokenFor('devices')}`,
      ]);
      const errors: string[] = [];
      bad.onmessage = (event) => errors.push(JSON.parse(String(event.data)).code);
      bad.onopen = () => bad.send(message);
      await new Promise((resolve) => {
        bad.onclose = resolve;
      });
      expect(errors).toEqual([expected]);
      sendCounter(stream, now, 500, 1000);
      await test.door.call('session.stop', {});
      await test.door.call('session.sealed', { id: session.id });
      publisher.close();
      expectWhole(session.folder, 1000);
    },
  );

  it('closes a connection that sends more than the limit, and stays open for the others', async () => {
    await using test = await testEngine();
    const bad = new WebSocket(`${test.engine.url.replace('http', 'ws')}/v1/ingest`, [
      'fieldroom',
      `token.${test.engine.tokenFor('devices')}`,
    ]);
    bad.onopen = () => bad.send(new Uint8Array(17 * 1024 * 1024));
    const closed = await new Promise<number>((resolve) => {
      bad.onclose = (event) => resolve(event.code);
      bad.onerror = () => undefined;
    });
    expect([1006, 1009]).toContain(closed);
    expect((await test.door.call('state.get', {})).session).toBeNull();
  });

  it('refuses a second engine on the same data folder, and names the first', async () => {
    await using test = await testEngine();
    const second = testEngine({ dataFolder: test.dataFolder });
    await expect(second).rejects.toMatchObject({ code: 'data.in-use', data: { pid: process.pid } });
  });

  it('reports a data folder that is a file, and a port that is taken', async () => {
    await using test = await testEngine();
    await expect(testEngine({ dataFolder: join(test.dataFolder, '.fieldroom', 'engine.json') })).rejects.toMatchObject({
      code: 'data.not-a-folder',
    });
    await expect(testEngine({ port: Number(new URL(test.engine.url).port) })).rejects.toMatchObject({
      code: 'door.port-taken',
    });
  });
});

describe('a kit in use', () => {
  it('saves in its file which of two identical devices a source means', async () => {
    await using test = await testEngine();
    const path = join(test.dataFolder, 'room.json');
    const kit = sensorKit('counter', 'other');
    expect(await code(test.door.call('kit.load', { kit, path }))).toBe('kit.not-granted');
    await test.door.call('kit.load', { kit, path, grant: test.engine.grantKitPath(path) });
    await test.door.call('source.choose', { source: 'counter', match: { serialNumber: 'A7' } });
    const kept = parseKit(await readFile(path, 'utf8'), path);
    expect(kept.sources.map(({ match }) => match)).toEqual([{ serialNumber: 'A7' }, {}]);
  });
});
