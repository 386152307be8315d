/**
 * A bad network between one publisher and the engine: delays, jitters, reorders and drops messages, seeded.
 * relay.entry.ts HOST DOOR-URL SEED
 * Prints {"port"}, and when standard input ends {"passed", "dropped", "overtaken"}.
 *
 * It works per message: clock probes and replies each take their own time, as datagrams would, and may be lost or
 * overtaken; every other message keeps its order and always arrives, as over TCP.
 */
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { WebSocket, WebSocketServer } from 'ws';
import { Random } from '../chaos/random.ts';

const [host = '127.0.0.1', door = '', seed = '1'] = process.argv.slice(2);
const random = new Random(Number(seed));

/** Minimum delay of each direction, milliseconds. Probes cannot detect the difference between the two. */
const LEAST_MS = { out: random.between(0.5, 3), back: random.between(0.5, 3) };
const JITTER_MS = 8;
const LOSS = 0.1;
/** Some replies are delayed beyond the engine's timeout (400 ms) and arrive among those of later probes. */
const HELD = 0.1;
const HELD_MS = [100, 900] as const;

const counts = { passed: 0, dropped: 0, overtaken: 0 };

const isProbe = (data: Buffer, isBinary: boolean): boolean =>
  !isBinary && /^\{"type":"probe(Reply)?"/.test(data.subarray(0, 32).toString());

/** Forwards the messages of one direction, each at its time. */
function way(leastMs: number, send: (data: Buffer, isBinary: boolean) => void) {
  let sent = 0;
  let newest = 0;
  let lastInOrderMs = 0;
  return (data: Buffer, isBinary: boolean): void => {
    const own = isProbe(data, isBinary);
    // Always draw the same number of random values, so that one message's fate does not affect the others.
    const [jitter, loss, held, holdMs] = [random.next(), random.next(), random.next(), random.between(...HELD_MS)];
    if (own && loss < LOSS) {
      counts.dropped += 1;
      return;
    }
    sent += 1;
    const number = sent;
    let atMs = performance.now() + leastMs + jitter * JITTER_MS + (own && held < HELD ? holdMs : 0);
    if (!own) {
      atMs = Math.max(atMs, lastInOrderMs);
      lastInOrderMs = atMs;
    }
    setTimeout(
      () => {
        counts.passed += 1;
        if (number < newest) counts.overtaken += 1;
        newest = Math.max(newest, number);
        send(data, isBinary);
      },
      Math.max(0, atMs - performance.now()),
    );
  };
}

const server = new WebSocketServer({ host, port: 0, handleProtocols: (offered) => [...offered][0] ?? false });
server.on('connection', (near, request) => {
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((word) => word.trim());
  const far = new WebSocket(`${door.replace(/^http/, 'ws')}${request.url}`, protocols);
  const waiting: [Buffer, boolean][] = [];
  const toEngine = way(
    LEAST_MS.back,
    (data, binary) => far.readyState === WebSocket.OPEN && far.send(data, { binary }),
  );
  const toPublisher = way(LEAST_MS.out, (data, binary) => near.send(data, { binary }));
  near.on('message', (data: Buffer, isBinary) =>
    far.readyState === WebSocket.OPEN ? toEngine(data, isBinary) : waiting.push([data, isBinary]),
  );
  far.on('open', () => {
    for (const message of waiting.splice(0)) toEngine(...message);
  });
  far.on('message', (data: Buffer, isBinary) => toPublisher(data, isBinary));
  far.on('error', () => near.terminate());
  near.on('error', () => far.terminate());
  far.on('close', () => near.close());
  near.on('close', () => far.close());
});
server.on('listening', () =>
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`),
);
process.stdin.resume().on('end', () => process.stdout.write(`${JSON.stringify(counts)}\n`, () => process.exit(0)));
