import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineMessage, PublisherMessage } from '../ingest.ts';
import { streamSchema } from '../stream.ts';
import { decodePacket, unpack } from '../wire.ts';
import { Publisher, type Socket } from './publisher.ts';

/** Long enough for a parcel to be sent. */
const PARCEL_MS = 25;

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** The engine's side of the connection, controlled by the test. */
class Wire implements Socket {
  binaryType = '';
  readyState = 1;
  bufferedAmount = 0;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly texts: PublisherMessage[] = [];
  readonly packets: number[] = [];
  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (typeof data === 'string') this.texts.push(JSON.parse(data));
    else this.packets.push(...unpack(data).map((message) => decodePacket(message).seq));
  }
  close(): void {
    this.onclose?.();
  }
  say(message: EngineMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
    vi.advanceTimersByTime(PARCEL_MS);
  }
}

const camera = streamSchema.parse({
  kind: 'video',
  id: 'cam',
  source: 'cam',
  config: { codec: 'avc1', codedWidth: 2, codedHeight: 2 },
});
const recording = { id: 's1', state: 'recording' as const, pausedSources: [] };

function setUp(bufferLimitBytes = 1e6) {
  const wires: Wire[] = [];
  const leaving: (() => void)[] = [];
  let nowNs = 0;
  const publisher = new Publisher({
    connect: () => {
      const wire = new Wire();
      wires.push(wire);
      return wire as Socket;
    },
    epoch: 'epoch-01',
    now: () => (nowNs += 1000),
    clockResolutionNs: 1,
    bufferLimitBytes,
    onSessionChanging: () =>
      leaving.splice(0).forEach((work) => {
        work();
      }),
  });
  publisher.open();
  const stream = publisher.declare(camera);
  const send = (count: number): void => {
    for (let i = 0; i < count; i += 1)
      stream.packet({ publisherNs: 5, deviceNs: Number.NaN, durationNs: 1, key: true, data: new Uint8Array(100) });
    vi.advanceTimersByTime(PARCEL_MS);
  };
  const open = (session: typeof recording | null, nextSeq = 0): Wire => {
    const wire = wires.at(-1) as Wire;
    wire.onopen?.();
    wire.say({ type: 'welcome', session, sources: [], live: false });
    wire.say({ type: 'declared', handle: 0, nextSeq });
    return wire;
  };
  return { publisher, stream, wires, send, open, leaving };
}

describe('a publisher', () => {
  it('sends nothing while no session records', () => {
    const { send, open } = setUp();
    const wire = open(null);
    send(3);
    expect(wire.packets).toEqual([]);
  });

  it('numbers its data without holes and releases what is safe', () => {
    const { publisher, send, open } = setUp();
    const wire = open(recording);
    send(5);
    expect(wire.packets).toEqual([0, 1, 2, 3, 4]);
    wire.say({ type: 'ack', acks: [[0, 3]] });
    expect(publisher.bufferedBytes).toBe(140);
  });

  it('continues where an earlier process ended', () => {
    const { send, open } = setUp();
    const wire = open(recording, 700);
    send(2);
    expect(wire.packets).toEqual([700, 701]);
  });

  it('resends, in order, what the engine has not received after a disconnection', async () => {
    const { send, open, wires } = setUp();
    open(recording);
    send(4);
    wires[0]?.close();
    send(2);
    vi.advanceTimersByTime(80);
    expect(wires.length).toBe(2);
    const again = open(recording, 3);
    expect(again.packets).toEqual([3, 4, 5]);
  });

  it('keeps data captured between Record and the engine’s answer, and numbers it then', () => {
    const { send, wires } = setUp();
    const wire = wires[0] as Wire;
    wire.onopen?.();
    wire.say({ type: 'welcome', session: recording, sources: [], live: false });
    send(3);
    expect(wire.packets).toEqual([]);
    wire.say({ type: 'declared', handle: 0, nextSeq: 40 });
    expect(wire.packets).toEqual([40, 41, 42]);
  });

  it('drops the oldest when its buffer is full, and reports each loss as a gap once it can', async () => {
    const { send, open, wires, stream } = setUp(500);
    open(recording);
    wires[0]?.close();
    send(6);
    vi.advanceTimersByTime(80);
    const again = open(recording, 0);
    expect(stream.dropped).toBe(3);
    expect(again.packets).toEqual([3, 4, 5]);
    expect(again.texts.filter((message) => message.type === 'gap')).toMatchObject([
      { lost: 1 },
      { lost: 1 },
      { lost: 1 },
    ]);
  });

  it('reports a pause and its end as one gap', () => {
    const { open } = setUp();
    const wire = open(recording);
    wire.say({ type: 'session', session: { ...recording, pausedSources: ['cam'] } });
    wire.say({ type: 'session', session: recording });
    const gaps = wire.texts.filter((message) => message.type === 'gap');
    expect(gaps).toHaveLength(2);
    expect(gaps[0]).toMatchObject({ cause: 'paused', toNs: null });
    expect(gaps[1]).toMatchObject({ cause: 'paused', fromNs: gaps[0]?.fromNs });
    expect(gaps[1]?.toNs).toBeGreaterThan(gaps[0]?.fromNs ?? 0);
  });

  it('answers a probe with two timestamps of its own clock', () => {
    const { open } = setUp();
    const wire = open(null);
    wire.say({ type: 'probe', wave: 2, n: 5, t0: 77 });
    const reply = wire.texts.find((message) => message.type === 'probeReply');
    expect(reply).toMatchObject({ wave: 2, n: 5, t0: 77 });
    expect(reply?.type === 'probeReply' && reply.t2 >= reply.t1).toBe(true);
  });

  it('sends `drained` after everything else when the session ends', () => {
    const { send, open } = setUp();
    const wire = open(recording);
    send(1);
    wire.say({ type: 'session', session: { ...recording, state: 'sealing' as 'recording' } });
    expect(wire.texts.at(-1)).toEqual({ type: 'drained', session: 's1' });
    send(1);
    expect(wire.packets).toEqual([0]);
  });

  it('flushes collected data before it stops, and sends it before `drained`', () => {
    const { send, open, leaving } = setUp();
    const wire = open(recording);
    leaving.push(() => send(2));
    wire.say({ type: 'session', session: { ...recording, state: 'sealing' as 'recording' } });
    expect(wire.packets).toEqual([0, 1]);
    expect(wire.texts.at(-1)).toEqual({ type: 'drained', session: 's1' });
  });

  it('reports a gap again after a disconnection: the engine may have died before writing it', async () => {
    const { stream, open, wires } = setUp();
    open(recording);
    stream.gap(10, 20, 'frames-lost', 3);
    wires[0]?.close();
    vi.advanceTimersByTime(80);
    const again = open(recording, 0);
    expect(again.texts.filter((message) => message.type === 'gap')).toMatchObject([{ fromNs: 10, toNs: 20, lost: 3 }]);
  });
});
